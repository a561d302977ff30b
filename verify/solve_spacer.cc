// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <z3++.h>

#include "verify/balance_proof.h"

namespace ringfence {
namespace {

/// Interrupts the solver when the time is up: Spacer does not always heed a time limit of its own.
class Watch {
 public:
  Watch(z3::context& context, std::uint32_t timeout_ms) : thread_([this, &context, timeout_ms] {
      std::unique_lock lock(mutex_);
      while (!done_changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [this] { return done_; })) context.interrupt();
    }) {}
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    done_changed_.notify_one();
    thread_.join();
  }

 private:
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

std::optional<std::string> find_invariant(const std::string& horn, const std::vector<std::string>& parameters, std::uint32_t timeout_ms) {
  try {
    z3::context context;
    z3::solver solver(context, "HORN");
    solver.from_string(horn.c_str());
    const Watch watch(context, timeout_ms);
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
