// SPDX-License-Identifier: Apache-2.0
// The times of a run's steps. Where a guard of the run reads `now`, they are part of the question to Z3: none is before the one before it, a window that a step
// reads is over, a mode is read before its deadline and left by the clock after it. Else the steps are days apart, each at the time of day that it
// needs, and nearer only where a mode must not end (trace_times.h). Only the files named solve* include it.
#pragma once

#include <optional>
#include <vector>

#include <z3++.h>

#include "verify/abstract_run.h"
#include "verify/solve_within.h"
#include "verify/trace.h"

namespace ringfence {

class RunTimes {
 public:
  /// All of them outlive it.
  RunTimes(z3::solver&, const Moves&, const Run&);

  /// Of the next step, whose slots have these values.
  void pass(const std::vector<Slot>&, const std::vector<z3::expr>& values);
  /// After all steps.
  void keep_deadlines();
  /// Chooses times that are easy to read, where they are still possible.
  void settle(WithinBudget&);
  /// The time of each step.
  void put(const z3::model&, Trace&) const;

 private:
  z3::expr number(Int128) const;
  std::int64_t usual_time(std::size_t step) const;
  const Deadline* deadline_after(const RunStep& entering) const;
  std::vector<std::size_t> counts_for(std::size_t entering) const;
  bool is_same_subject(const RunStep& change, const RunStep& other) const;

  z3::solver& solver_;
  const Moves& moves_;
  const Run& run_;
  bool reads_now_ = false;
  std::vector<z3::expr> times_;                   // of the steps so far, where `now` is read
  std::vector<std::optional<z3::expr>> of_day_;   // the second of the day that each needs
};

}  // namespace ringfence
