// SPDX-License-Identifier: Apache-2.0
// See run_process.h.
#include "command/run_process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ringfence {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPrintedBytesMax = 64u << 20;
constexpr int kNotFound = 127;   // as a shell says it

[[noreturn]] void become(char* const* arguments, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execvp(arguments[0], arguments);
  ::_exit(kNotFound);
}

/// Until its end; false when the deadline or the limit came first.
bool read_all(int from, Clock::time_point deadline, std::string& out) {
  while (out.size() < kPrintedBytesMax) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline - Clock::now(), Clock::duration(std::chrono::hours(1))));
    if (left.count() <= 0) return false;
    pollfd waited{from, POLLIN, 0};
    if (::poll(&waited, 1, static_cast<int>(left.count())) <= 0) continue;
    char chunk[1u << 16];
    const ssize_t count = ::read(from, chunk, sizeof chunk);
    if (count == 0) return true;
    if (count > 0) out.append(chunk, static_cast<std::size_t>(count));
    else if (errno != EINTR) return false;
  }
  return false;
}

}  // namespace

std::optional<ProcessEnd> run_process(const std::vector<std::string>& arguments, Clock::time_point deadline) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child = ::fork();
  if (child == 0) become(pointers.data(), ends[1]);
  ::close(ends[1]);
  ProcessEnd end;
  const bool whole = child > 0 && read_all(ends[0], deadline, end.out);
  ::close(ends[0]);
  if (child < 0) return std::nullopt;
  if (!whole) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (whole && WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (end.exit_code == kNotFound) return std::nullopt;
  return end;
}

}  // namespace ringfence
