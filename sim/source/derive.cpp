// What a change of a source table's row does to the tables that are derived from it, in the same transaction.
//
// A derived table and its mistaken versions, which pipelines make instead, are written side by side: where two of them
// have a row of one change, it is the same write.
#include "sim/kernel/assert.h"
#include "sim/source/source.h"

namespace rehearse {

void Source::fill_derived(TableId id) {
  Table& t = tables_[id];
  DerivedRows& derived = *t.schema.derived;
  const Table& from = tables_[derived.base];
  if (derived.kind == DerivedRows::Kind::changes || derived.kind == DerivedRows::Kind::snapshots) return;
  if (derived.kind == DerivedRows::Kind::groups) return fill_groups(id);
  if (t.rule.look_up && content_.captured())
    for (RowId other = 0; other < captured()->stream().tables[t.rule.look_up->in].slots(); ++other)
      t.references.name(content_.key_text(tables_[t.rule.look_up->in].schema, t.rule.look_up->in, other), other);
  for (RowId row = 0; row < from.rows.slots(); ++row) {
    if (!from.rows[row].live()) continue;
    const Write first = from.rows[row].write;
    if (t.rule.look_up && meant(id) == id)
      t.references.refer(row,
                         t.references.referred(content_, from.schema, derived.base, t.rule.look_up->by, 0, row, first));
    const RowId rows = t.rule.rows(content_, from.schema, derived.base, 0, row, first);
    if (rows == 0) continue;
    Write write = first;
    if (derived.kind == DerivedRows::Kind::joined) {  // a mistaken version, which comes behind, shares the right one's
      const Write known = tables_[meant(id)].rows.get(row * derived.per_row).write;
      write = known > 0 ? known : next_image(meant(id), image_of(meant(id), row, first, Op::insert));
    }
    for (RowId k = 0; k < rows; ++k) t.rows.put(row * derived.per_row + k, {write, t.live_marks[0], 0});
  }
}

void Source::derive(const Change& change) {
  const Table& t = tables_[change.table];
  for (const TableId id : t.derived_from_it) {
    if (meant(id) != id) continue;
    const DerivedRows::Kind kind = tables_[id].schema.derived->kind;
    if (kind == DerivedRows::Kind::changes) derive_change(id, change);
    else if (kind == DerivedRows::Kind::groups) derive_groups(id, change);
    else if (kind != DerivedRows::Kind::snapshots) derive_rows(id, change);
  }
  for (const TableId id : t.joined_to_it) follow_look_up(id, change);
}

void Source::derive_rows(TableId meant_id, const Change& change) {
  const Table& from = tables_[change.table];
  Table& right = tables_[meant_id];
  const DerivedRows& derived = *right.schema.derived;
  const RowId per_row = derived.per_row;
  const bool removed = change.op == Op::remove;
  if (right.rule.look_up)
    right.references.refer(
        change.row, removed ? DerivedImage::no_row
                            : right.references.referred(content_, from.schema, change.table, right.rule.look_up->by,
                                                        from.version, change.row, change.write));
  std::optional<Write> write;
  if (derived.kind == DerivedRows::Kind::chosen) write = change.write;
  struct Version {
    TableId id;
    RowId rows;
  };
  std::vector<Version> versions;
  for (const TableId id : from.derived_from_it)
    if (meant(id) == meant_id)
      versions.push_back({id, removed ? 0
                                      : tables_[id].rule.rows(content_, from.schema, change.table, from.version,
                                                              change.row, change.write)});
  for (RowId k = 0; k < per_row; ++k) {
    const RowId row = change.row * per_row + k;
    for (const Version& version : versions) {
      const bool was = tables_[version.id].rows.get(row).live(), is = k < version.rows;
      if (!was && !is) continue;
      if (!is && !removed && tables_[version.id].rule.forgets_leavers) continue;
      if (!write) write = next_image(meant_id, image_of(meant_id, change.row, change.write, change.op));
      write_derived(version.id, row, is ? was ? Op::update : Op::insert : Op::remove, *write, change);
    }
  }
}

// Each change is a row.
void Source::derive_change(TableId id, const Change& change) {
  const Write write = next_image(id, {.row = change.row, .write = change.write, .op = change.op});
  write_derived(id, write - 1, Op::insert, write, change);
}

// Every row that refers to the one that changed shows it as it is now.
void Source::follow_look_up(TableId meant_id, const Change& change) {
  const TableId from = base(meant_id);
  for (const RowId row : tables_[meant_id].references.to(change.row)) {
    std::optional<Write> write;
    for (const TableId id : tables_[from].derived_from_it) {
      if (meant(id) != meant_id || tables_[id].rule.freezes_look_ups) continue;
      const RowId per_row = tables_[id].schema.derived->per_row;
      for (RowId made = row * per_row; made < (row + 1) * per_row; ++made) {
        if (!tables_[id].rows.get(made).live()) continue;
        if (!write) write = next_image(meant_id, image_of(meant_id, row, tables_[from].rows[row].write, Op::update));
        Change look_up = change;
        look_up.partial = false;
        write_derived(id, made, Op::update, *write, look_up);
      }
    }
  }
}

DerivedImage Source::image_of(TableId meant_id, RowId row, Write write, Op op) const {
  const Table& t = tables_[meant_id];
  DerivedImage image{.row = row, .write = write, .op = op};
  image.before = t.rows.get(row * t.schema.derived->per_row).write;
  const RowId other = t.references.of(row);
  const Cell looked_up = other == DerivedImage::no_row ? Cell{} : tables_[t.rule.look_up->in].rows.get(other);
  if (!looked_up.live()) return image;
  image.other = other;
  image.other_write = looked_up.write;
  return image;
}

Write Source::next_image(TableId meant_id, const DerivedImage& image) {
  Log<DerivedImage, 12>& images = tables_[meant_id].schema.derived->images;
  images.append(image);
  REHEARSE_ASSERT(images.end() < ~Write{0}, "a derived table has fewer than 2^32 writes");
  return static_cast<Write>(images.end());
}

void Source::write_derived(TableId id, RowId row, Op op, Write write, const Change& change) {
  this->write(tables_[id], id, row, op, write, change.commit, change.commit, change.partial);
  ++derived_changes_;
}

}  // namespace rehearse
