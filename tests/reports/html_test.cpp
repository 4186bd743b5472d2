// report.html: one page, no network, nothing of the user's text taken for markup or script.
#include "reports/html.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <boost/test/unit_test.hpp>
#include <limits>
#include <regex>

#include "reports/html_assets.h"
#include "reports/html_parts.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// The page without scripts and styles: what is markup.
std::string markup(const std::string& page) {
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t script = std::min(page.find("<script", at), page.find("<style", at));
    out += page.substr(at, script - at);
    if (script == std::string::npos) break;
    at = page.find('>', std::min(page.find("</script>", script), page.find("</style>", script))) + 1;
  }
  return out;
}

google::protobuf::Struct chart_json(const result::Result& result) {
  google::protobuf::Struct data;
  BOOST_TEST(google::protobuf::util::JsonStringToMessage(html::chart_data(result), &data).ok());
  return data;
}

void check_tags_are_balanced(const std::string& text) {
  static const std::regex tag("<(/?)([a-z][a-z0-9]*)[^>]*>");
  static const std::set<std::string> single = {"meta", "br", "wbr", "html", "body", "rect", "path"};
  std::vector<std::string> open;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), tag); it != std::sregex_iterator(); ++it) {
    const std::string name = (*it)[2];
    if (single.contains(name)) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
      continue;
    }
    BOOST_REQUIRE(!open.empty());
    BOOST_REQUIRE_MESSAGE(open.back() == name, "</" << name << "> closes <" << open.back() << ">");
    open.pop_back();
  }
  BOOST_TEST(open.empty());
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_page_asks_the_network_for_nothing) {
  const std::string page = render_html(fixture::rich());
  BOOST_TEST(count(page, "default-src 'none'") == 1u);
  const std::string body = markup(page);
  BOOST_TEST(!std::regex_search(body, std::regex("(src|href)=\"(?!#)")));
  BOOST_TEST(body.find("<link") == std::string::npos);
  BOOST_TEST(std::string(assets::page_css).find("url(") == std::string::npos);
  BOOST_TEST(std::string(assets::page_css).find("@import") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_script_that_is_opened_is_closed_once_whatever_the_text) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()}) {
    const std::string page = render_html(result);
    BOOST_TEST(count(page, "<script") == 4u);
    BOOST_TEST(count(page, "</script") == 4u);
  }
}

BOOST_AUTO_TEST_CASE(tags_are_balanced_whatever_the_text) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), fixture::hostile()})
    check_tags_are_balanced(markup(render_html(result)));
}

BOOST_AUTO_TEST_CASE(no_text_of_the_user_becomes_markup) {
  const std::string page = render_html(fixture::hostile());
  BOOST_TEST(page.find("<img") == std::string::npos);
  BOOST_TEST(page.find("onerror=alert(1)>\"") == std::string::npos);
  BOOST_TEST(page.find('\x1b') == std::string::npos);
  BOOST_TEST(page == valid_utf8(page));
}

BOOST_AUTO_TEST_CASE(the_verdict_and_its_reasons_come_before_everything_else) {
  const std::string page = markup(render_html(fixture::rich()));
  BOOST_TEST(page.find("class=\"badge\">fail<") < page.find("class=\"reasons\""));
  BOOST_TEST(page.find("class=\"reasons\"") < page.find("<section"));
}

BOOST_AUTO_TEST_CASE(every_section_that_has_something_to_say_is_there_and_no_other) {
  const std::string rich = render_html(fixture::rich()), empty = render_html(fixture::empty());
  for (const char* id : {"expectations", "timeline", "plan", "rollback", "triggers", "matrix", "checks", "stores",
                         "harm", "faults", "log", "conservation", "audit", "events"}) {
    const std::string section = std::string("<section id=\"") + id + "\">";
    BOOST_TEST(count(rich, section) == 1u, section);
    BOOST_TEST(count(empty, section) == 0u, section);
  }
  BOOST_TEST(count(empty, "<section id=\"about\">") == 1u);
}

BOOST_AUTO_TEST_CASE(every_link_inside_the_page_has_a_target) {
  const std::string page = markup(render_html(fixture::rich()));
  static const std::regex link("href=\"#([^\"]+)\"");
  for (auto it = std::sregex_iterator(page.begin(), page.end(), link); it != std::sregex_iterator(); ++it)
    BOOST_TEST(count(page, "id=\"" + (*it)[1].str() + "\"") == 1u, (*it)[1].str());
}

BOOST_AUTO_TEST_CASE(the_matrix_shows_caught_missed_and_false_alarms_and_both_sides_of_an_example) {
  const std::string page = markup(render_html(fixture::rich()));
  for (const char* part : {"<b>79</b> <span>of 1,644 caught", "1,565 missed", "6 false alarms", "12840.55", "12840.00",
                           "no row", "NULL", "does not apply"})
    BOOST_TEST(page.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(an_example_shows_what_its_row_was_made_of_and_how_to_see_its_history) {
  const std::string page = markup(render_html(fixture::rich()));
  for (const char* part :
       {"<code class=\"same\">100233, write 7: id=100233</code>", "<dt>looked up in <b>buyers</b></dt>",
        "<code class=\"differs\">26, write 5: segment=gold</code>",
        "<code class=\"differs\">26, write 2: segment=tin</code>", "<code>rehearse explain row orders id=100233 "})
    BOOST_TEST(page.find(part) != std::string::npos, part);
  BOOST_TEST(count(page, "<dt>made of ") == 1u);  // of no other example is it told
}

BOOST_AUTO_TEST_CASE(chart_data_are_json_for_any_text) {
  for (const result::Result& result : {fixture::rich(), fixture::empty(), with_printable_text(fixture::hostile())}) {
    const auto data = chart_json(result);
    BOOST_TEST(data.fields().count("charts") == 1u);
    BOOST_TEST(html::chart_data(result).find('<') == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(claims_and_divergences_share_a_chart_and_metrics_have_their_bounds) {
  const auto data = chart_json(fixture::rich());
  const auto& first = data.fields().at("charts").list_value().values(0).struct_value();
  BOOST_TEST(first.fields().at("title").string_value() == "Divergent rows, and discrepancies claimed");
  BOOST_TEST(first.fields().at("series").list_value().values_size() == 3);
  BOOST_TEST(first.fields().at("quiet").list_value().values_size() == 1);  // 0 throughout: named, not drawn
  const auto rollbacks = fixture::rich().triggers_size();
  BOOST_TEST(data.fields().at("bounds").list_value().values_size() == 3 + rollbacks);
  BOOST_TEST(data.fields().at("phases").list_value().values_size() == 2);
}

BOOST_AUTO_TEST_CASE(each_class_that_diverged_has_a_chart_of_its_own_unless_it_is_the_only_one) {
  result::Result result = fixture::rich();
  const auto titled = [&](const std::string& title) {
    return html::chart_data(result).find(title) != std::string::npos;
  };
  BOOST_TEST(titled("\"Of these, mismatch\""));
  BOOST_TEST(titled("\"Of these, missing\""));
  for (result::Series& series : *result.mutable_series())
    if (series.discrepancy_class() == "missing") series.clear_discrepancy_class();
  BOOST_TEST(!titled("\"Of these, mismatch\""));
}

BOOST_AUTO_TEST_CASE(the_page_of_a_long_rehearsal_stays_small) {
  constexpr std::int64_t minute = 60'000'000'000;
  result::Result result = fixture::rich();
  result.set_duration_ns(70 * 24 * 60 * minute);
  for (int s = 0; s < 60; ++s) {
    result::Series& series = *result.add_series();
    series.set_name("series " + std::to_string(s)), series.set_kind(result::Series::latency),
        series.set_unit("seconds");
    for (int i = 0; i < 20'000; ++i) series.add_times_ns(i * 5 * minute), series.add_values(i * 37 % 1009 / 7.0);
  }
  for (int i = 0; i < 40'000; ++i) {
    result::Mark& mark = *result.add_marks();
    mark.set_at_ns(i * minute), mark.set_kind(i % 100 ? result::Mark::repair : result::Mark::fault);
    *result.add_audit() = result.audit(0);
    *result.add_source_log_incomplete() = result.source_log_incomplete(0);
  }
  const std::string page = render_html(result);
  BOOST_TEST(page.size() < 3'000'000u);
  BOOST_TEST(page.find("more in result.json") != std::string::npos);
  BOOST_TEST(count(html::chart_data(result), "\"kind\":\"fault\"") >= 400u);  // what matters is not the first to go
}

BOOST_AUTO_TEST_CASE(a_gate_shows_its_value_against_the_bound_over_its_phase) {
  const std::string page = markup(render_html(fixture::rich()));
  BOOST_TEST(count(page, "<svg class=\"spark\"") == 3u);
  BOOST_TEST(page.find("aria-label=\"bad_rows over the phase, its bound 0.1%\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(classes_and_tiers_are_summed_up) {
  const std::string page = markup(render_html(fixture::rich()));
  for (const char* part : {"Claimed against true, by class", "<b class=\"bad\">1,655</b>", "<dt>Tier high</dt>",
                           "id=\"example-0-1\"", "href=\"#example-0-1\""})
    BOOST_TEST(page.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(a_reader_with_a_keyboard_finds_the_content_and_the_timeline) {
  const std::string page = markup(render_html(fixture::rich()));
  BOOST_TEST(page.find("<a class=\"skip\" href=\"#content\">") < page.find("<header"));
  BOOST_TEST(page.find("id=\"view\" tabindex=\"0\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_long_series_is_thinned_and_keeps_its_peak_its_trough_and_its_gap) {
  result::Result result;
  result::Series& series = *result.add_series();
  for (int i = 0; i < 100'000; ++i) series.add_times_ns(i * 1'000'000LL), series.add_values(i % 3);
  series.set_values(54'321, 777);
  series.set_values(12'345, -777);
  series.set_values(70'000, std::numeric_limits<double>::quiet_NaN());
  const std::string json = html::chart_data(result);
  for (const char* part : {",777,", ",-777,", ",null,", ",54321,", ",12345,", ",70000,"})
    BOOST_TEST(json.find(part) != std::string::npos, part);
  BOOST_TEST(json.size() < 100'000u);
}

// Neighbours become one: the mean of their means, from the least to the greatest of either.
BOOST_AUTO_TEST_CASE(a_series_of_means_is_drawn_with_its_band) {
  result::Result result;
  result::Series& series = *result.add_series();
  for (int i = 0; i < 8'000; ++i) {
    series.add_times_ns(i * 1'000'000LL);
    series.add_values(i % 2 == 0 ? 10 : 20);
    series.add_least(i == 0 ? 3 : 9);
    series.add_greatest(i == 1 ? 77 : 21);
  }
  const std::string json = html::chart_data(result);
  for (const char* part : {"\"values\":[15,15,", "\"least\":[3,9,", "\"greatest\":[77,21,"})
    BOOST_TEST(json.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(code_that_speaks_of_script_tags_does_not_end_its_own) {
  BOOST_TEST(html::script("a='</ScRiPt>';b=/</g;c='<!--'") == "<script>a='<\\/ScRiPt>';b=/</g;c='<\\!--'</script>\n");
}

BOOST_AUTO_TEST_CASE(the_chart_library_travels_with_its_licence) {
  BOOST_TEST(render_html(fixture::empty()).find("dygraphs/blob/v2") != std::string::npos);
}

}  // namespace rehearse::reports
