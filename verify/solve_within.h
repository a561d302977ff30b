// SPDX-License-Identifier: Apache-2.0
// A Z3 solver kept within a budget, and asked once only where its answer is remembered. Only the files named solve* include it.
#pragma once

#include <optional>
#include <string>

#include <z3++.h>

#include "verify/budget.h"
#include "verify/proof_memory.h"
#include "verify/solve_watch.h"

namespace ringfence {

/// Must end before the solver and its context do. The limit of one query is set once, for setting it costs more than many a query; the end of
/// the run is watched.
class WithinBudget {
 public:
  WithinBudget(z3::solver& solver, const Budget& budget) : solver_(solver), budget_(budget) {
    limit_queries();
    if (budget.end == Budget::Instant::max()) return;
    watch_.emplace(solver.ctx());
    watch_->end_by(budget.end);
  }

  /// Again after the solver was reset.
  void limit_queries() {
    z3::params params(solver_.ctx());
    params.set("timeout", budget_.query_ms);
    solver_.set(params);
  }

  /// What the solver answers to all that has been asserted; unknown when it takes longer, and at once when the time for the run is up.
  z3::check_result check() { return budget_.is_over() ? z3::unknown : solver_.check(); }

  /// Asserts the wish, if what has been asserted can still be satisfied with it; says whether.
  bool keep_if_possible(const z3::expr& wish) {
    solver_.push();
    solver_.add(wish);
    if (check() == z3::sat) return true;
    solver_.pop();
    return false;
  }

 private:
  z3::solver& solver_;
  const Budget budget_;
  std::optional<Watch> watch_;
};

/// The answer to the question with this content: the one that is remembered, else what `ask` gets. `memory` may be null.
template <class Ask>
z3::check_result check_remembered(ProofMemory* memory, const std::string& content, const Ask& ask) {
  if (memory == nullptr) return ask();
  if (const auto known = memory->answer(content)) return *known ? z3::sat : z3::unsat;
  const z3::check_result answer = ask();
  if (answer != z3::unknown) memory->keep_answer(content, answer == z3::sat);
  return answer;
}

}  // namespace ringfence
