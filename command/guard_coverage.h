// SPDX-License-Identifier: Apache-2.0
// Which atoms of guards decisions have looked at, and what they found. An atom is one comparison, flag, mode test, approval, kind of evidence or time
// in a condition of a rule or transition, or in the `unless` of a floor or limit. It is seen true, or false, when a decision came to it and it was: deny
// rules are looked at until one holds, allow rules likewise, then floors and limits until one fails; in a statement its conditions until one fails,
// in a guard as few parts as settle it. What a decision for want of a value never looked at is not seen.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "command/load.h"
#include "command/values.h"
#include "compiler/resolve.h"

namespace ringfence {

struct GuardAtom {
  Index statement = kNone;               ///< Moves::statements
  std::uint32_t line = 0;
  std::string text;                      ///< as written
  bool seen_true = false, seen_false = false;
  bool missing() const noexcept { return !seen_true || !seen_false; }
};

class GuardCoverage {
 public:
  /// `policy.typed` is there, and outlives this.
  explicit GuardCoverage(const LoadedPolicy& policy);

  /// A transfer was decided on `row` with these values, those that it is given as they stood before it. `in_batch`: its floors were not looked at then.
  void see_transfer(Index row, std::span<const Value> values, const Decision&, bool in_batch);
  /// A change of mode was decided: one candidate, which came to be looked at.
  void see_change(Index row, std::span<const Value> values, const Decision&);

  const std::vector<GuardAtom>& atoms() const noexcept { return atoms_; }   ///< by statement, in the order of the text

 private:
  struct Site;
  void add_atoms(Index statement, const Guard&);
  void add_atoms(Index statement, const std::vector<Condition>&);
  bool look(const Site&, const Guard&);
  bool all_hold(const Site&, const std::vector<Condition>&);

  const LoadedPolicy& policy_;
  std::vector<GuardAtom> atoms_;
  std::unordered_map<const Guard*, std::size_t> position_;   // of an atom in atoms_
};

}  // namespace ringfence
