// SPDX-License-Identifier: Apache-2.0
#include <sstream>

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

ObligationChecker::ObligationChecker(std::uint32_t timeout_ms) : solver_(std::make_unique<Solver>(timeout_ms)) {}
ObligationChecker::~ObligationChecker() = default;
ObligationChecker::ObligationChecker(ObligationChecker&&) noexcept = default;

bool ObligationChecker::declare(const std::string& text) { return solver_->run(text).empty(); }

bool ObligationChecker::all_unsat(const Obligations& obligations) {
  std::istringstream lines(solver_->run(obligations.text));
  std::uint32_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    if (line != "unsat") return false;
    ++count;
  }
  return count == obligations.count;
}

}  // namespace ringfence
