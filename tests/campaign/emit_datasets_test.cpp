// Emission where datasets have rows of their own: the source's tables and stream are as they would be without such
// datasets, and what each dataset should end with is what its rule, written apart here, makes of the emitted files.
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include "harness/campaign/emit_connector.h"
#include "harness/campaign/run.h"
#include "sim/capture/change_event.h"
#include "sim/capture/witness.h"
#include "tests/campaign/emitted.h"

namespace rehearse {
namespace {

const std::string head = R"yaml(
format: 1
name: emitted
start: 2026-03-02T00:00:00Z
duration: 30m
source:
  tables:
    customers:
      rows: 40
      columns:
        id: {type: bigint, key: true}
        segment: {type: text, distinct: 4, nullable: true, nulls: 20%}
        name: {type: "varchar(30)"}
      workload: {peak_rate: 0.3/s, mix: {insert: 20%, update: 60%, delete: 20%}, reinserts: 50%}
    orders:
      rows: 200
      columns:
        id: {type: bigint, key: true}
        status: {type: "varchar(12)", distinct: 5, nullable: true, nulls: 15%}
        amount: {type: "decimal(12,2)"}
        weight: {type: "decimal(10,4)", distinct: 5k}
        note: {type: text, distinct: 4, nullable: true, nulls: 30%}
        line_count: {type: integer, distinct: 7, nullable: true}
        customer_id: {type: bigint, distinct: 60, nullable: true}
        created_at: {type: timestamptz, role: created_at}
        updated_at: {type: timestamptz, role: updated_at}
      workload:
        peak_rate: 1/s
        mix: {insert: 20%, update: 60%, delete: 20%}
        transactions: geometric(mean=3)
        reinserts: 40%
)yaml";
const std::string rest_of_stream = R"yaml(
      into: copy
      freshness: 60s
      connector: {poll_every: 500ms, flush_offsets_every: 60s}
      topic: {partitions: 3}
)yaml";

const std::string plain = R"yaml(
datasets: {o: {of: orders}, c: {of: customers}}
pipelines:
  cdc:
    stream:
      produces: [o, c]
)yaml" + rest_of_stream;

const std::string with_rules = R"yaml(
datasets:
  chosen: {of: orders, where: {status: [status_0, status_1], amount: {at_least: 1000, below: 9000.50}, note: {present: true}}}
  lines:
    of: orders
    each: {count: line_count, up_to: 4, numbered: line_no}
    columns: {order_id: id, line_no: , total: {from: amount, cast: bigint}, kind: {from: status, default: none}, changed: updated_at}
  joined:
    of: orders
    where: {amount: {below: 8000}}
    look_up: {in: customers, by: customer_id, columns: {segment: , customer: name}}
  history: {of: orders, kind: change_log}
  then: {of: orders, kind: snapshot, where: {note: {present: true}}, snapshot: {every: 10m, named: at}}
  totals:
    of: orders
    kind: aggregate
    where: {amount: {below: 9000}}
    aggregate: {by: status, window: {of: created_at, every: 10m, named: slot}, measures: {orders: , revenue: amount, mass: weight}}
pipelines:
  cdc:
    stream:
      produces: [chosen, lines, joined, history, then, totals]
)yaml" + rest_of_stream;

const std::string mistakes =
    "      rows: {chosen: {leavers: kept}, lines: {up_to: 1}, joined: {look_ups: frozen}, totals: {retractions: "
    "forgotten}}\n";

// ---- the emitted files, read apart ----------------------------------------------------------------------------------

using Text = std::optional<std::string>;
using Row = std::map<std::string, Text>;

std::vector<Text> fields(std::istream& in) {
  std::vector<Text> line(1);
  bool quoted = false;
  for (int c = in.get(); c != EOF; c = in.get()) {
    Text& field = line.back();
    if (quoted && c == '"' && in.peek() != '"') quoted = false;
    else if (quoted) field->push_back(static_cast<char>(c == '"' ? in.get() : c));
    else if (c == '"') quoted = true, field = "";
    else if (c == ',') line.emplace_back();
    else if (c == '\n') return line;
    else field = field.value_or("") + static_cast<char>(c);
  }
  return {};
}

std::vector<Row> csv(const Folder& folder, const std::string& name) {
  std::ifstream in(folder.path() / name);
  BOOST_REQUIRE_MESSAGE(in, name);
  const std::vector<Text> names = fields(in);
  std::vector<Row> rows;
  for (std::vector<Text> line = fields(in); !line.empty(); line = fields(in)) {
    BOOST_REQUIRE(line.size() == names.size());
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) row[*names[i]] = line[i];
  }
  return rows;
}

std::string shown(const Row& row) {
  std::string text;
  for (const auto& [name, value] : row) text += name + "=" + value.value_or("NULL") + " ";
  return text;
}

void same_rows(const std::vector<Row>& expected, const std::vector<Row>& made, const std::string& what,
               std::size_t at_least = 50) {
  BOOST_TEST(expected.size() >= at_least, what);
  std::multiset<std::string> a, b;
  for (const Row& row : expected) a.insert(shown(row));
  for (const Row& row : made) b.insert(shown(row));
  for (const std::string& row : a)
    if (!b.contains(row)) BOOST_TEST(false, what + ": expected, and not made of the tables: " + row);
  for (const std::string& row : b)
    if (!a.contains(row)) BOOST_TEST(false, what + ": made of the tables, and not expected: " + row);
  BOOST_TEST(a.size() == b.size(), what);
}

// "12.3456" in units of its last place.
std::int64_t units(const Text& text) {
  std::string digits = text.value();
  std::erase(digits, '.');
  return std::stoll(digits);
}
std::string with_places(std::int64_t number, int places) {
  std::string digits = std::to_string(number);
  if (digits.size() <= static_cast<std::size_t>(places)) digits.insert(0, places + 1 - digits.size(), '0');
  return digits.insert(digits.size() - places, ".");
}

// ---- the rules, written apart ---------------------------------------------------------------------------------------

std::vector<Row> chosen(const std::vector<Row>& orders) {
  std::vector<Row> rows;
  for (const Row& o : orders)
    if ((o.at("status") == "status_0" || o.at("status") == "status_1") && units(o.at("amount")) >= 100'000 &&
        units(o.at("amount")) < 900'050 && o.at("note"))
      rows.push_back(o);
  return rows;
}

std::vector<Row> lines(const std::vector<Row>& orders) {
  std::vector<Row> rows;
  for (const Row& o : orders)
    for (int line = 1; o.at("line_count") && line <= std::min(std::stoi(*o.at("line_count")), 4); ++line)
      rows.push_back({{"order_id", o.at("id")},
                      {"line_no", std::to_string(line)},
                      {"total", std::to_string((units(o.at("amount")) + 50) / 100)},
                      {"kind", o.at("status").value_or("none")},
                      {"changed", o.at("updated_at")}});
  return rows;
}

std::vector<Row> joined(const std::vector<Row>& orders, const std::vector<Row>& customers) {
  std::map<std::string, Row> by_id;
  for (const Row& c : customers) by_id[*c.at("id")] = c;
  std::vector<Row> rows;
  for (Row o : orders) {
    if (units(o.at("amount")) >= 800'000) continue;
    const auto found = o.at("customer_id") ? by_id.find(*o.at("customer_id")) : by_id.end();
    o["segment"] = found == by_id.end() ? Text() : found->second.at("segment");
    o["customer"] = found == by_id.end() ? Text() : found->second.at("name");
    rows.push_back(std::move(o));
  }
  return rows;
}

std::vector<Row> totals(const std::vector<Row>& orders) {
  struct Sums {
    std::int64_t rows = 0, revenue = 0, mass = 0;
  };
  std::map<std::pair<Text, Text>, Sums> groups;
  for (const Row& o : orders) {
    if (units(o.at("amount")) >= 900'000) continue;
    Sums& sums = groups[{o.at("status"), o.at("created_at")->substr(0, 15) + "0:00+00"}];
    ++sums.rows;
    sums.revenue += units(o.at("amount"));
    sums.mass += units(o.at("weight"));
  }
  std::vector<Row> rows;
  for (const auto& [key, sums] : groups)
    rows.push_back({{"status", key.first},
                    {"slot", key.second},
                    {"orders", std::to_string(sums.rows)},
                    {"revenue", with_places(sums.revenue, 2)},
                    {"mass", with_places(sums.mass / 100, 2)}});
  return rows;
}

std::vector<Row> changes(const Folder& folder, const std::vector<Row>& orders) {
  ChangeReader reader((folder.path() / "stream.cdc.jsonl").string());
  std::vector<Row> rows;
  while (const ChangeEvent* event = reader.next()) {
    const bool removed = event->kind == EventKind::remove;
    if (event->table != "orders" || (!removed && event->kind != EventKind::insert && event->kind != EventKind::update))
      continue;
    Row row;
    for (const auto& [name, value] : orders.front()) row[name] = std::nullopt;
    for (const EventColumn& column : removed ? event->old_columns : event->columns)
      if (!column.is_null && (!removed || column.name == "id"))
        row[std::string(column.name)] = std::string(column.text);
    row["position"] = std::to_string(rows.size() + 1);
    row["operation"] = removed ? "delete" : event->kind == EventKind::insert ? "insert" : "update";
    rows.push_back(std::move(row));
  }
  return rows;
}

// The rows with a note, as they were ten, twenty and thirty minutes in.
std::vector<Row> snapshots(const Folder& folder) {
  std::map<std::string, Row> orders;
  for (Row& row : csv(folder, "initial.orders.csv")) orders.emplace(*row.at("id"), std::move(row));
  std::vector<Row> rows;
  const auto cut = [&](int minutes) {
    for (auto [id, row] : orders) {
      if (!row.at("note")) continue;
      row["at"] = "2026-03-02 00:" + std::to_string(minutes) + ":00+00";
      rows.push_back(std::move(row));
    }
  };
  int next = 10;
  ChangeReader reader((folder.path() / "stream.cdc.jsonl").string());
  while (const ChangeEvent* event = reader.next()) {
    const std::int64_t start = 1'772'409'600'000'000'000;  // 2026-03-02T00:00:00Z
    if (event->kind == EventKind::begin)
      for (; event->time_unix_ns - start > next * minute.ns; next += 10) cut(next);
    if (event->table != "orders") continue;
    if (event->kind == EventKind::remove)
      for (const EventColumn& column : event->old_columns)
        if (column.name == "id") orders.erase(std::string(column.text));
    if (event->kind != EventKind::insert && event->kind != EventKind::update) continue;
    Row row;
    for (const EventColumn& column : event->columns)
      row[std::string(column.name)] = column.is_null ? Text() : Text(std::string(column.text));
    orders[*row.at("id")] = row;
  }
  for (; next <= 30; next += 10) cut(next);
  return rows;
}

std::string stream_file(EmitFormat format) {
  return std::string("stream.cdc.") + (format == EmitFormat::sql ? "sql" : "jsonl");
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_datasets_should_end_with_is_what_their_rules_make_of_the_emitted_files) {
  for (const std::string& rules : {std::string(), mistakes}) {
    const Folder folder;
    emitted(folder, head + with_rules + rules, EmitFormat::wal2json2);
    const std::vector<Row> orders = csv(folder, "final.orders.csv");
    same_rows(csv(folder, "expected.chosen.csv"), chosen(orders), "chosen", 10);
    same_rows(csv(folder, "expected.lines.csv"), lines(orders), "lines");
    same_rows(csv(folder, "expected.joined.csv"), joined(orders, csv(folder, "final.customers.csv")), "joined");
    same_rows(csv(folder, "expected.totals.csv"), totals(orders), "totals");
    same_rows(csv(folder, "expected.then.csv"), snapshots(folder), "then", 200);
    same_rows(csv(folder, "expected.history.csv"), changes(folder, orders), "history", 1'000);
  }
}

BOOST_AUTO_TEST_CASE(rules_of_datasets_and_mistakes_of_pipelines_change_nothing_of_what_the_source_emits) {
  for (const EmitFormatName& format : emit_formats()) {
    const Folder without, with, mistaken;
    emitted(without, head + plain, format.format);
    emitted(with, head + with_rules, format.format);
    emitted(mistaken, head + with_rules + mistakes, format.format);
    for (const std::string& name :
         {std::string("schema.sql"), std::string("capture.yaml"), std::string("initial.orders.csv"),
          std::string("initial.customers.csv"), std::string("final.orders.csv"), std::string("final.customers.csv"),
          stream_file(format.format)}) {
      BOOST_TEST(without.text(name).size() > 50U);
      BOOST_TEST((without.text(name) == with.text(name)), format.name + (" " + name));
      BOOST_TEST((without.text(name) == mistaken.text(name)), format.name + (" " + name));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_stream_behind_datasets_with_rules_replays_to_the_final_tables_in_every_format) {
  for (const EmitFormatName& format : emit_formats()) {
    if (format.format == EmitFormat::sql) continue;
    const Folder folder;
    emitted(folder, head + with_rules, format.format);
    CaptureOptions options;
    options.stream_path = (folder.path() / stream_file(format.format)).string();
    for (const char* table : {"orders", "customers"}) {
      options.keys.push_back({"public", table, {"id"}});
      const std::string initial = (folder.path() / ("initial." + std::string(table) + ".csv")).string();
      options.initial.push_back({"public", table, initial, {"id"}});
    }
    const auto capture = load_capture(options);
    BOOST_REQUIRE_MESSAGE(capture, capture.error.text());
    BOOST_TEST(capture.value->evidence.empty());
    for (const char* table : {"orders", "customers"}) {
      const auto witness = read_csv_table(
          {"public", table, (folder.path() / ("final." + std::string(table) + ".csv")).string(), {"id"}});
      BOOST_REQUIRE_MESSAGE(witness, witness.error.text());
      const auto compared = compare_with_witness(*capture.value, final_state(*capture.value), *witness.value);
      BOOST_REQUIRE_MESSAGE(compared, compared.error.text());
      BOOST_TEST(compared.value->equal(), format.name + (" " + std::string(table)));
      BOOST_TEST(compared.value->rows_equal > 20U);
    }
  }
}

// ---- faults ---------------------------------------------------------------------------------------------------------

namespace {

constexpr const char* const struck_by[] = {
    "connector_restart: {pipeline: cdc, at: 5m30s, down_for: 1m}",
    "connector_restart: {pipeline: cdc, every: 4m10s, down_for: 0s}",
    "duplicate_delivery: {pipeline: cdc, at: 5m, for: 10m, share: 20%, delay: 3s}",
    "out_of_order_deletes: {pipeline: cdc, at: 5m, for: 10m, share: 50%, delay: 2m}",
    "field_corruption: {pipeline: cdc, at: 5m, for: 10m, share: 50%, column: status, how: truncate}",
    "field_corruption: {pipeline: cdc, at: 5m, for: 10m, share: 50%, column: amount, how: stale}",
    "schema_drift: {table: orders, at: 5m, change: {rename: {from: note, to: remark}}}",
    "burst: {table: orders, at: 5m, for: 2m, factor: 20}"};

std::string struck(const std::string& fault) { return "world: {faults: [" + fault + "]}\n"; }

// Compares the two topics as long as both keep their records.
class Beside final : public RunWatcher {
 public:
  explicit Beside(const World& world) : connector_(world, 0) {}
  void before(World&) override {}
  void after(World& world) override {
    connector_.follow(world);
    const Topic &is = connector_.topic(), &should_be = world.streams[0].topic;
    for (std::uint32_t p = 0; p < is.partitions.size(); ++p) {
      const TopicLog &a = is.partitions[p].records, &b = should_be.partitions[p].records;
      BOOST_REQUIRE(a.end() == b.end());
      for (next_.resize(is.partitions.size()); next_[p] < a.end(); ++next_[p], ++compared) {
        BOOST_REQUIRE(a[next_[p]].packed == b[next_[p]].packed);
        BOOST_REQUIRE(a[next_[p]].append == b[next_[p]].append);
      }
      connector_.forget_before(p, next_[p]);
    }
  }
  std::uint64_t compared = 0;

 private:
  TablesConnector connector_;
  std::vector<std::uint64_t> next_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(where_every_dataset_is_a_table_the_connector_of_tables_appends_what_the_worlds_appends) {
  for (const char* fault : struck_by) {
    BOOST_TEST_CONTEXT(fault) {
      const Loaded loaded = from_text(head + plain + struck(fault));
      Run run(assemble(loaded.scenario, loaded.inputs), {});
      Beside beside(run.world);
      run.until(
          Time{loaded.scenario.proto.duration_ns()}, [] { return false; }, &beside);
      BOOST_TEST(beside.compared > 1'000U);
    }
  }
}

BOOST_AUTO_TEST_CASE(faults_strike_the_records_of_tables_and_leave_what_datasets_should_end_with) {
  const auto rows = [](const Folder& folder) {
    std::vector<std::string> lines;
    std::istringstream in(folder.text("stream.cdc.jsonl"));
    for (std::string line; std::getline(in, line);)
      if (line.find("\"columns\":") != std::string::npos || line.find(R"("action":"D")") != std::string::npos)
        lines.push_back(line);
    return lines;
  };
  const Folder calm;
  emitted(calm, head + with_rules, EmitFormat::wal2json2);
  const std::vector<std::string> right = rows(calm);
  const std::set<std::string> all(right.begin(), right.end());
  for (const std::string fault : struck_by) {
    BOOST_TEST_CONTEXT(fault) {
      const Folder folder;
      emitted(folder, head + with_rules + struck(fault), EmitFormat::wal2json2);
      const std::vector<std::string> told = rows(folder);
      if (fault.starts_with("burst") || fault.starts_with("schema_drift")) {
        BOOST_TEST((fault.starts_with("burst") ? told.size() > right.size() + 500 : told.size() == right.size()));
        continue;
      }
      BOOST_TEST((told != right));
      const bool again = fault.starts_with("duplicate") || fault.starts_with("connector");
      BOOST_TEST((again ? told.size() > right.size() + 20 : told.size() == right.size()));
      const bool altered = fault.starts_with("field");
      const auto others =
          std::count_if(told.begin(), told.end(), [&](const auto& line) { return !all.contains(line); });
      BOOST_TEST((altered ? others > 100 : others == 0));
      for (const char* name : {"chosen", "lines", "joined", "history", "totals"}) {
        const std::string file = std::string("expected.") + name + ".csv";
        BOOST_TEST((folder.text(file) == calm.text(file)), name);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_slow_connector_of_tables_finds_the_log_when_it_comes_to_it) {
  std::string slow = head + with_rules;
  const auto replace = [&](const std::string& what, const std::string& by) {
    slow.replace(slow.find(what), what.size(), by);
  };
  replace("peak_rate: 1/s", "peak_rate: 300/s");
  replace("flush_offsets_every: 60s", "flush_offsets_every: 60s, rate: 150/s");
  replace("[chosen, lines, joined, history, then, totals]", "[chosen]");
  replace("duration: 30m", "duration: 15m");
  const Folder folder;
  emitted(folder, slow, EmitFormat::wal2json2);
  const std::vector<Row> orders = csv(folder, "final.orders.csv");
  same_rows(csv(folder, "expected.history.csv"), changes(folder, orders), "history", 200'000);
}

// ---- what cannot be told --------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(what_the_files_could_not_tell_is_refused_with_the_reason) {
  const auto refusal = [](const std::string& from, const std::string& to, const std::string& more = "") {
    std::string text = head + with_rules + more;
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    return refuse_to_emit(from_text(text).scenario).value_or("");
  };
  const auto says = [&](const std::string& told, const std::string& words) {
    BOOST_TEST(told.find(words) != std::string::npos, "'" + told + "' does not say: " + words);
  };
  BOOST_TEST(refusal("", "") == "");
  says(refusal("customer_id: {type: bigint, distinct: 60", "customer_id: {type: smallint, distinct: 40k"),
       "dataset `joined` rests on `customer_id`, whose values smallint cannot hold");
  says(refusal("status: {type: \"varchar(12)\"", "status: {type: \"varchar(4)\""),
       "dataset `chosen` rests on `status`, whose values character varying(4) cannot hold");
  says(refusal("amount: {type: \"decimal(12,2)\"", "amount: {type: \"decimal(12,1)\""),
       "dataset `chosen` rests on `amount`, whose values numeric(12,1) cannot hold");
  says(refusal("weight: {type: \"decimal(10,4)\", distinct: 5k", "weight: {type: \"decimal(5,4)\", distinct: 5k"),
       "dataset `totals` rests on `weight`, whose values numeric(5,4) cannot hold");
  says(refusal("reinserts: 40%", "long_transactions: {share: 1%, hold: 5m}"),
       "dataset `totals` has windows of the time at which rows were created");
  says(refusal("id: {type: bigint, key: true}", "id: {type: text, key: true}"),
       "dataset `joined` looks up in `customers` by numbers");
  says(refusal("", "", struck("schema_drift: {table: orders, at: 5m, change: {drop: line_count}}")),
       "`line_count` of table `orders` is dropped by fault `schema_drift`");
  says(refusal("", "",
               struck("schema_drift: {table: customers, at: 5m, change: {retype: {column: segment, to: bigint}}}")),
       "`segment` of table `customers` is retyped by fault `schema_drift`");
  says(refusal(
           "", "",
           "world: {faults: [{name: first, schema_drift: {table: orders, at: 5m, change: {rename: {from: status, to: "
           "state}}}}, {name: second, schema_drift: {table: orders, at: 6m, change: {drop: state}}}]}\n"),
       "`status` of table `orders` is dropped by fault `second`");
  BOOST_TEST(refusal("", "", struck("schema_drift: {table: orders, at: 5m, change: {drop: updated_at}}")) == "");
  says(refusal("revenue: amount", "amount: amount",
               struck("field_corruption: {pipeline: cdc, at: 5m, for: 10m, column: amount, how: null}")),
       "fault `field_corruption` strikes `amount`, which dataset `totals` makes behind the connector: no record of "
       "table "
       "`orders` has it");
}

}  // namespace rehearse
