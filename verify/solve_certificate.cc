// SPDX-License-Identifier: Apache-2.0
#include <future>
#include <utility>

#include <z3.h>

#include "verify/check_obligations.h"

namespace ringfence {

struct ObligationChecker::Solver {
  explicit Solver(std::uint32_t timeout_ms) {
    Z3_config config = Z3_mk_config();
    Z3_set_param_value(config, "timeout", std::to_string(timeout_ms).c_str());
    context = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});  // errors are read from the answer, never thrown
  }
  ~Solver() { Z3_del_context(context); }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  std::string run(const std::string& text) {
    const char* answer = Z3_eval_smtlib2_string(context, text.c_str());
    return Z3_get_error_code(context) == Z3_OK && answer ? answer : "error";
  }

  Z3_context context;
};

namespace {

/// From here on, one more solver is worth its declarations.
constexpr std::size_t kManyObligations = 64;

bool all_answer_unsat(ObligationChecker::Solver& solver, const Obligations& obligations, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i)
    if (solver.run(obligations[i]) != "unsat\n") return false;
  return true;
}

}  // namespace

ObligationChecker::ObligationChecker(std::uint32_t timeout_ms) : solver_(std::make_unique<Solver>(timeout_ms)), second_(std::make_unique<Solver>(timeout_ms)) {}
ObligationChecker::~ObligationChecker() = default;
ObligationChecker::ObligationChecker(ObligationChecker&&) noexcept = default;

bool ObligationChecker::declare(const std::string& text) {
  declared_ = text;
  return solver_->run(text).empty();
}

bool ObligationChecker::all_unsat(const Obligations& obligations) {
  if (obligations.size() < kManyObligations) return all_answer_unsat(*solver_, obligations, 0, obligations.size());
  const std::size_t half = obligations.size() / 2;
  auto second_half = std::async(std::launch::async, [&] {
    if (!declared_.empty() && !second_->run(std::exchange(declared_, "")).empty()) return false;
    return all_answer_unsat(*second_, obligations, half, obligations.size());
  });
  const bool first_half = all_answer_unsat(*solver_, obligations, 0, half);
  return second_half.get() && first_half;
}

}  // namespace ringfence
