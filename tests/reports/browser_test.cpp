// The page as a person meets it, in a real browser: it opens from disk, asks the network for nothing, complains of
// nothing, can be zoomed, followed and read by mouse and by keyboard, in light and dark, wide and narrow.
// Without a browser installed this test is skipped, which ctest shows.
#include "tests/reports/browser.h"

#include <fmt/core.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "reports/html.h"
#include "tests/reports/fixture.h"

namespace rehearse::reports::test {
namespace {

namespace fs = std::filesystem;

constexpr int skipped = 77;

struct SkipWithoutBrowser {
  SkipWithoutBrowser() {
    if (!find_browser().empty()) return;
    fmt::print("skipped: chromium is not installed\n");
    std::fflush(stdout);
    std::_Exit(skipped);
  }
};

// One browser with one page open, in a folder of its own.
struct Page {
  fs::path folder, file;
  Browser browser{find_browser()};

  Page() : Page(fixture::rich()) {}
  explicit Page(const result::Result& result) {
    std::string name = (fs::temp_directory_path() / "rehearse-page-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = folder / "report.html";
    std::ofstream(file, std::ios::binary) << render_html(result);
    browser.resize(1400, 900);
    browser.open(file);
  }
  ~Page() { fs::remove_all(folder); }

  double from() { return browser.number("document.getElementById('view').dataset.from ?? 0"); }
  double to() { return browser.number("document.getElementById('view').dataset.to ?? -1"); }
  void no_complaints() {
    for (const std::string& complaint : browser.complaints) BOOST_ERROR(complaint);
    for (const std::string& request : browser.requests)
      if (request != "file://" + file.string()) BOOST_ERROR("asked for " + request);
  }
};

// The least contrast of any text on the page with what is behind it (WCAG 2.1), and which text that is.
constexpr const char* least_contrast = R"((() => {
  const rgb = text => text.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  let least = 99, who = "";
  document.querySelectorAll("details").forEach(d => { d.open = true; });
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e);
    if (e.closest("script, style, svg, .skip, .unseen, button:disabled") || style.visibility === "hidden" || !e.getClientRects().length) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = light(rgb(style.color)), b = light(behind(e));
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < least) { least = contrast; who = `${e.tagName} ${e.className} "${e.textContent.trim().slice(0, 40)}"`; }
  }
  return `${least.toFixed(2)} ${who}`;
})())";

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(SkipWithoutBrowser);

BOOST_FIXTURE_TEST_CASE(it_opens_from_disk_without_network_or_complaint_and_says_the_verdict_first, Page) {
  BOOST_TEST(browser.evaluate("document.querySelector('.badge').textContent") == "fail");
  BOOST_TEST(browser.evaluate("document.querySelectorAll('.reasons li').length") == "1");
  BOOST_TEST(browser.number("document.querySelector('.badge').getBoundingClientRect().bottom") < 900);
  BOOST_TEST(browser.number("document.querySelectorAll('.plot canvas').length") >= 10);
  BOOST_TEST(browser.number("document.querySelectorAll('#strip svg rect').length") >= 4);
  BOOST_TEST(browser.requests.size() == 1u);
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(a_page_of_hostile_names_runs_no_script_of_theirs, Page) {
  std::ofstream(file, std::ios::binary) << render_html(fixture::hostile());
  browser.open(file);
  BOOST_TEST(browser.evaluate("document.images.length") == "0");
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(an_empty_result_makes_a_page_too, Page) {
  std::ofstream(file, std::ios::binary) << render_html(fixture::empty());
  browser.open(file);
  BOOST_TEST(browser.evaluate("document.querySelector('.badge').textContent") == "inconclusive");
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(dragging_zooms_every_chart_and_a_double_click_shows_the_whole, Page) {
  browser.evaluate("document.querySelector('.plot').scrollIntoView({ block: 'center', behavior: 'instant' })");
  const double left = browser.number("document.querySelector('.plot').getBoundingClientRect().left");
  const double y = browser.number("document.querySelector('.plot').getBoundingClientRect().top") + 60;
  browser.drag(left + 300, y, left + 500);
  BOOST_TEST(from() > 0);
  BOOST_TEST(to() > from());
  BOOST_TEST(to() - from() < 14 * 86400e3 / 3);
  BOOST_TEST(browser.evaluate("document.getElementById('unzoom').disabled") == "false");
  browser.click("#unzoom");
  BOOST_TEST(from() == 0);
  BOOST_TEST(to() == 14 * 86400e3);
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(the_timeline_is_read_zoomed_and_left_by_keyboard, Page) {
  browser.evaluate("document.getElementById('view').focus()");
  browser.key("ArrowRight", 39);
  const std::string said = browser.evaluate("document.getElementById('reading').textContent");
  BOOST_TEST(said.starts_with("Mon 2 Mar 03:21, phase shadow: "), said);
  BOOST_TEST(said.find("divergent rows") != std::string::npos);
  browser.key("+", 187, "+");
  browser.key("+", 187, "+");
  BOOST_TEST(to() - from() == 14 * 86400e3 / 4, boost::test_tools::tolerance(1e-6));
  const double before = from();
  browser.click("[data-do=later]");
  BOOST_TEST(from() > before);
  browser.evaluate("document.getElementById('view').focus()");
  browser.key("Escape", 27);
  BOOST_TEST(from() == 0);
  BOOST_TEST(to() == 14 * 86400e3);
  BOOST_TEST(browser.evaluate("document.getElementById('reading').textContent") == "");
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(a_phase_can_be_gone_to_by_keyboard, Page) {
  browser.evaluate("document.querySelector('#strip [role=button]').focus()");
  browser.key("Enter", 13, "\r");
  BOOST_TEST(to() == 5 * 86400e3);  // the end of shadow
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(a_link_of_the_matrix_leads_to_the_row_and_both_its_sides, Page) {
  browser.click(".matrix a[href^='#example-']");
  const std::string target = browser.evaluate("location.hash.slice(1)");
  const std::string found = "document.getElementById('" + target + "')";
  BOOST_TEST(browser.evaluate(found + ".closest('details').open") == "true");
  browser.evaluate(
      "(async () => { for (let last, same = 0; same < 10; await new Promise(requestAnimationFrame)) { const now = " +
      found + ".getBoundingClientRect().top; same = now === last ? same + 1 : 0; last = now; } })()");  // smooth
  BOOST_TEST(browser.number(found + ".getBoundingClientRect().top") >= 0);
  BOOST_TEST(browser.number(found + ".getBoundingClientRect().top") < 900);
  BOOST_TEST(browser.evaluate("document.activeElement.id") == target);
  const std::string row = browser.evaluate(found + ".textContent");
  for (const char* part : {"id=100233", "12840.55", "12840.00", "amount_scale", "mismatch", "missed"})
    BOOST_TEST(row.find(part) != std::string::npos, part);
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(the_first_tab_stop_skips_to_the_content, Page) {
  browser.key("Tab", 9);
  BOOST_TEST(browser.evaluate("document.activeElement.className") == "skip");
  browser.key("Enter", 13, "\r");
  BOOST_TEST(browser.evaluate("document.activeElement.id") == "content");
}

BOOST_FIXTURE_TEST_CASE(light_and_dark_follow_the_system_and_the_button_and_every_text_can_be_read, Page) {
  const auto page_colour = [&] { return browser.evaluate("getComputedStyle(document.body).backgroundColor"); };
  const auto readable = [&](const char* scheme) {
    const std::string least = browser.evaluate(least_contrast);
    BOOST_TEST(std::strtod(least.c_str(), nullptr) >= 4.5, scheme << ": " << least);
  };
  const std::string light = page_colour();
  readable("light");
  browser.emulate_media(R"({"features":[{"name":"prefers-color-scheme","value":"dark"}]})");
  const std::string dark = page_colour();
  BOOST_TEST(light != dark);
  readable("dark");
  browser.click("#theme");
  BOOST_TEST(browser.evaluate("document.documentElement.dataset.theme") == "light");
  BOOST_TEST(page_colour() == light);
  browser.emulate_media(R"({"features":[{"name":"prefers-color-scheme","value":"light"}]})");
  browser.click("#theme");
  BOOST_TEST(page_colour() == dark);
  browser.open(file);  // it is remembered
  BOOST_TEST(page_colour() == dark);
  no_complaints();
}

BOOST_FIXTURE_TEST_CASE(nothing_is_wider_than_the_window_and_paper_has_no_buttons, Page) {
  for (const int width : {1400, 768, 420, 360}) {
    browser.resize(width, 900);
    BOOST_TEST(browser.number("document.scrollingElement.scrollWidth") <= width);
  }
  browser.emulate_media(R"({"media":"print"})");
  BOOST_TEST(browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none");
  BOOST_TEST(browser.evaluate("getComputedStyle(document.querySelector('.controls')).display") == "none");
  no_complaints();
}

BOOST_AUTO_TEST_CASE(seventy_days_open_at_once) {
  constexpr std::int64_t minute = 60'000'000'000;
  result::Result result = fixture::rich();
  result.set_duration_ns(70 * 24 * 60 * minute);
  for (int s = 0; s < 24; ++s) {
    result::Series& series = *result.add_series();
    series.set_name("series " + std::to_string(s)), series.set_unit("seconds");
    series.set_kind(s % 2 ? result::Series::latency : result::Series::metric);
    for (int i = 0; i < 20'160; ++i) series.add_times_ns(i * 5 * minute), series.add_values(i * 37 % 1009 / 7.0);
  }
  for (int i = 0; i < 5'000; ++i) {
    result::Mark& mark = *result.add_marks();
    mark.set_at_ns(i * 20 * minute), mark.set_kind(result::Mark::repair), mark.set_text("reload 3 rows");
  }
  Page page(result);
  const double busy = page.browser.busy_seconds();
  BOOST_TEST_MESSAGE(fmt::format("loaded and drawn in {:.2f} s of the processor", busy));
  BOOST_TEST(busy > 0);
  BOOST_TEST(busy < 2);  // under a second where nothing else runs
  page.no_complaints();
}

}  // namespace rehearse::reports::test
