// SPDX-License-Identifier: Apache-2.0
// A finding becomes an example: values for which the two decide differently if there are any, else values for which the part differs; what
// the policy's text decides for them, and what the table does, by `decide`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "verify/compare_meaning.h"
#include "verify/difference_example.h"
#include "verify/equivalence.h"

namespace ringfence::equivalence {

/// The transition at `position` of the table, which has `row_count` rows before its transitions.
struct ChangeKind { Index machine = kNone; Mask from_modes = 0; Index to_mode = kNone; Mask roles = 0; Index position = kNone; std::size_t row_count = 0; };

class DifferenceExplainer {
 public:
  /// Borrows all.
  DifferenceExplainer(const RuleTable& table, const Vocabulary& vocabulary, const std::vector<Statement>& statements, GuardDiagrams& diagrams, DifferenceSolver& solver)
      : table_(table), vocabulary_(vocabulary), statements_(statements), diagrams_(diagrams), solver_(solver) {}

  /// `policy` and `table`: at least one; nothing where no allow rule speaks of the move, or there is no row.
  TableDifference explain(const Cell&, const Setting&, const std::optional<MoveMeaning>& policy, const std::optional<MoveMeaning>& table, const Finding&);
  TableDifference explain(const ChangeKind&, const std::string& place, const Setting&, const StatementMeaning& policy, const Finding&);

 private:
  Diagram allowed(const MoveMeaning&);
  Diagram judgements_differ(const MoveMeaning& policy, const MoveMeaning& table);
  std::vector<Diagram> places_to_look(const std::optional<MoveMeaning>& policy, const std::optional<MoveMeaning>& table, const Finding&);
  void add_example(TableDifference&, const Example&, const std::vector<Index>& read, Index asset, const Judgement& policy, const Judgement& table,
                   std::optional<Index> missing) const;

  const RuleTable& table_;
  const Vocabulary& vocabulary_;
  const std::vector<Statement>& statements_;
  GuardDiagrams& diagrams_;
  DifferenceSolver& solver_;
};

}  // namespace ringfence::equivalence
