// Text, CSV and positions: what is read, and where a reader says that it cannot.
#include <boost/test/unit_test.hpp>

#include "sim/capture/csv.h"
#include "sim/capture/text_input.h"
#include "sim/capture/zstd_frames.h"
#include "tests/capture/capture_files.h"

namespace rehearse::test {
namespace {

std::vector<std::string> lines_of(const std::string& path, TextLimits limits = {}) {
  TextInput input(path, limits);
  std::vector<std::string> lines;
  for (std::string_view line; input.next(line);) lines.emplace_back(line);
  return lines;
}

// The cells of each row; NULL as "<null>".
std::vector<std::vector<std::string>> rows_of(const std::string& path) {
  CsvReader csv(path);
  std::vector<std::vector<std::string>> rows;
  for (std::vector<CsvCell> cells; csv.next(cells);) {
    rows.emplace_back();
    for (const CsvCell& cell : cells) rows.back().emplace_back(cell.is_null ? std::string_view("<null>") : cell.text);
  }
  return rows;
}

template <typename Read>
CaptureError failure_of(Read&& read) {
  try {
    read();
  } catch (const CaptureFailure& failure) {
    return failure.error();
  }
  BOOST_FAIL("the input was read without a complaint");
  return {};
}

std::string many_lines() {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += fmt::format("line {} {}\n", i, i * 7919 % 1000);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(plain_gzip_and_zstd_are_told_apart_by_content_and_give_the_same_lines) {
  const Folder folder;
  const std::string text = many_lines();
  const auto plain = lines_of(folder.file("a.zst", text));  // the name lies
  BOOST_TEST(plain.size() == 200000U);
  BOOST_TEST((lines_of(folder.file("a.csv", gzipped(text))) == plain));
  BOOST_TEST((lines_of(folder.file("a.gz", zstandard(text))) == plain));
  BOOST_TEST((TextInput(folder.file("z", zstandard("x"))).compression() == TextCompression::zstd));
  BOOST_TEST((TextInput(folder.file("g", gzipped("x"))).compression() == TextCompression::gzip));
}

BOOST_AUTO_TEST_CASE(files_written_in_several_compressed_parts_are_read_to_their_end) {
  const Folder folder;
  const std::vector<std::string> expected = {"a", "b", "c"};
  BOOST_TEST(lines_of(folder.file("g", gzipped("a\nb\n") + gzipped("c\n"))) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(lines_of(folder.file("z", zstandard("a\nb\n") + zstandard("c\n"))) == expected,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_end_at_newline_alone) {
  const Folder folder;
  const std::vector<std::string> expected = {
      "a\xE2\x80\xA8"
      "b\x0b\x0c\x1c\xC2\x85",
      "c\r", "", "last"};
  BOOST_TEST(lines_of(folder.file("f",
                                  "a\xE2\x80\xA8"
                                  "b\x0b\x0c\x1c\xC2\x85\nc\r\n\nlast")) == expected,
             boost::test_tools::per_element());
  BOOST_TEST(lines_of(folder.file("empty", "")).empty());
}

BOOST_AUTO_TEST_CASE(a_line_or_a_file_beyond_its_bound_is_refused) {
  const Folder folder;
  const std::string path = folder.file("f", "short\n" + std::string(5000, 'x') + "\n");
  const auto line = failure_of([&] { lines_of(path, {1000, 0}); });
  BOOST_TEST(line.line == 2U);
  BOOST_TEST(line.message == "the line is longer than 1000 bytes");
  BOOST_TEST(failure_of([&] {
               lines_of(path, {10000, 3000});
             }).message == "the file holds more than 3000 bytes of text");
  const std::string bomb = folder.file("b", zstandard(std::string(50 << 20, 'x')));  // one line that never ends
  BOOST_TEST(failure_of([&] { lines_of(bomb, {1 << 20, 0}); }).message == "the line is longer than 1048576 bytes");
  BOOST_TEST(lines_of(path, {5000, 0}).size() == 2U);
}

BOOST_AUTO_TEST_CASE(compressed_data_cut_anywhere_is_damaged_never_a_shorter_file) {
  const Folder folder;
  const std::string text = many_lines().substr(0, 300000);
  for (const std::string& whole : {gzipped(text), zstandard(text)}) {
    const std::size_t step = whole.size() / 97 + 1;
    for (std::size_t cut = 5; cut < whole.size(); cut += step) {
      const std::string path = folder.file("cut", whole.substr(0, cut));
      const auto error = failure_of([&] { lines_of(path); });
      BOOST_TEST(error.file == path);
      BOOST_TEST(error.message.find("byte") != std::string::npos, error.message);
    }
    const std::string path = folder.file("cut", whole.substr(0, whole.size() - 1));
    failure_of([&] { lines_of(path); });
  }
}

BOOST_AUTO_TEST_CASE(the_frame_follower_knows_every_prefix_of_a_zstd_file_as_incomplete) {
  const std::string captures = std::string(REHEARSE_SOURCE_DIR) + "/scenarios/captures/";
  const std::string parts[] = {read_file(captures + "pgbench/final.pgbench_branches.csv.zst"),
                               read_file(captures + "schema_change/stream.jsonl.zst"),
                               std::string("\x50\x2A\x4D\x18\x03\x00\x00\x00xyz", 11),  // a skippable frame
                               read_file(captures + "schema_change/final.staging_children.csv.zst")};
  ZstdFrames frames;
  for (const std::string& part : parts) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      frames.feed({&part[i], 1});
      BOOST_REQUIRE_MESSAGE(frames.complete() == (i + 1 == part.size()), fmt::format("byte {} of {}", i, part.size()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_or_is_a_folder_is_said_so) {
  const Folder folder;
  BOOST_TEST(failure_of([] { lines_of("/nowhere/at/all"); }).message ==
             "cannot open the file: No such file or directory");
  BOOST_TEST(failure_of([] { lines_of("/"); }).message == "cannot read the file: Is a directory");
}

BOOST_AUTO_TEST_CASE(csv_keeps_null_and_the_empty_text_apart) {
  const Folder folder;
  const auto rows = rows_of(folder.file("f", "a,b,c\n,\"\",x\n\"q\"\"uote\",\"com,ma\",\"two\nlines\"\n1,2,\n"));
  const std::vector<std::vector<std::string>> expected = {
      {"<null>", "", "x"}, {"q\"uote", "com,ma", "two\nlines"}, {"1", "2", "<null>"}};
  BOOST_TEST((rows == expected));
}

BOOST_AUTO_TEST_CASE(csv_of_one_column_has_null_rows_and_carriage_returns_may_end_rows) {
  const Folder folder;
  BOOST_TEST(
      (rows_of(folder.file("f", "a\n\n\"\"\nx\n")) == std::vector<std::vector<std::string>>{{"<null>"}, {""}, {"x"}}));
  BOOST_TEST(
      (rows_of(folder.file("f", "a,b\r\n1,\"x\r\ny\"\r\n")) == std::vector<std::vector<std::string>>{{"1", "x\r\ny"}}));
  BOOST_TEST(rows_of(folder.file("f", "a,b\n")).empty());
  BOOST_TEST((rows_of(folder.file("f", "a\n\"\"\"\"\n\"\"\"a\"\"\"\n")) ==
              std::vector<std::vector<std::string>>{{"\""}, {"\"a\""}}));
}

BOOST_AUTO_TEST_CASE(csv_errors_name_line_and_column) {
  const Folder folder;
  struct Case {
    const char* text;
    std::uint64_t line, column;
    const char* message;
  };
  const Case cases[] = {
      {"", 0, 0, "the file is empty"},
      {"a,\n", 1, 0, "the header has a column without a name"},
      {"a,a\n", 1, 0, "the header names column a twice"},
      {"a,b\n1\n", 2, 0, "the row that begins in line 2 has 1 fields"},
      {"a,b\n1,2,3\n", 2, 0, "the row that begins in line 2 has 3 fields"},
      {"a,b\n\n", 2, 0, "the row that begins in line 2 has 1 fields"},
      {"a,b\n1,x\"y\"\n", 2, 4, "a quote inside an unquoted field"},
      {"a,b\n1,\"x\"y\n", 2, 6, "text after the closing quote of a field"},
      {"a,b\n1,\"x\ny\"z\n", 3, 3, "text after the closing quote of a field"},
      {"a,b\n1,\"x\n", 2, 0, "the file ends inside the quoted field of the row that begins in line 2"},
      {"a,b\n1,2", 2, 0, "the last row has no line end: the file is cut short"},
      {"a,b\n1\r,2\n", 2, 2, "a line end inside an unquoted field"},
      {"a,b\n1,\xff\n", 2, 0, "the row that begins in line 2 is not valid UTF-8"},
  };
  for (const Case& c : cases) {
    const std::string path = folder.file("f", c.text);
    const auto error = failure_of([&] { rows_of(path); });
    BOOST_TEST(error.message == c.message);
    BOOST_TEST(error.line == c.line, c.message);
    BOOST_TEST(error.column == c.column, c.message);
    BOOST_TEST(error.text().starts_with(path));
  }
}

BOOST_AUTO_TEST_CASE(log_positions_are_read_and_printed) {
  BOOST_TEST(parse_lsn("0/1186F8A0").value() == 0x1186F8A0U);
  BOOST_TEST(parse_lsn("16/B374D848").value() == 0x16B374D848ULL);
  BOOST_TEST(parse_lsn("FFFFFFFF/ffffffff").value() == ~std::uint64_t{0});
  BOOST_TEST(format_lsn(0x16B374D848ULL) == "16/B374D848");
  BOOST_TEST(format_lsn(0) == "0/0");
  for (const char* wrong :
       {"", "/", "1/", "/1", "1", "1/2/3", "0x1/2", "-1/2", "1/123456789", "123456789/1", "G/1", " 1/2", "1/+2"})
    BOOST_TEST(!parse_lsn(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(a_snapshot_sees_what_was_finished_before_it) {
  const auto snapshot = parse_snapshot("100:120:100,105,119");
  BOOST_REQUIRE(snapshot);
  for (const std::uint64_t xid : {1, 99, 101, 104, 106, 118}) BOOST_TEST(snapshot->visible(xid));
  for (const std::uint64_t xid : {100, 105, 119, 120, 121}) BOOST_TEST(!snapshot->visible(xid));
  BOOST_TEST(parse_snapshot("756:756:")->visible(755));
  BOOST_TEST(!parse_snapshot("756:756:")->visible(756));
  for (const char* wrong : {"", "1", "1:2", "1:2:3:4", "2:1:", "a:2:", "1:2:x", "10:20:5", "10:20:20", "10:20:11,11",
                            "10:20:12,11", "10:20:11,", "10:20:,11", "-1:2:"})
    BOOST_TEST(!parse_snapshot(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(commit_times_are_read_to_the_microsecond_with_their_offset) {
  BOOST_TEST(parse_timestamp("1970-01-01 00:00:00+00").value() == 0);
  BOOST_TEST(parse_timestamp("2026-11-21 01:35:10.368375+00").value() == 1795224910368375000LL);
  BOOST_TEST(parse_timestamp("2026-11-21 03:35:10.368375+02").value() == 1795224910368375000LL);
  BOOST_TEST(parse_timestamp("2026-11-20 22:05:10.368375-03:30").value() == 1795224910368375000LL);
  for (const char* wrong : {"", "2026-11-21", "2026-11-21 01:35:10", "2026-13-21 01:35:10+00", "2026-02-29 01:35:10+00",
                            "infinity", "0001-01-01 00:00:00+00 BC", "+00", "x+00"})
    BOOST_TEST(!parse_timestamp(wrong).has_value(), wrong);
}

BOOST_AUTO_TEST_CASE(a_text_cut_for_a_message_stays_utf8) {
  BOOST_TEST(cut_text("a\xC3\xA9z", 2) == "a");
  BOOST_TEST(cut_text("a\xC3\xA9z", 3) == "a\xC3\xA9");
  BOOST_TEST(cut_text("abc", 3) == "abc");
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found_and_a_far_one_is_not) {
  BOOST_TEST(nearest_name("emial", {"name", "email", "id"}) == "email");
  BOOST_TEST(nearest_name("updated_at", {"created", "balance"}).empty());
  BOOST_TEST(nearest_name("x", {}).empty());
}

}  // namespace rehearse::test
