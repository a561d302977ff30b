// SPDX-License-Identifier: Apache-2.0
// See interrupt.h. The signals are blocked in every thread, and one thread waits for them: a handler would be replaced by the one that
// Z3 installs while it works on a query.
#include "command/interrupt.h"

#include <csignal>
#include <mutex>
#include <string_view>
#include <thread>

#include <unistd.h>

namespace ringfence {
namespace {

std::recursive_mutex& writing() {
  static auto* mutex = new std::recursive_mutex;   // outlives the thread that waits for signals
  return *mutex;
}

[[noreturn]] void end_by(int signal) {
  constexpr std::string_view kWipe = "\r\x1b[K", kLine = "ringfence: interrupted\n";
  ssize_t ignored = ::isatty(STDERR_FILENO) == 1 ? ::write(STDERR_FILENO, kWipe.data(), kWipe.size()) : 0;
  ignored = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  static_cast<void>(ignored);
  ::_exit(128 + signal);
}

}  // namespace

void end_on_interrupt() {
  sigset_t waited;
  ::sigemptyset(&waited);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before{};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) ::sigaddset(&waited, signal);
  }
  if (::pthread_sigmask(SIG_BLOCK, &waited, nullptr) != 0) return;
  std::thread([waited] {
    int signal = 0;
    while (::sigwait(&waited, &signal) != 0) {}
    const std::lock_guard held(writing());
    end_by(signal);
  }).detach();
}

InterruptsHeld::InterruptsHeld() { writing().lock(); }
InterruptsHeld::~InterruptsHeld() { writing().unlock(); }

}  // namespace ringfence
