// Captures that are cut, corrupt, out of order or of another format: each is refused with its place, none crashes.
#include <boost/test/unit_test.hpp>

#include "sim/capture/csv.h"
#include "sim/kernel/draw.h"
#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

// Two transactions with every action; lines 1 to 10.
std::string good_stream() {
  StreamText text;
  text.transaction(
      {{.columns = {number_cell("id", 1), text_cell("v", "a"), cell("n", "numeric", "1.10")}, .identity = {}},
       {.columns = {number_cell("id", 2), cell("v", "text", R"("\u00e9\n")"), cell("n", "numeric", "null")},
        .identity = {}}});
  text.transaction({{.action = "U",
                     .columns = {number_cell("id", 3), cell("n", "numeric", "-2e5")},
                     .identity = {number_cell("id", 1)}},
                    {.action = "D", .columns = {}, .identity = {number_cell("id", 2)}},
                    {.action = "T", .columns = {}, .identity = {}},
                    {.table = "f", .columns = {number_cell("k", 1)}, .identity = {}, .pk = {}}});
  return text.text +
         R"({"action":"M","xid":null,"timestamp":null,"lsn":"0/9","transactional":false,"prefix":"p","content":"c"})"
         "\n";
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at + 1));
    at = end + 1;
  }
  return lines;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

CaptureResult<CapturedStream> load_text(const Folder& folder, const std::string& text) {
  CaptureOptions options;
  options.stream_path = folder.file("stream", text);
  return load_capture(options);
}

void must_fail(const Folder& folder, const std::string& text, std::uint64_t line, const std::string& message) {
  const auto loaded = load_text(folder, text);
  BOOST_REQUIRE_MESSAGE(!loaded, "accepted, though: " + message);
  BOOST_TEST(loaded.error.message.find(message) != std::string::npos, loaded.error.text() + " instead of " + message);
  BOOST_TEST(loaded.error.line == line, loaded.error.text());
}

// One of a dozen kinds of damage, chosen by the number alone.
std::string damaged(std::string text, std::uint64_t number) {
  static const Stream where = stream(1, "test.capture.damage");
  const std::uint64_t times = 1 + below(bits(where, number, 0), 3);
  for (std::uint64_t i = 0; i < times && !text.empty(); ++i) {
    const auto draw = [&](std::uint32_t what) { return bits(where, number * 8 + i, 1 + what); };
    const std::size_t at = below(draw(0), text.size());
    const std::size_t length = 1 + below(draw(1), 40);
    switch (below(draw(2), 7)) {
      case 0:
        text.resize(at);
        break;
      case 1:
        text[at] = static_cast<char>(text[at] ^ (1 << below(draw(3), 8)));
        break;
      case 2:
        text[at] = static_cast<char>(draw(3));
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text.insert(at, text.substr(below(draw(3), text.size()), length));
        break;
      case 5:
        text[at] = "{}[]\",:\\\n0-.eEtfn"[below(draw(3), 17)];
        break;
      default:
        text.insert(at, std::string(1 + below(draw(3), 300), "[{\"\\0"[below(draw(4), 5)]));
    }
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_stream_that_is_damaged_below_is_good) {
  const Folder folder;
  const auto loaded = load_text(folder, good_stream());
  BOOST_REQUIRE_MESSAGE(loaded, loaded.error.text());
  BOOST_TEST(loaded.value->changes.size() == 6U);
}

BOOST_AUTO_TEST_CASE(each_damage_is_named_with_its_line) {
  const Folder folder;
  const std::string good = good_stream();
  struct Case {
    const char* from;
    const char* to;
    std::uint64_t line;
    const char* message;
  };
  const Case cases[] = {
      {R"("action":"B")", R"("action":"X")", 1, "unknown action \"X\""},
      {R"("action":"B",)", "", 1, "the line has no \"action\""},
      {R"("action":"B")", R"("action":"B","action":"B")", 1, "the line has \"action\" twice"},
      {R"("xid":101,)", "", 1, "the line has no \"xid\""},
      {R"("xid":101,)", R"("xid":null,)", 1, "\"xid\" is null"},
      {R"("xid":101,)", R"("xid":"101",)", 1, "\"xid\" is \"101\""},
      {R"("xid":101,)", R"("xid":-1,)", 1, "\"xid\" is -1"},
      {R"("xid":101,)", R"("xid":1e3,)", 1, "\"xid\" is 1e3"},
      {R"("timestamp":"2026-03-02 01:00:00.5+00")", R"("timestamp":"2026-03-02")", 1,
       "\"timestamp\" is \"2026-03-02\""},
      {R"("timestamp":"2026-03-02 01:00:00.5+00")", R"("timestamp":null)", 1, "\"timestamp\" is \"\""},
      {R"("lsn":"0/1030")", R"("lsn":"0-1030")", 1, "\"lsn\" is \"0-1030\""},
      {R"("lsn":"0/1030")", R"("lsn":4144)", 1, "\"lsn\" is 4144"},
      {R"("nextlsn":"0/1060"})", R"("nextlsn":"0/1060"} {})", 1, "the line goes on after its JSON object"},
      {R"("nextlsn":"0/1060"})", R"("nextlsn":"0/1060")", 1, "not valid JSON"},
      {R"("schema":"public",)", "", 2, "the line has no \"schema\""},
      {R"("table":"t",)", "", 2, "the line has no \"table\""},
      {R"("table":"t",)", R"("table":7,)", 2, "\"table\" is 7"},
      {R"("pk":[)", R"("pkk":[)", 2, "the line has no \"pk\""},
      {R"("pk":[{"name":"id",)", R"("pk":[{"name":"idd",)", 2, "\"pk\" has a column idd"},
      {R"("pk":[{"name":"id",)", R"("pk":[{)", 2, "a column of \"pk\" lacks its name"},
      {R"("columns":[)", R"("columnz":[)", 2, "the line has no \"columns\""},
      {R"("columns":[)", R"("columns":5,"x":[)", 2, "\"columns\" is 5"},
      {R"("value":1})", R"("value":1.2.3})", 2, "a column's value is 1.2.3"},
      {R"("value":1})", R"("value":01})", 2, "a column's value is 01"},
      {R"("value":1})", R"("value":+1})", 2, "a column's value is +1"},
      {R"("value":1})", R"("value":1e})", 2, "a column's value is 1e"},
      {R"("value":1})", R"("value":nul})", 2, "a column's value is nul"},
      {R"("value":1})", R"("value":tru})", 2, "a column's value is tru"},
      {R"("value":1})", R"("value":NaN})", 2, "a column's value is NaN"},
      {R"("value":1})", R"("value":[1]})", 2, "a column's value is ["},
      {R"("value":1})", R"("value":{"a":1}})", 2, "a column's value is {"},
      {R"("value":1})", R"("valve":1})", 2, "a column of \"columns\" lacks its value"},
      {R"("type":"integer",)", "", 2, "a column of \"columns\" lacks its type (set include-types=1)"},
      {R"("value":1})", R"("value":1,"value":2})", 2, "a column has \"value\" twice"},
      {R"("value":"a"})", "\"value\":\"\xff\"}", 2, "not valid JSON"},
      {R"("value":"a"})", "\"value\":\"a\x01\"}", 2, "not valid JSON"},
      {R"("value":"a"})", R"("value":"\q"})", 2, "not valid JSON"},
      {R"("value":"a"})", R"("value":"\ud800"})", 2, "not valid JSON"},
      {R"("action":"C","xid":101)", R"("action":"C","xid":100)", 4,
       "a line of transaction 100 inside transaction 101 of line 1"},
      {R"("action":"C","xid":101,"timestamp":"2026-03-02 01:00:00.5+00","lsn":"0/1030")",
       R"("action":"C","xid":101,"timestamp":"2026-03-02 01:00:00.5+00","lsn":"0/1031")", 4,
       "the commit has LSN 0/1031, its begin in line 1 has 0/1030"},
      {R"("action":"I","xid":101)", R"("action":"I","xid":7)", 2,
       "a line of transaction 7 inside transaction 101 of line 1"},
      {R"("lsn":"0/1010")", R"("lsn":"1/1010")", 2, "the row's LSN 1/1010 is beyond its commit's 0/1030"},
      {R"("identity":[)", R"("identify":[)", 6, "the line has no \"identity\""},
      {R"("transactional":false)", R"("transactional":0)", 11, "\"transactional\" is not a truth value"},
      {R"("transactional":false)", R"("transactional":true)", 11, "a transactional message has no xid"},
  };
  for (const Case& c : cases) must_fail(folder, replaced(good, c.from, c.to), c.line, c.message);
}

BOOST_AUTO_TEST_CASE(transactions_out_of_place_are_named) {
  const Folder folder;
  const auto lines = split_lines(good_stream());
  BOOST_REQUIRE(lines.size() == 11U);
  const auto joined = [&](std::initializer_list<std::size_t> order) {
    std::string text;
    for (const std::size_t line : order) text += lines[line - 1];
    return text;
  };
  must_fail(folder, joined({1, 2, 3}), 1, "the file ends at line 3 inside transaction 101");
  must_fail(folder, joined({1, 2, 3, 5}), 4, "transaction 102 begins inside transaction 101 of line 1");
  must_fail(folder, joined({2, 3, 4}), 1, "a line of transaction 101 outside any transaction");
  must_fail(folder, joined({4}), 1, "a line of transaction 101 outside any transaction");
  must_fail(folder, joined({1, 2, 3, 4, 4}), 5, "outside any transaction");
  must_fail(folder, joined({1, 2, 3, 4, 1, 2, 3, 4}), 5,
            "the commit LSN 0/1030 does not follow the previous one, 0/1030");
  must_fail(folder, joined({5, 6, 7, 8, 9, 10, 1, 2, 3, 4}), 7, "does not follow the previous one");
  must_fail(folder, "", 0, "the file holds no transaction");
  must_fail(folder, "\n\n", 0, "the file holds no transaction");
}

BOOST_AUTO_TEST_CASE(other_formats_are_refused_by_name) {
  const Folder folder;
  const std::pair<std::string_view, const char*> cases[] = {
      {"{\n\t\"change\": [\n", "several lines"},
      {"BEGIN 756\ntable public.t: INSERT: id[integer]:1\nCOMMIT 756", "text of test_decoding"},
      {"table public.t: INSERT: id[integer]:1", "text of test_decoding"},
      {"--\n-- PostgreSQL database dump\n--", "SQL"},
      {"id,name\n1,a", "text that is not JSON"},
      {"[{\"action\":\"B\"}]", "a JSON array"},
      {std::string_view("\xFF\xFE{\0", 4), "UTF-16"},
      {"<xml/>", "XML"},
      {"Obj\x01\x04", "Avro"},
      {"\xf0\x80\x80", "binary data"},
      {"{}", "a JSON object of no known change format"},
      {R"({"id":1,"name":"a"})", "a JSON object of no known change format"},
      {R"({"id":1,"name":"a","__deleted":"false"})", "a Debezium message that a transform has flattened"},
  };
  for (const auto& [text, name] : cases) must_fail(folder, std::string(text) + "\n", 1, name);
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_stream_is_either_refused_or_ends_after_a_whole_transaction) {
  const Folder folder;
  const std::string good = good_stream();
  int accepted = 0;
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    const auto loaded = load_text(folder, good.substr(0, cut));
    if (!loaded) continue;
    ++accepted;
    const std::string kept = good.substr(0, cut);
    const std::size_t last = kept.find_last_not_of('\n');
    BOOST_TEST(kept.rfind("\"action\":\"C\"") > kept.rfind("\"action\":\"B\""));
    BOOST_TEST(kept[last] == '}');
  }
  BOOST_TEST(accepted == 5);  // behind each commit with and without its line end, and the message without
}

BOOST_AUTO_TEST_CASE(thousands_of_damaged_streams_never_crash_hang_or_grow) {
  const Folder folder;
  const std::string good = good_stream();
  int refused = 0;
  for (std::uint64_t i = 0; i < 6000; ++i) {
    const auto loaded = load_text(folder, damaged(good, i));
    if (loaded) {
      BOOST_TEST((replay_capture(*loaded.value, [](const auto&) { return true; }) == final_state(*loaded.value)));
    } else {
      ++refused;
      BOOST_TEST(!loaded.error.message.empty());
      BOOST_TEST(!loaded.error.file.empty());
    }
  }
  BOOST_TEST(refused > 4000);
  BOOST_TEST(refused < 6000);
}

BOOST_AUTO_TEST_CASE(thousands_of_damaged_compressed_files_and_tables_never_crash_hang_or_grow) {
  const Folder folder;
  const std::string good = good_stream();
  const std::string csv = "id,v,n\n1,\"a\"\"b\",\n2,\"two\nlines\",3\n3,,\"\"\n";
  const std::string files[] = {gzipped(good), zstandard(good), csv, gzipped(csv), zstandard(csv)};
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const std::string path = folder.file("f", damaged(files[i % 5], i));
    CaptureOptions options;
    options.stream_path = path;
    options.total_bytes_max = 1 << 20;
    const auto stream = load_capture(options);
    BOOST_TEST((stream || !stream.error.message.empty()));
    const auto table = read_csv_table({"public", "t", path, {}}, 1 << 20);
    BOOST_TEST((table || !table.error.message.empty()));
  }
}

}  // namespace rehearse::test
