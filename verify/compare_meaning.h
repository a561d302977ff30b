// SPDX-License-Identifier: Apache-2.0
// The meaning of one move by the policy's text and by the table's row, over the same values, compared part by part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/difference_solver.h"
#include "verify/move_meaning.h"

namespace ringfence::equivalence {

/// The first part in which the two differ, where that shows, and, if it was looked for, values for which it does.
struct Finding {
  std::string what;                   ///< one sentence without a full stop
  Diagram where = kNever;             ///< kNever: no values show it (a text, a number of conditions)
  std::optional<Example> example;
  std::optional<Index> missing;       ///< shows when this value is not supplied
};

class MeaningComparison {
 public:
  /// Borrows all. `statements` are named in findings.
  MeaningComparison(const Vocabulary& vocabulary, const std::vector<Statement>& statements, GuardDiagrams& diagrams, DifferenceSolver& solver)
      : vocabulary_(vocabulary), statements_(statements), diagrams_(diagrams), solver_(solver) {}

  /// Nothing: no difference was found; if then undecided() is empty, there is none.
  std::optional<Finding> compare(const MoveMeaning& policy, const MoveMeaning& table);
  std::optional<Finding> compare(const StatementMeaning& policy, const StatementMeaning& table);
  /// A value that one of the two needs and the other does not.
  std::optional<Finding> compare_reads(std::vector<Index> policy, std::vector<Index> table) const;

  std::size_t compared_count() const noexcept { return compared_count_; }
  /// Why the solver did not answer; empty when it always did.
  const std::string& undecided() const noexcept { return undecided_; }

 private:
  std::optional<Finding> compare_money(const MoveMeaning& policy, const MoveMeaning& table) const;
  std::optional<Finding> compare_group(const std::vector<StatementMeaning>& policy, const std::vector<StatementMeaning>& table);
  std::optional<Finding> compare_condition(Index statement, Index position, const ConditionMeaning& policy, const ConditionMeaning& table);
  std::optional<Finding> compare_truth(Index statement, Index position, const ConditionMeaning& policy, const ConditionMeaning& table);
  std::string words(Index statement) const;

  const Vocabulary& vocabulary_;
  const std::vector<Statement>& statements_;
  GuardDiagrams& diagrams_;
  DifferenceSolver& solver_;
  std::size_t compared_count_ = 0;
  std::string undecided_;
};

}  // namespace ringfence::equivalence
