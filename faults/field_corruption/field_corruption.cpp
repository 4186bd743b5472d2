// A column of some records is written wrong without any error: a bad cast, a wrong character set, a time zone mix-up.
//
// It alters the record between connector and topic, or between a batch job's extract and load. Left out: corruption of
// keys, and of more than one column at once.
#include "faults/field_corruption/field_corruption.h"

#include "faults/field_corruption/field_corruption.pb.h"

namespace rehearse {

const std::string_view field_corruption_causes = "mismatches in one column";
const std::string_view field_corruption_text =
    "While it lasts, one column of a share of the rows written is wrong: lost, cut short, left at its former value, "
    "off "
    "by a constant, or nonsense. Row counts do not change; nothing fails.";

namespace {

AlterationKind kind_of(faults::FieldCorruption::How how) {
  switch (how) {
    case faults::FieldCorruption::TRUNCATE:
      return AlterationKind::truncated;
    case faults::FieldCorruption::STALE:
      return AlterationKind::stale;
    case faults::FieldCorruption::SHIFT:
      return AlterationKind::shifted;
    case faults::FieldCorruption::GARBLE:
      return AlterationKind::garbled;
    default:
      return AlterationKind::null;
  }
}

struct TableColumn {
  std::optional<ColumnId> id;  // none: the table has no column of the name
  bool read = false;           // by some dataset
};

class CorruptingTap : public Tap {
 public:
  CorruptingTap(Stream stream, Chance share, AlterationKind kind, std::vector<TableColumn> columns, CauseSet cause)
      : stream_(stream), share_(share), kind_(kind), columns_(std::move(columns)), cause_(cause) {}
  std::unique_ptr<Tap> clone() const override { return std::make_unique<CorruptingTap>(*this); }
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const TapRecord& record = records[i];
      const std::uint64_t id = finalise(record.lsn) ^ (std::uint64_t{record.row} << 32 | record.write);
      const TableColumn& column = columns_[record.table];
      if (record.op == Op::remove || fates[i].drop || !column.id || !share_.hit(bits(stream_, id))) continue;
      const bool first =
          kind_ == AlterationKind::stale && context.source.write_before(record.table, record.row, record.write) == 0;
      if (first) continue;  // there is no former value
      fates[i].mark = context.marks.altered(fates[i].mark, {*column.id, kind_, cause_, former_write}, context.causes);
      hits_ += column.read;
    }
  }
  std::uint64_t hits() const override { return hits_; }

 private:
  Stream stream_;
  Chance share_;
  AlterationKind kind_;
  std::vector<TableColumn> columns_;  // by table
  CauseSet cause_;
  std::uint64_t hits_ = 0;
};

class FieldCorruption : public CopiedFault<FieldCorruption> {
 public:
  FieldCorruption(const faults::FieldCorruption& p, Stream stream)
      : taps_(p.pipeline()),
        stream_(stream),
        share_(chance(static_cast<std::uint64_t>(p.share_ppb()), 1'000'000'000)),
        kind_(kind_of(p.how())),
        column_(p.column()),
        for_{p.for_ns()} {}

  std::optional<Duration> strike(const Strike& s) override {
    taps_.insert(s, [&] { return std::make_unique<CorruptingTap>(stream_, share_, kind_, columns(s.world), s.cause); });
    return for_;
  }
  void end(const Strike& s) override { taps_.remove(s); }
  std::uint64_t hits(const World& world, std::uint32_t fault, std::uint64_t strike) const override {
    return taps_.hits(world, fault, strike);
  }

 private:
  std::vector<TableColumn> columns(const World& world) const {
    std::vector<TableColumn> columns;
    for (TableId table = 0; table < world.source.tables(); ++table) {
      const std::optional<ColumnId> id = world.source.schema(table).column(column_);
      columns.push_back({id, id && a_dataset_reads(world, table, *id)});
    }
    return columns;
  }
  PipelineTaps taps_;
  Stream stream_;
  Chance share_;
  AlterationKind kind_;
  std::string column_;
  Duration for_;
};

}  // namespace

std::unique_ptr<Fault> make_field_corruption(const google::protobuf::Message& parameters, std::uint64_t seed,
                                             const std::string& name) {
  return std::make_unique<FieldCorruption>(static_cast<const faults::FieldCorruption&>(parameters),
                                           stream(seed, "fault." + name));
}

}  // namespace rehearse
