// SPDX-License-Identifier: Apache-2.0
// "The table is the policy": a loaded rule table and the typed policy that it should be made of go in; out comes whether both say the same
// of every transfer and mode change, for all values. What each answer means:
//   PROVED   for every move, role and value: the same allow rules hold, passing title alike, the same denies, floors and limits hold, the same
//            values are needed, the same condition fails first; and every declaration, text and citation is the same
//   REFUTED  here is one difference, with values for which it shows; where it is about a decision, the table's was taken by `decide`
//   UNKNOWN  neither was established. Never counts as proved
// The policy is read by the language reference alone (policy_meaning.h), not by the passes that made the table. What is trusted: parse and
// check, which made the typed policy; load and decode; and `decide` as the reading of a row. soundness.md, "The table is the policy".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/typed_policy.h"
#include "verify/verify.h"

namespace ringfence {

struct TableDifference {
  std::string place;                       ///< "fee from Client.wallet to House.fees, the same Client, in USD, by teller"
  std::string what;                        ///< one sentence without a full stop
  std::vector<std::string> values;         ///< "amount = 5 USD": values for which it shows; may be empty
  std::string by_policy, by_table;         ///< what each decides, where it is about a transfer or a mode change; else empty
  bool decisions_differ = false;           ///< false: it shows elsewhere (title, words, another rule decides), or no values were found
};
/// For people, several lines.
std::string print(const TableDifference&);

struct Equivalence {
  Answer answer = Answer::Unknown;
  std::size_t obligations = 0;             ///< declarations, moves by role, conditions and transitions that were compared
  std::size_t questions = 0;               ///< of these, how many the solver had to answer; the others are the same by form
  std::optional<TableDifference> difference;   ///< REFUTED
  std::string reason;                      ///< UNKNOWN
};

struct EquivalenceOptions {
  Budget budget;                              ///< of one question, and of all of them
  std::size_t choices_max = 1'000'000;        ///< of the decision diagrams of one pair of buckets; beyond: UNKNOWN
};

/// Throws nothing. Linear in rows and conditions as long as the solver is not asked.
Equivalence prove_equivalent(const TypedPolicy&, const RuleTable&, const EquivalenceOptions& = {});

/// As one of the properties of a report (property.h).
PropertyVerdict as_property(const Equivalence&);

}  // namespace ringfence
