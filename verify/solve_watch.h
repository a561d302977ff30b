// SPDX-License-Identifier: Apache-2.0
// Interrupts what a Z3 context works on when its time is up: neither Spacer nor the reading of SMT-LIB text heeds a time limit of its own.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <thread>

#include <z3.h>

namespace ringfence {

/// Must end before the context does. The context is used by the thread that made this, and interrupted by another, which Z3 allows.
class Watch {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::int64_t kNoLimit = INT64_MAX;

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

  /// What begins now and until the next call must end by then, and before the thread that made this has computed so much longer: a busy machine
  /// then finds what an idle one does. Each interrupt ends one query.
  void end_by(Instant end, std::int64_t processor_ms = kNoLimit) {
    const std::lock_guard lock(mutex_);
    end_ = end;
    processor_end_ = processor_ms == kNoLimit ? kNoLimit : computed_ms() + processor_ms;
  }

 private:
  void interrupt_late(Z3_context context) {
    std::unique_lock lock(mutex_);
    while (!done_changed_.wait_for(lock, std::chrono::milliseconds(5), [this] { return done_; }))
      if (std::chrono::steady_clock::now() >= end_ || (processor_end_ != kNoLimit && computed_ms() >= processor_end_)) Z3_interrupt(context);
  }

  /// Milliseconds that the thread which made this has computed; those of the clock where the system does not tell.
  std::int64_t computed_ms() const {
    timespec time{};
    clock_gettime(is_timed_ ? computing_ : CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
  }

  clockid_t computing_{};
  const bool is_timed_ = pthread_getcpuclockid(pthread_self(), &computing_) == 0;
  std::mutex mutex_;
  std::condition_variable done_changed_;
  Instant end_ = Instant::max();
  std::int64_t processor_end_ = kNoLimit;
  bool done_ = false;
  std::thread thread_;   // last: it uses the others
};

}  // namespace ringfence
