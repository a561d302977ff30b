// SPDX-License-Identifier: Apache-2.0
// Asks for values in their ranges for which a decision diagram holds: how a difference of two guards is found, or shown not to exist.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "verify/budget.h"
#include "verify/guard_diagram.h"

namespace ringfence::equivalence {

/// Values for which a diagram holds, and who approves: the roles of each person, none of whom is the initiator.
struct Example {
  std::vector<Int128> values;
  std::vector<Mask> persons;
};
struct Search {
  enum class Answer : std::uint8_t { None, Found, Unknown } answer = Answer::Unknown;
  Example example;       ///< Found
  std::string reason;    ///< Unknown
};

class DifferenceSolver {
 public:
  /// The solver is made when it is first asked.
  explicit DifferenceSolver(const Budget&);
  ~DifferenceSolver();
  /// None: there are no such values. Throws nothing.
  Search find(const GuardDiagrams&, Diagram);
  std::size_t question_count() const noexcept { return question_count_; }

 private:
  struct Solver;
  std::unique_ptr<Solver> solver_;
  Budget budget_;
  std::size_t question_count_ = 0;
};

}  // namespace ringfence::equivalence
