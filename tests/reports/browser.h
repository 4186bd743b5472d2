// A headless browser for tests, driven over a pipe by its own debugging protocol: nothing beyond the browser is needed.
//
// It keeps what a page asked the network for and what it complained about. Input is given as a person gives it: mouse
// and keys at places of the page. Every wait is bounded; a browser that does not answer fails the test and is ended.
#pragma once

#include <google/protobuf/struct.pb.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace rehearse::reports::test {

// The browser's program; empty if none is installed.
std::string find_browser();

class Browser {
 public:
  explicit Browser(const std::string& program);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;
  ~Browser();

  void resize(int width, int height);
  void emulate_media(const std::string& json);   // parameters of Emulation.setEmulatedMedia
  void open(const std::filesystem::path& page);  // returns when it is loaded and drawn

  // The value of an expression as a text; what it throws is among the complaints.
  std::string evaluate(const std::string& expression);
  double busy_seconds();  // of the page's main thread so far, on the processor: whatever else the machine does
  double number(const std::string& expression);
  void drag(double from_x, double y, double to_x);
  void click(const std::string& selector);  // in the middle of the first that matches, scrolled into view
  void key(const std::string& name, int code, const std::string& text = "");

  std::vector<std::string> requests, complaints;

 private:
  void start(const std::string& program);
  void end();
  google::protobuf::Struct call(const std::string& method, const std::string& parameters = "{}");
  google::protobuf::Struct receive();
  void note(const google::protobuf::Struct& message);
  void mouse(const std::string& type, double x, double y, int buttons, int clicks);

  pid_t pid_ = -1;
  int to_browser_ = -1, from_browser_ = -1, next_id_ = 0;
  std::string buffer_, session_;
  bool loaded_ = false;
  std::filesystem::path profile_;
};

}  // namespace rehearse::reports::test
