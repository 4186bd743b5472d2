// How reports say numbers, durations, instants and names, and how user text is made safe for each format.
//
// Pure functions, no locale, no clock. Instants are shown on the calendar of the scenario's start, in UTC.
// Every writer first takes a `printable` copy of the result, so that no writer has to think of broken UTF-8 or control
// characters field by field; escaping for its own format it does where it writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reports/result/result.pb.h"

namespace rehearse::reports {

// --- text -----------------------------------------------------------------------------------------------------------

// Invalid UTF-8 becomes U+FFFD, byte by byte.
std::string valid_utf8(std::string_view text);
// valid_utf8, and what a terminal, an XML parser or a browser must not get becomes U+FFFD as well: control characters
// but newline and tab, non-characters, and the marks that reverse the direction of text.
std::string printable(std::string_view text);
// The message, whose strings are all put through the first; the result, through one of the two.
void make_valid_utf8(google::protobuf::Message& message);
result::Result with_valid_utf8(const result::Result& result);
result::Result with_printable_text(const result::Result& result);

std::string escape_xml(std::string_view text);       // for elements and attributes of XML and HTML alike
std::string escape_markdown(std::string_view text);  // one line, safe in a table cell of GitHub's Markdown
std::string escape_csv(
    std::string_view text);  // RFC 4180; a text that a spreadsheet would take for a formula is defused
std::string json_string(std::string_view text);  // quoted; safe inside <script> as well: no <, >, &

// Newlines and tabs as spaces: for a label, a heading, a cell.
std::string one_line(std::string_view text);
// Columns of a terminal, taking each code point for one column.
std::size_t columns(std::string_view text);
std::string shortened(std::string_view text, std::size_t most_columns);  // ends in … if it was cut
std::string joined(const google::protobuf::RepeatedPtrField<std::string>& parts, std::string_view between);

// --- numbers and time -----------------------------------------------------------------------------------------------

std::string show_count(std::uint64_t n);                                            // 20,160,332
std::string counted(std::uint64_t n, std::string_view one, std::string_view many);  // "1 row", "20 rows"
std::string show_bytes(double bytes);                                               // 1.2 GiB
std::string show_duration(std::int64_t ns);                                         // 3d 4h, 7m 30s, 230ms, 0s
std::string show_value(double value, std::string_view unit);  // by unit: ratio → %, seconds → duration
std::string show_ratio(const result::Ratio& ratio);           // "98.2% (1,204 of 1,226)" or "n/a"
std::string show_percent(double ratio);                       // four significant digits at most
std::string show_speed(double per_second);                    // 12.4 M

std::string show_instant(const result::Result& result, std::int64_t at_ns);   // "Thu 5 Mar 04:00 (3d 4h)"
std::string show_calendar(const result::Result& result, std::int64_t at_ns);  // "Thu 5 Mar 04:00", finer in short runs
std::string iso_instant(const result::Result& result, std::int64_t at_ns);    // 2026-03-05T04:00:00Z
std::string iso_epoch(std::int64_t epoch_ns);                                 // fraction only if there is one

// --- words ----------------------------------------------------------------------------------------------------------

// The plain word of an enum value: "cut over", "no data", …
std::string word(result::Result::Verdict verdict);
std::string word(result::Result::Decision decision);
std::string word(result::Outcome::Kind kind);
std::string word(result::Expectation::Status status);
std::string word(result::Phase::Left left);
std::string word(result::Gate::Status status);
std::string word(result::Rightness rightness);
std::string word(result::Mark::Kind kind);
std::string vacuous_word(const result::Fault& fault);  // of a vacuous one: "never struck", "touched nothing"

// "false GO", "right NO-GO": what the judge says of a judgement.
std::string judgement_words(const result::GateJudgement& judgement);
// How it ended, and when, in one sentence.
std::string headline(const result::Result& result);
// Harm of all consumers together.
result::Harm total_harm(const result::Result& result);
bool tells_means(const result::Series& series);  // with the least and the greatest value of each stretch
std::string capitalised(std::string text);
std::string harm_words(const result::Harm& harm);  // "2 wrong, 3,718 stale"

}  // namespace rehearse::reports
