// Derived columns and equality over captured values: a table of one row whose column holds one of a few texts.
#include <boost/test/unit_test.hpp>

#include "sim/rows/content.h"

namespace rehearse {
namespace {

// Write n of the row is text n; write 0 is NULL.
class Texts : public CapturedImages {
 public:
  explicit Texts(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  void value_ids(TableId, ColumnId, std::span<const RowCell> rows, std::uint32_t* out) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = rows[i].cell.write;
  }
  std::string text(std::uint32_t id) const override { return texts_[id]; }
  std::string key_text(TableId, RowId row) const override { return std::to_string(row); }
  Write write_before(TableId, RowId, Write write) const override { return write - 1; }

 private:
  std::vector<std::string> texts_;
};

class World {
 public:
  World(std::vector<std::string> texts, ValueType type) {
    texts.insert(texts.begin(), "");
    content = Content(1, 0, std::make_shared<Texts>(std::move(texts)));
    schema.columns.push_back({.name = "c", .type = "text", .value_type = type});
    schema.versions.push_back({{{0, "c", "text"}}, 0});
    live = marks.live(0);
  }
  void derive(ValueForm form, Derivation way) {
    Column column{.name = "d", .type = "", .value_type = form.type};
    column.derived = DerivedColumn{form, {way}, {"none"}};
    schema.columns.push_back(std::move(column));
  }
  std::string shown(ColumnId column, Write write) const {
    return content.text(schema, column, content.value(schema, 0, column, marks, {0, {write, live, 0}}));
  }
  bool same(ColumnId column, Write a, Write b) const {
    return content.equal(schema, 0, std::vector<ColumnId>{column}, marks, 0, {a, live, 0}, {b, live, 0});
  }
  Content content;
  TableSchema schema;
  MarkTable marks;
  CauseTable causes;
  Mark live = 0;
};

constexpr ValueForm whole{.fixed = true};

BOOST_AUTO_TEST_CASE(texts_are_cast_to_numbers_and_what_is_none_is_null) {
  World world({"12.50", "-3", "abc", "13.5"}, ValueType::decimal);
  world.derive(whole, {0, whole, Rounding::half_even, {}});
  BOOST_TEST(world.shown(1, 1) == "12");
  BOOST_TEST(world.shown(1, 2) == "-3");
  BOOST_TEST(world.shown(1, 3) == "NULL");
  BOOST_TEST(world.shown(1, 4) == "14");
}

BOOST_AUTO_TEST_CASE(times_are_cut_to_days_in_utc) {
  const ValueForm date{.type = ValueType::timestamp, .unit = 1'000'000, .date = true, .fixed = true};
  World world({"2026-03-02 23:30:00+00", "2026-03-03 00:30:00+02", "1969-12-31 12:00:00+00"}, ValueType::timestamp);
  world.derive(date, {0, date, {}, {}});
  BOOST_TEST(world.shown(1, 1) == "2026-03-02");
  BOOST_TEST(world.shown(1, 2) == "2026-03-02");
  BOOST_TEST(world.shown(1, 3) == "1969-12-31");
  BOOST_TEST(world.same(1, 1, 2));
  BOOST_TEST(!world.same(1, 1, 3));
}

BOOST_AUTO_TEST_CASE(a_default_stands_for_null_and_a_renamed_column_keeps_its_texts) {
  World world({"x"}, ValueType::text);
  world.derive({.type = ValueType::text}, {0, {}, {}, {Value::Kind::text, 0, -1}});
  BOOST_TEST(world.shown(1, 0) == "none");
  BOOST_TEST(world.shown(1, 1) == "x");
}

BOOST_AUTO_TEST_CASE(tolerance_is_exactly_as_wide_as_it_says) {
  World world({"10.00", "10.01", "10.010000001", "9.99", "NaN"}, ValueType::decimal);
  world.schema.columns[0].equality = {Equality::Kind::tolerance, 10'000'000};
  BOOST_TEST(world.same(0, 1, 2));
  BOOST_TEST(!world.same(0, 1, 3));
  BOOST_TEST(world.same(0, 1, 4));
  BOOST_TEST(!world.same(0, 2, 4));
  BOOST_TEST(!world.same(0, 1, 5));
  BOOST_TEST(world.same(0, 5, 5));
  BOOST_TEST(!world.same(0, 0, 1));
}

BOOST_AUTO_TEST_CASE(a_relative_tolerance_is_a_share_of_the_larger_number) {
  World world({"1000", "1001.001", "1001.002", "-1000", "0", "0.00", "999999999999999.5", "1000000000000000.5"},
              ValueType::decimal);
  world.schema.columns[0].equality = {Equality::Kind::relative, 1'000'000};  // 0.1 %
  BOOST_TEST(world.same(0, 1, 2));
  BOOST_TEST(world.same(0, 2, 1));
  BOOST_TEST(!world.same(0, 1, 3));
  BOOST_TEST(!world.same(0, 1, 4));
  BOOST_TEST(!world.same(0, 1, 5));
  BOOST_TEST(world.same(0, 5, 6));
  BOOST_TEST(world.same(0, 7, 8));
  BOOST_TEST(!world.same(0, 0, 5));
}

BOOST_AUTO_TEST_CASE(tolerance_of_times_is_a_duration) {
  World world({"2026-03-02 08:00:00+00", "2026-03-02 10:00:01+02", "2026-03-02 08:00:01.000001+00"},
              ValueType::timestamp);
  world.schema.columns[0].equality = {Equality::Kind::tolerance, 1'000'000'000};
  BOOST_TEST(world.same(0, 1, 2));
  BOOST_TEST(!world.same(0, 1, 3));
}

BOOST_AUTO_TEST_CASE(a_damaged_number_is_read_compared_and_cast_as_the_one_that_it_became) {
  World world({"111", "-112"}, ValueType::integer);
  world.derive({.type = ValueType::decimal, .unit = 100, .fixed = true}, {0, std::nullopt, Rounding::half_up, {}});
  const Mark garbled = world.marks.altered(world.live, {0, AlterationKind::garbled, 0}, world.causes);
  const auto value = [&](ColumnId column, Write write, Mark mark) {
    return world.content.value(world.schema, 0, column, world.marks, {0, {write, mark, 0}});
  };
  const Column& column = world.schema.columns[0];
  BOOST_TEST(world.content.text(world.schema, 0, value(0, 1, garbled)) == "-112");
  BOOST_TEST(world.content.number(column, value(0, 1, garbled)) == -112'000'000);
  BOOST_TEST(world.content.text(world.schema, 1, value(1, 1, garbled)) == "-112.00");
  BOOST_TEST(!world.content.same(column, value(0, 1, garbled), value(0, 1, world.live)));
  BOOST_TEST(world.content.same(column, value(0, 1, garbled), value(0, 2, world.live)));
}

BOOST_AUTO_TEST_CASE(normalised_texts_are_the_same_and_damaged_ones_are_not) {
  World world({"Paid ", "paid", "open"}, ValueType::text);
  BOOST_TEST(!world.same(0, 1, 2));
  world.schema.columns[0].equality = {Equality::Kind::normalised, 0};
  BOOST_TEST(world.same(0, 1, 2));
  BOOST_TEST(!world.same(0, 1, 3));
  const Mark cut = world.marks.altered(world.live, {.kind = AlterationKind::truncated}, world.causes);
  BOOST_TEST(
      !world.content.equal(world.schema, 0, std::vector<ColumnId>{0}, world.marks, 0, {1, world.live, 0}, {2, cut, 0}));
}

}  // namespace
}  // namespace rehearse
