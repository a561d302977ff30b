// SPDX-License-Identifier: Apache-2.0
// See check_obligations.h. Each solver has a context of its own; two threads share the texts, which nobody changes, and the memory.
#include <future>

#include <z3.h>

#include "verify/check_obligations.h"
#include "verify/solve_watch.h"

namespace ringfence {

struct ObligationChecker::Solver {
  Solver() {
    Z3_config config = Z3_mk_config();
    context = Z3_mk_context(config);
    Z3_del_config(config);
    Z3_set_error_handler(context, [](Z3_context, Z3_error_code) {});  // errors are read from the answer, never thrown
    watch.emplace(context);
  }
  ~Solver() {
    watch.reset();
    Z3_del_context(context);
  }
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  std::string run(const std::string& text, const Budget& budget) {
    const std::uint32_t left_ms = budget.left_ms();
    if (left_ms == 0) return "unknown\n";
    watch->end_by(std::chrono::steady_clock::now() + std::chrono::milliseconds(left_ms));
    const char* answer = Z3_eval_smtlib2_string(context, text.c_str());
    return Z3_get_error_code(context) == Z3_OK && answer ? answer : "error";
  }

  Z3_context context;
  std::optional<Watch> watch;
};

namespace {

/// From here on, one more solver is worth its declarations.
constexpr std::size_t kManyObligations = 64;

}  // namespace

ObligationChecker::ObligationChecker(std::string prelude, const Budget& budget, ProofMemory* memory)
    : prelude_(std::move(prelude)), budget_(budget), known_(memory, prelude_) {}
ObligationChecker::~ObligationChecker() = default;

bool ObligationChecker::all_unsat(const Obligations& obligations) {
  Open open;
  for (const std::string& one : obligations)
    if (!known_.is_known_unsat(one)) open.push_back(&one);
  if (open.size() < kManyObligations) return ask(solver_, open, 0, open.size());
  const std::size_t half = open.size() / 2;
  auto second_half = std::async(std::launch::async, [&] { return ask(second_, open, half, open.size()); });
  const bool first_half = ask(solver_, open, 0, half);
  return second_half.get() && first_half;
}

bool ObligationChecker::ask(std::unique_ptr<Solver>& solver, const Open& open, std::size_t first, std::size_t last) const {
  if (first == last) return true;
  if (!solver) {
    auto made = std::make_unique<Solver>();
    if (!made->run(prelude_, budget_).empty()) return false;
    solver = std::move(made);
  }
  for (std::size_t i = first; i < last; ++i) {
    if (solver->run(*open[i], budget_) != "unsat\n") return false;
    known_.keep_unsat(*open[i]);
  }
  return true;
}

}  // namespace ringfence
