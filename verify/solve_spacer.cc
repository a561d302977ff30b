// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <z3++.h>

#include "verify/balance_proof.h"

namespace ringfence {
namespace {

/// Interrupts the solver when the time is up: Spacer does not always heed a time limit of its own. The time is the processor's, so that a busy
/// machine finds what an idle one does, but no more than `clock_ms` by the clock.
class Watch {
 public:
  Watch(z3::context& context, std::uint32_t processor_ms, std::uint32_t clock_ms) : is_timed_(pthread_getcpuclockid(pthread_self(), &solving_) == 0) {
    const std::int64_t end = processor_now() + processor_ms;
    const auto clock_end = std::chrono::steady_clock::now() + std::chrono::milliseconds(clock_ms);
    thread_ = std::thread([this, &context, end, clock_end] {
      std::unique_lock lock(mutex_);
      while (!done_changed_.wait_for(lock, std::chrono::milliseconds(20), [this] { return done_; }))
        if (processor_now() >= end || std::chrono::steady_clock::now() >= clock_end) context.interrupt();
    });
  }
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    done_changed_.notify_one();
    thread_.join();
  }

 private:
  /// Milliseconds that the solving thread has computed; those of the clock where the system does not tell.
  std::int64_t processor_now() const {
    timespec time{};
    clock_gettime(is_timed_ ? solving_ : CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
  }

  clockid_t solving_{};
  const bool is_timed_;
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  std::thread thread_;   // last: it uses the others
};

/// `(define-fun inv ((pa0 Int) ...) Bool ...)`.
std::string definition(z3::context& context, const std::vector<std::string>& parameters, const z3::expr& meaning) {
  z3::expr_vector arguments(context);
  std::string typed;
  for (const std::string& name : parameters) {
    arguments.push_back(context.int_const(name.c_str()));
    typed += fmt::format("({} Int)", name);
  }
  z3::expr body = meaning;
  return fmt::format("(define-fun inv ({}) Bool\n  {})\n", typed, body.substitute(arguments).to_string());
}

}  // namespace

std::optional<std::string> find_invariant(const std::string& horn, const std::vector<std::string>& parameters, std::uint32_t processor_ms, std::uint32_t clock_ms) {
  try {
    z3::context context;
    z3::solver solver(context, "HORN");
    solver.from_string(horn.c_str());
    const Watch watch(context, processor_ms, clock_ms);
    if (solver.check() != z3::sat) return std::nullopt;
    const z3::model model = solver.get_model();
    if (model.num_funcs() != 1) return std::nullopt;
    const z3::func_decl inv = model.get_func_decl(0);
    if (inv.arity() != parameters.size()) return std::nullopt;
    std::string found = definition(context, parameters, model.get_func_interp(inv).else_value());
    if (found.find("forall") != std::string::npos || found.find("exists") != std::string::npos) return std::nullopt;
    return found;
  } catch (const z3::exception&) {
    return std::nullopt;
  }
}

}  // namespace ringfence
