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

class CorruptingTap : public Tap {
 public:
  CorruptingTap(Stream stream, Chance share, AlterationKind kind, std::vector<std::optional<ColumnId>> columns,
                CauseSet cause)
      : stream_(stream), share_(share), kind_(kind), columns_(std::move(columns)), cause_(cause) {}
  std::unique_ptr<Tap> clone() const override { return std::make_unique<CorruptingTap>(*this); }
  void decide(std::span<const TapRecord> records, std::span<Fate> fates, TapContext& context) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      const TapRecord& record = records[i];
      const std::uint64_t id = finalise(record.lsn) ^ (std::uint64_t{record.row} << 32 | record.write);
      if (record.op == Op::remove || fates[i].drop || !columns_[record.table] || !share_.hit(bits(stream_, id)))
        continue;
      const bool first =
          kind_ == AlterationKind::stale && context.source.write_before(record.table, record.row, record.write) == 0;
      if (first) continue;  // there is no former value
      fates[i].mark =
          context.marks.altered(fates[i].mark, {*columns_[record.table], kind_, cause_, former_write}, context.causes);
      ++hits_;
    }
  }
  std::uint64_t hits() const override { return hits_; }

 private:
  Stream stream_;
  Chance share_;
  AlterationKind kind_;
  std::vector<std::optional<ColumnId>> columns_;  // by table
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
    std::vector<std::optional<ColumnId>> columns;
    for (TableId table = 0; table < s.world.source.tables(); ++table) {
      columns.push_back(s.world.source.schema(table).column(column_));
      read_ |= columns.back() && a_dataset_reads(s.world, table, *columns.back());
    }
    taps_.insert(s.world, s.fault,
                 [&] { return std::make_unique<CorruptingTap>(stream_, share_, kind_, columns, s.cause); });
    return for_;
  }
  void end(const Strike& s) override { taps_.remove(s.world, s.fault); }
  std::uint64_t hits(const World& world, std::uint32_t fault) const override { return taps_.hits(world, fault); }
  bool mattered(const World& world, std::uint32_t fault) const override { return read_ && hits(world, fault) > 0; }

 private:
  PipelineTaps taps_;
  Stream stream_;
  Chance share_;
  AlterationKind kind_;
  std::string column_;
  Duration for_;
  bool read_ = false;  // the column, by some dataset
};

}  // namespace

std::unique_ptr<Fault> make_field_corruption(const google::protobuf::Message& parameters, std::uint64_t seed,
                                             const std::string& name) {
  return std::make_unique<FieldCorruption>(static_cast<const faults::FieldCorruption&>(parameters),
                                           stream(seed, "fault." + name));
}

}  // namespace rehearse
