// SPDX-License-Identifier: Apache-2.0
// The questions that a difference asks a solver about one kind of request: is there an amount, a time, are there balances, facts, modes,
// approvals, evidence and windows, the same for both policies, with which they answer differently? No Z3 type appears here.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "verify/budget.h"
#include "verify/diff_cells.h"

namespace ringfence {

/// What the solver chose. Proposed only: the tables decide.
struct Values {
  Int128 amount = 0;
  std::vector<Reading> readings;      ///< every slot that either policy reads
  std::vector<Mask> approvals;        ///< one person each
};
struct Reply {
  enum class Kind : std::uint8_t { Impossible, Possible, NoAnswer } kind = Kind::NoAnswer;
  std::optional<Values> values;       ///< Possible, and asked for
};

class DiffSolver {
 public:
  /// `joint` must outlive it.
  DiffSolver(const Joint& joint, const Budget&);
  ~DiffSolver();
  /// Some values on which the change happens to this kind of request. With `want_values`, simple ones: the smallest amount, but for
  /// one whole unit where that will do; nothing shown, nobody asked and nothing held that need not be.
  Reply ask(const Cell&, Change, bool want_values);

 private:
  struct Solver;
  std::unique_ptr<Solver> solver_;
};

}  // namespace ringfence
