// SPDX-License-Identifier: Apache-2.0
// See progress.h.
#include "command/progress.h"

#include <chrono>
#include <cstdio>

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command/describe.h"

namespace ringfence {
namespace {

/// Columns of the terminal: a longer line would wrap and could not be rewritten.
std::size_t columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void write_line(const std::string& line) {
  std::fputs(("\r\x1b[K" + line).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(std::string_view doing) : doing_(doing) {
  if (::isatty(STDERR_FILENO) == 1) thread_ = std::thread([this] { show(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  done_changed_.notify_one();
  thread_.join();
}

void Progress::set(std::string_view doing) {
  const std::lock_guard lock(mutex_);
  doing_ = doing;
}

void Progress::show() {
  const auto start = std::chrono::steady_clock::now();
  bool shown = false;
  std::unique_lock lock(mutex_);
  while (!done_changed_.wait_for(lock, std::chrono::milliseconds(shown ? 200 : 1000), [this] { return done_; })) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start).count();
    write_line(fmt::format("{} s  {}", seconds, printable(doing_)).substr(0, columns() - 1));
    shown = true;
  }
  if (shown) write_line("");
}

}  // namespace ringfence
