#include "harness/jobs/pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <optional>
#include <system_error>
#include <vector>

#include "sim/kernel/assert.h"

namespace rehearse {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t answer_bytes_max = std::uint64_t{256} << 20;
constexpr std::size_t said_bytes_max = 2'048;  // of what a worker wrote before it ended

// ---- whole messages through a pipe ---------------------------------------------------------------------------------

bool write_all(int to, const void* bytes, std::size_t count) {
  const char* at = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = write(to, at, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    count -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int from, void* bytes, std::size_t count) {
  char* at = static_cast<char*>(bytes);
  while (count > 0) {
    const ssize_t got = read(from, at, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

struct Header {  // of an answer
  std::uint64_t bytes = 0;
  std::uint64_t failed = 0;
};

[[noreturn]] void work(int jobs, int answers, const std::function<std::string(std::uint64_t)>& job) {
  std::uint64_t number = 0;
  while (read_all(jobs, &number, sizeof number)) {
    Header header;
    std::string answer;
    try {
      answer = job(number);
    } catch (const std::exception& problem) {
      answer = problem.what();
      header.failed = 1;
    }
    header.bytes = answer.size();
    if (!write_all(answers, &header, sizeof header) || !write_all(answers, answer.data(), answer.size())) break;
  }
  _exit(0);
}

// ---- the workers ---------------------------------------------------------------------------------------------------

struct Worker {
  pid_t process = 0;  // 0: none
  int jobs = -1, answers = -1, said = -1;
  std::optional<std::uint64_t> job;
  Clock::time_point until;
  bool timed_out = false;
  std::string received;
};

class Pool {
 public:
  Pool(const std::function<std::string(std::uint64_t)>& job, const std::function<void(std::uint64_t, JobEnd)>& ended,
       const PoolOptions& options)
      : job_(job), ended_(ended), options_(options), workers_(std::max(1U, options.workers)) {}
  ~Pool() {
    for (Worker& worker : workers_)
      if (worker.process != 0) {
        kill(-worker.process, SIGKILL);
        bury(worker);
      }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(std::span<const std::uint64_t> jobs) {
    std::size_t given = 0, done = 0;
    while (done < jobs.size() && !is_interrupted()) {
      for (Worker& worker : workers_)
        if (!worker.job && given < jobs.size()) give(worker, jobs[given++]);
      done += listen();
    }
  }

 private:
  bool is_interrupted() const { return options_.interrupted && options_.interrupted->load(); }

  void give(Worker& worker, std::uint64_t job) {
    if (worker.process == 0) start(worker);
    worker.job = job;
    if (options_.time_out_ns > 0) worker.until = Clock::now() + std::chrono::nanoseconds(options_.time_out_ns);
    write_all(worker.jobs, &job, sizeof job);  // one that has died is noticed by its answers' end
  }

  void start(Worker& worker) {
    int jobs[2], answers[2];
    const int said = memfd_create("said", MFD_CLOEXEC);
    if (said < 0 || pipe2(jobs, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0)
      throw std::system_error(errno, std::generic_category(), "a worker's pipes");
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process < 0) throw std::system_error(errno, std::generic_category(), "a worker's process");
    if (process == 0) {
      setpgid(0, 0);  // Ctrl-C is the caller's to hear
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(0);
      // Without these ends of the others, theirs end with the caller.
      for (const Worker& other : workers_)
        if (other.process != 0) close(other.jobs), close(other.answers), close(other.said);
      close(jobs[1]), close(answers[0]);
      dup2(said, STDERR_FILENO);
      signal(SIGINT, SIG_DFL);
      signal(SIGTERM, SIG_DFL);
      signal(SIGABRT, SIG_DFL);  // whoever catches it in the caller knows nothing of a job
      signal(SIGPIPE, SIG_DFL);  // as whatever the job starts expects it
      work(jobs[0], answers[1], job_);
    }
    setpgid(process, process);
    close(jobs[0]), close(answers[1]);
    worker = Worker{};
    worker.process = process;
    worker.jobs = jobs[1];
    worker.answers = answers[0];
    worker.said = said;
  }

  // Waits until something has happened; returns how many jobs have ended.
  std::size_t listen() {
    std::vector<pollfd> watched;
    std::vector<Worker*> whose;
    for (Worker& worker : workers_)
      if (worker.job) {
        watched.push_back({worker.answers, POLLIN, 0});
        whose.push_back(&worker);
      }
    poll(watched.data(), watched.size(), 100);
    std::size_t ended = 0;
    for (std::size_t i = 0; i < watched.size(); ++i) {
      if (watched[i].revents != 0) ended += receive(*whose[i]);
      Worker& worker = *whose[i];
      if (worker.job && options_.time_out_ns > 0 && !worker.timed_out && Clock::now() >= worker.until) {
        worker.timed_out = true;
        kill(-worker.process, SIGKILL);
      }
    }
    return ended;
  }

  std::size_t receive(Worker& worker) {
    char bytes[1 << 16];
    const ssize_t got = read(worker.answers, bytes, sizeof bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return 0;
    if (got <= 0) return lost(worker);
    worker.received.append(bytes, static_cast<std::size_t>(got));
    Header header;
    if (worker.received.size() < sizeof header) return 0;
    std::memcpy(&header, worker.received.data(), sizeof header);
    REHEARSE_ASSERT(header.bytes <= answer_bytes_max, "a job's answer is small");
    if (worker.received.size() < sizeof header + header.bytes) return 0;
    JobEnd end;
    (header.failed ? end.problem : end.answer) = worker.received.substr(sizeof header);
    if (header.failed) end.kind = JobEnd::Kind::failed;
    worker.received.clear();
    if (ftruncate(worker.said, 0) == 0) lseek(worker.said, 0, SEEK_SET);
    return tell(worker, std::move(end));
  }

  // The worker has ended in the middle of a job.
  std::size_t lost(Worker& worker) {
    const std::string said = end_of(worker.said);
    const bool timed_out = worker.timed_out;
    const int status = bury(worker);
    JobEnd end;
    if (timed_out) {
      end = {JobEnd::Kind::timed_out, {}, "it ran past its time"};
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
      end = {JobEnd::Kind::killed, {}, "somebody killed it, or memory ran out"};
    } else if (WIFSIGNALED(status)) {
      end = {JobEnd::Kind::crashed, {}, fmt::format("it crashed: {}", strsignal(WTERMSIG(status)))};
    } else {
      end = {JobEnd::Kind::crashed, {}, fmt::format("it ended with exit code {}", WEXITSTATUS(status))};
    }
    if (!said.empty()) end.problem += "\n" + said;
    return tell(worker, std::move(end));
  }

  std::size_t tell(Worker& worker, JobEnd end) {
    const std::uint64_t job = *worker.job;
    worker.job.reset();
    ended_(job, std::move(end));
    return 1;
  }

  // What the worker has started ends with it.
  static int bury(Worker& worker) {
    close(worker.jobs), close(worker.answers), close(worker.said);
    int status = 0;
    while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
    }
    kill(-worker.process, SIGKILL);
    worker.process = 0;
    return status;
  }

  static std::string end_of(int file) {
    const off_t bytes = lseek(file, 0, SEEK_END);
    const off_t from = std::max<off_t>(0, bytes - static_cast<off_t>(said_bytes_max));
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, bytes - from)), '\0');
    const ssize_t got = pread(file, text.data(), text.size(), from);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  const std::function<std::string(std::uint64_t)>& job_;
  const std::function<void(std::uint64_t, JobEnd)>& ended_;
  const PoolOptions& options_;
  std::vector<Worker> workers_;
};

}  // namespace

void run_jobs(std::span<const std::uint64_t> jobs, const std::function<std::string(std::uint64_t)>& job,
              const std::function<void(std::uint64_t, JobEnd)>& ended, const PoolOptions& options) {
  struct sigaction ignored {
  }, before{};
  ignored.sa_handler = SIG_IGN;  // a worker that has died is noticed otherwise
  sigaction(SIGPIPE, &ignored, &before);
  {
    Pool pool(job, ended, options);
    pool.run(jobs);
  }
  sigaction(SIGPIPE, &before, nullptr);
}

unsigned processors() {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  return std::max(1U, static_cast<unsigned>(CPU_COUNT(&usable)));
}

}  // namespace rehearse
