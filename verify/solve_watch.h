// SPDX-License-Identifier: Apache-2.0
// Interrupts what a Z3 context works on when its time is up: neither Spacer nor the reading of SMT-LIB text heeds a time limit of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <z3.h>

namespace ringfence {

/// Must end before the context does. The context is used by the thread that made this, and interrupted by another, which Z3 allows.
class Watch {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit Watch(Z3_context context) : thread_([this, context] { interrupt_late(context); }) {}
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    done_changed_.notify_one();
    thread_.join();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// What begins now and until the next call must end by then. Each interrupt ends one query.
  void end_by(Instant end) {
    const std::lock_guard lock(mutex_);
    end_ = end;
  }

 private:
  void interrupt_late(Z3_context context) {
    std::unique_lock lock(mutex_);
    while (!done_changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return done_; }))
      if (std::chrono::steady_clock::now() >= end_) Z3_interrupt(context);
  }

  std::mutex mutex_;
  std::condition_variable done_changed_;
  Instant end_ = Instant::max();
  bool done_ = false;
  std::thread thread_;   // last: it uses the others
};

}  // namespace ringfence
