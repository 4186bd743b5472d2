#include "harness/program/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace rehearse {
namespace {

constexpr std::size_t errors_kept = 4096;
constexpr rlim_t file_bytes_max = 256U << 20;
constexpr rlim_t address_bytes_max = rlim_t{4} << 30;
constexpr int could_not_execute = 127;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&& other) noexcept {
    reset();
    std::swap(value_, other.value_);
    return *this;
  }
  void reset() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }
  int get() const { return value_; }
  bool open() const { return value_ >= 0; }

 private:
  int value_ = -1;
};

struct Pipe {
  Descriptor read, write;
  bool make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
    return true;
  }
};

void limit(int what, rlim_t most) {
  const rlimit bounds{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(what), &bounds);
}

// In the child: from here on only what is safe after a fork.
void settle(const char* folder, int in, int out, int errors) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // however this process's parent ends
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(errors, 2) < 0 || ::chdir(folder) != 0)
    ::_exit(could_not_execute);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    ::signal(signal, SIG_DFL);
  limit(RLIMIT_FSIZE, file_bytes_max);
  limit(RLIMIT_CORE, 0);
}

[[noreturn]] void become(const char* folder, char* const* arguments, char* const* environment, int in, int out,
                         int errors) {
  settle(folder, in, out, errors);
  limit(RLIMIT_AS, address_bytes_max);
  ::execvpe(arguments[0], arguments, environment);
  ::_exit(could_not_execute);
}

// How many bytes of addresses this process has.
rlim_t addresses_now() {
  unsigned long long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%llu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void write_all(int fd, const std::string& text) {
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t n = ::write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno != EINTR) ::_exit(could_not_execute);
    if (n > 0) written += static_cast<std::size_t>(n);
  }
}

// What a function that came to its end writes before its answer, or before why there is none.
constexpr char answered_mark = '+', no_answer_mark = '-';

// A thread has a heap and a stack of its own, and a hole moves what is mapped after it.
std::string elsewhere(const InsideFunction& inside, std::string& answer) {
  constexpr std::size_t hole = 16'789'504;
  if (::mmap(nullptr, hole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED) return "has no memory";
  std::string problem;
  std::thread([&] { problem = inside(answer); }).join();
  return problem;
}

// In the child: this process has one thread, so that all of it is as it was.
[[noreturn]] void be(const ProgramRequest& request, const std::vector<std::string>& environment, int in, int out,
                     int errors) {
  const int answer_fd = ::dup(out);
  settle(request.folder.c_str(), in, errors, errors);
  limit(RLIMIT_AS, addresses_now() + address_bytes_max);
  ::clearenv();
  for (const std::string& setting : environment) {
    const std::size_t name = setting.find('=');
    ::setenv(setting.substr(0, name).c_str(), setting.c_str() + name + 1, 1);
  }
  ::tzset();
  std::string answer(1, answered_mark);
  const bool moved = request.memory == ProgramRequest::Memory::elsewhere;
  const std::string problem = moved ? elsewhere(request.inside, answer) : request.inside(answer);
  std::fflush(stdout);
  write_all(answer_fd, problem.empty() ? answer : no_answer_mark + problem);
  ::_exit(0);
}

std::vector<std::string> environment_of(const ProgramRequest& request) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all{std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin"),
                               "HOME=" + request.folder,
                               "TMPDIR=" + request.folder,
                               "TZ=UTC",
                               "LC_ALL=C.UTF-8",
                               "PYTHONHASHSEED=0"};
  for (const auto& [name, value] : request.environment) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Of this process, in ascending order; none where the system does not list them.
std::vector<pid_t> children() {
  std::vector<pid_t> all;
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream in(thread.path() / "children");
    for (pid_t child = 0; in >> child;) all.push_back(child);
  }
  std::sort(all.begin(), all.end());
  return all;
}

// Ends a program and whatever it has left behind. Of its group, by the group. A process that has left the group becomes
// this process's own child as soon as its parent is gone, and is ended as that.
class Aftermath {
 public:
  Aftermath() : before_(children()) { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

  // One that runs still.
  void end(pid_t child) const {
    ::kill(child, SIGKILL);  // which may have left its group itself
    end_what_is_left_of(child);
    wait_for(child);
  }

  // Of one that has been waited for.
  void end_what_is_left_of(pid_t child) const {
    ::kill(-child, SIGKILL);
    constexpr int generations_at_most = 1000;
    for (int i = 0; i < generations_at_most; ++i) {
      std::vector<pid_t> left;
      const std::vector<pid_t> now = children();
      std::set_difference(now.begin(), now.end(), before_.begin(), before_.end(), std::back_inserter(left));
      if (left.empty()) return;
      for (const pid_t one : left) ::kill(one, SIGKILL);
      for (const pid_t one : left) wait_for(one);
    }
  }

 private:
  static void wait_for(pid_t child) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  std::vector<pid_t> before_;  // not the program's
};

// A program that does not listen is no reason to end: writing to it fails instead.
class WithoutPipeSignal {
 public:
  WithoutPipeSignal() : before_(::signal(SIGPIPE, SIG_IGN)) {}
  ~WithoutPipeSignal() { ::signal(SIGPIPE, before_); }
  WithoutPipeSignal(const WithoutPipeSignal&) = delete;
  WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

 private:
  void (*before_)(int);
};

// The program under way: feeds it, takes what it says, until it is over or has gone too far.
class Conversation {
 public:
  Conversation(const ProgramRequest& request, const Aftermath& aftermath, pid_t child, Pipe& in, Pipe& out,
               Pipe& errors)
      : request_(request), aftermath_(aftermath), child_(child), in_(in), out_(out), errors_(errors) {
    for (const int fd : {in.write.get(), out.read.get(), errors.read.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }

  ProgramAnswer hold() {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point ends = Clock::now() + std::chrono::nanoseconds(request_.time_out_ns);
    int status = 0;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(ends - Clock::now()).count();
      if (left <= 0) return stopped(ProgramAnswer::End::timed_out, "did not answer before its time-out");
      exchange(static_cast<int>(std::min<std::int64_t>(left, 20)));
      if (answer_.output.size() > request_.output_max)
        return stopped(ProgramAnswer::End::flooded, fmt::format("wrote more than {} MiB", request_.output_max >> 20));
      const pid_t over = ::waitpid(child_, &status, WNOHANG);
      if (over == child_) break;
    }
    exchange(0);  // what is still in the pipes; who else holds them open is not waited for
    aftermath_.end_what_is_left_of(child_);
    if (answer_.output.size() > request_.output_max)
      return close(ProgramAnswer::End::flooded, fmt::format("wrote more than {} MiB", request_.output_max >> 20));
    if (WIFSIGNALED(status))
      return close(ProgramAnswer::End::crashed, fmt::format("was ended by signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) == could_not_execute)
      return close(ProgramAnswer::End::not_started, "could not be started (exit code 127)");
    if (WEXITSTATUS(status) != 0)
      return close(ProgramAnswer::End::failed, fmt::format("ended with exit code {}", WEXITSTATUS(status)));
    return request_.inside ? answer_of_function() : close(ProgramAnswer::End::answered, {});
  }

 private:
  ProgramAnswer answer_of_function() {
    if (answer_.output.empty()) return close(ProgramAnswer::End::failed, "ended its process instead of answering");
    const bool answered = answer_.output.front() == answered_mark;
    answer_.output.erase(0, 1);
    return answered ? close(ProgramAnswer::End::answered, {})
                    : close(ProgramAnswer::End::failed, std::move(answer_.output));
  }
  ProgramAnswer close(ProgramAnswer::End end, std::string problem) {
    answer_.end = end;
    answer_.problem = std::move(problem);
    if (end != ProgramAnswer::End::answered) answer_.output.clear();
    return std::move(answer_);
  }
  ProgramAnswer stopped(ProgramAnswer::End end, std::string problem) {
    aftermath_.end(child_);
    return close(end, std::move(problem));
  }

  void exchange(int wait_ms) {
    if (written_ == request_.input.size()) in_.write.reset();
    pollfd watched[3] = {{in_.write.get(), POLLOUT, 0}, {out_.read.get(), POLLIN, 0}, {errors_.read.get(), POLLIN, 0}};
    if (::poll(watched, 3, wait_ms) <= 0) return;
    if (in_.write.open() && watched[0].revents != 0) feed();
    if (watched[1].revents != 0) take(out_.read, answer_.output, request_.output_max + 1);
    if (watched[2].revents != 0) take(errors_.read, answer_.errors, errors_kept);
  }

  void feed() {
    const ssize_t n = ::write(in_.write.get(), request_.input.data() + written_, request_.input.size() - written_);
    if (n > 0) written_ += static_cast<std::size_t>(n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR) written_ = request_.input.size();  // it does not listen
  }

  static void take(Descriptor& from, std::string& into, std::uint64_t most) {
    char buffer[65536];
    for (int reads = 0; reads < 64; ++reads) {  // a flood leaves room to look at the time
      const ssize_t n = ::read(from.get(), buffer, sizeof buffer);
      if (n == 0) return from.reset();
      if (n < 0) return;
      const std::uint64_t room = most - std::min(most, std::uint64_t{into.size()});
      into.append(buffer, std::min(static_cast<std::uint64_t>(n), room));
    }
  }

  const ProgramRequest& request_;
  const Aftermath& aftermath_;
  pid_t child_;
  Pipe& in_;
  Pipe& out_;
  Pipe& errors_;
  std::size_t written_ = 0;
  ProgramAnswer answer_;
};

}  // namespace

ProgramAnswer run_program(const ProgramRequest& request) {
  ProgramAnswer failed;
  Pipe in, out, errors;
  if (!in.make() || !out.make() || !errors.make()) {
    failed.problem = "could not be started: there are no pipes";
    return failed;
  }
  std::vector<std::string> arguments = request.command, environment = environment_of(request);
  const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
  const WithoutPipeSignal quiet;
  const Aftermath aftermath;
  if (request.inside)  // what is not written yet would be written twice
    for (std::FILE* file : {stdout, stderr}) std::fflush(file);
  const pid_t child = ::fork();
  if (child < 0) {
    failed.problem = "could not be started: there are no processes";
    return failed;
  }
  if (child == 0 && request.inside) be(request, environment, in.read.get(), out.write.get(), errors.write.get());
  if (child == 0)
    become(request.folder.c_str(), argv.data(), envp.data(), in.read.get(), out.write.get(), errors.write.get());
  ::setpgid(child, child);
  in.read.reset();
  out.write.reset();
  errors.write.reset();
  return Conversation(request, aftermath, child, in, out, errors).hold();
}

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "rehearse-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder can be made in " + name);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace rehearse
