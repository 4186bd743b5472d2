#include "tests/reports/browser.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <google/protobuf/util/json_util.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "reports/format.h"

namespace rehearse::reports::test {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr int patience_ms = 120'000;
constexpr const char* frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))";

const Value* find(const Struct& in, const std::string& name) {
  const auto found = in.fields().find(name);
  return found == in.fields().end() ? nullptr : &found->second;
}

const Struct& inner(const Struct& in, const std::string& name) {
  const Value* value = find(in, name);
  return value ? value->struct_value() : Struct::default_instance();
}

std::string text(const Struct& in, const std::string& name) {
  const Value* value = find(in, name);
  return value ? value->string_value() : std::string();
}

[[noreturn]] void run_browser(const std::string& program, const std::string& profile) {
  const std::string user_data = "--user-data-dir=" + profile;
  ::setenv("HOME", profile.c_str(), 1);
  const int quiet = ::open("/dev/null", O_RDWR);
  ::dup2(quiet, STDOUT_FILENO), ::dup2(quiet, STDERR_FILENO);
  const char* arguments[] = {program.c_str(),
                             "--headless=new",
                             "--no-sandbox",
                             "--disable-gpu",
                             "--disable-dev-shm-usage",
                             "--disable-quic",
                             "--no-first-run",
                             "--disable-background-networking",
                             "--disable-extensions",
                             "--disable-component-update",
                             "--disable-sync",
                             "--hide-scrollbars",
                             "--force-color-profile=srgb",
                             "--remote-debugging-pipe",
                             user_data.c_str(),
                             "about:blank",
                             nullptr};
  ::execv(program.c_str(), const_cast<char* const*>(arguments));
  ::_exit(127);
}

}  // namespace

std::string find_browser() {
  for (const char* program : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (::access(program, X_OK) == 0) return program;
  return "";
}

// The protocol's pipes are descriptors 3 (to the browser) and 4 (from it).
// On a busy machine a browser may die while it starts; that is not what is tested.
Browser::Browser(const std::string& program) {
  constexpr int attempts = 3;
  for (int attempt = 1;; ++attempt) try {
      start(program);
      return;
    } catch (const std::exception&) {
      end();
      if (attempt == attempts) throw;
    }
}

void Browser::start(const std::string& program) {
  session_.clear();
  buffer_.clear();
  requests.clear();
  complaints.clear();
  std::string name = (std::filesystem::temp_directory_path() / "rehearse-browser-XXXXXX").string();
  profile_ = ::mkdtemp(name.data());
  int to[2], from[2];
  if (::pipe(to) != 0 || ::pipe(from) != 0) throw std::runtime_error("no pipes for the browser");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    const int in = ::fcntl(to[0], F_DUPFD, 10), out = ::fcntl(from[1], F_DUPFD, 10);
    for (const int end : {to[0], to[1], from[0], from[1]}) ::close(end);
    ::dup2(in, 3), ::dup2(out, 4), ::close(in), ::close(out);
    run_browser(program, profile_.string());
  }
  ::close(to[0]), ::close(from[1]);
  to_browser_ = to[1], from_browser_ = from[0];
  ::signal(SIGPIPE, SIG_IGN);
  const std::string target =
      text(inner(call("Target.createTarget", "{\"url\":\"about:blank\"}"), "result"), "targetId");
  session_ = text(
      inner(call("Target.attachToTarget", fmt::format("{{\"targetId\":{},\"flatten\":true}}", json_string(target))),
            "result"),
      "sessionId");
  for (const char* domain : {"Page", "Network", "Runtime", "Log"}) call(std::string(domain) + ".enable");
  call("Performance.enable", "{\"timeDomain\":\"threadTicks\"}");
}

Browser::~Browser() {
  try {
    session_.clear();
    call("Browser.close");
  } catch (const std::exception&) {  // it is ended below
  }
  end();
}

void Browser::end() {
  ::close(to_browser_), ::close(from_browser_);
  for (int tenths = 0; tenths < 50 && ::waitpid(pid_, nullptr, WNOHANG) == 0; ++tenths)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(profile_, ignored);
}

// One message; messages end in a zero byte.
Struct Browser::receive() {
  for (;;) {
    if (const std::size_t end = buffer_.find('\0'); end != std::string::npos) {
      Struct message;
      const std::string json = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (!google::protobuf::util::JsonStringToMessage(json, &message).ok())
        throw std::runtime_error("the browser says what is no JSON: " + json.substr(0, 200));
      note(message);
      return message;
    }
    pollfd wait{from_browser_, POLLIN, 0};
    if (::poll(&wait, 1, patience_ms) <= 0) throw std::runtime_error("the browser does not answer");
    char bytes[65536];
    const ssize_t n = ::read(from_browser_, bytes, sizeof bytes);
    if (n <= 0) throw std::runtime_error("the browser is gone");
    buffer_.append(bytes, static_cast<std::size_t>(n));
  }
}

void Browser::note(const Struct& message) {
  const std::string method = text(message, "method");
  const Struct& parameters = inner(message, "params");
  if (method == "Page.loadEventFired") loaded_ = true;
  if (method == "Network.requestWillBeSent") requests.push_back(text(inner(parameters, "request"), "url"));
  if (method == "Runtime.exceptionThrown") {
    const Struct& details = inner(parameters, "exceptionDetails");
    complaints.push_back(text(details, "text") + " " + text(inner(details, "exception"), "description"));
  }
  if (method == "Log.entryAdded") complaints.push_back(text(inner(parameters, "entry"), "text"));
  if (method == "Runtime.consoleAPICalled") complaints.push_back("console: " + text(parameters, "type"));
}

Struct Browser::call(const std::string& method, const std::string& parameters) {
  const int id = ++next_id_;
  std::string message = fmt::format("{{\"id\":{},\"method\":\"{}\",\"params\":{}{}}}", id, method, parameters,
                                    session_.empty() ? "" : ",\"sessionId\":" + json_string(session_));
  message += '\0';
  for (std::size_t at = 0; at < message.size();) {
    const ssize_t n = ::write(to_browser_, message.data() + at, message.size() - at);
    if (n <= 0) throw std::runtime_error("the browser listens no more");
    at += static_cast<std::size_t>(n);
  }
  for (;;) {
    Struct answer = receive();
    const Value* of = find(answer, "id");
    if (!of || static_cast<int>(of->number_value()) != id) continue;
    if (find(answer, "error")) throw std::runtime_error(method + ": " + text(inner(answer, "error"), "message"));
    return answer;
  }
}

void Browser::resize(int width, int height) {
  call("Emulation.setDeviceMetricsOverride",
       fmt::format("{{\"width\":{},\"height\":{},\"deviceScaleFactor\":1,\"mobile\":false}}", width, height));
  evaluate(frames);
}

void Browser::emulate_media(const std::string& json) {
  call("Emulation.setEmulatedMedia", json);
  evaluate(frames);
}

void Browser::open(const std::filesystem::path& page) {
  loaded_ = false;
  call("Page.navigate", fmt::format("{{\"url\":{}}}", json_string("file://" + page.string())));
  while (!loaded_) receive();
  evaluate(frames);
}

std::string Browser::evaluate(const std::string& expression) {
  const Struct answer =
      call("Runtime.evaluate", fmt::format("{{\"expression\":{},\"awaitPromise\":true,\"returnByValue\":true}}",
                                           json_string("(async () => String(await (" + expression + ")))()")));
  const Struct& result = inner(answer, "result");
  if (find(result, "exceptionDetails"))
    complaints.push_back(expression + ": " +
                         text(inner(inner(result, "exceptionDetails"), "exception"), "description"));
  return text(inner(result, "result"), "value");
}

double Browser::busy_seconds() {
  const Struct answer = call("Performance.getMetrics");
  const Value* metrics = find(inner(answer, "result"), "metrics");
  if (metrics)
    for (const Value& metric : metrics->list_value().values())
      if (text(metric.struct_value(), "name") == "TaskDuration")
        return find(metric.struct_value(), "value")->number_value();
  throw std::runtime_error("the browser does not say how busy it was");
}

double Browser::number(const std::string& expression) { return std::strtod(evaluate(expression).c_str(), nullptr); }

void Browser::mouse(const std::string& type, double x, double y, int buttons, int clicks) {
  call("Input.dispatchMouseEvent",
       fmt::format("{{\"type\":\"{}\",\"x\":{},\"y\":{},\"button\":\"left\",\"buttons\":{},\"clickCount\":{}}}", type,
                   x, y, buttons, clicks));
}

void Browser::drag(double from_x, double y, double to_x) {
  mouse("mousePressed", from_x, y, 1, 1);
  for (int step = 1; step <= 4; ++step) mouse("mouseMoved", from_x + (to_x - from_x) * step / 4, y, 1, 0);
  mouse("mouseReleased", to_x, y, 0, 1);
}

void Browser::click(const std::string& selector) {
  const std::string found = "document.querySelector(" + json_string(selector) + ")";
  evaluate(found + ".scrollIntoView({ block: \"center\", behavior: \"instant\" })");
  evaluate(frames);  // what is drawn may still move it
  const std::string place =
      evaluate("(r => `${r.left + r.width / 2} ${r.top + r.height / 2}`)(" + found + ".getBoundingClientRect())");
  const double x = std::strtod(place.c_str(), nullptr);
  const double y = std::strtod(place.c_str() + std::min(place.find(' '), place.size()), nullptr);
  mouse("mousePressed", x, y, 1, 1);
  mouse("mouseReleased", x, y, 0, 1);
  evaluate(frames);
}

void Browser::key(const std::string& name, int code, const std::string& text) {
  for (const char* type : {text.empty() ? "rawKeyDown" : "keyDown", "keyUp"})
    call("Input.dispatchKeyEvent",
         fmt::format("{{\"type\":\"{}\",\"key\":{},\"code\":{},\"windowsVirtualKeyCode\":{}{}}}", type,
                     json_string(name), json_string(name), code, text.empty() ? "" : ",\"text\":" + json_string(text)));
}

}  // namespace rehearse::reports::test
