// SPDX-License-Identifier: Apache-2.0
// A typed policy read by the language reference alone, sections 3.8 and 4 to 8, into the meaning of its moves, transitions and invariants. It shares no code
// with the passes that make the rule table (lower, resolve, emit): that is its purpose. It is kept in the manner of the reference
// interpreter of the tests, clause by clause, but over every value at once.
#pragma once

#include <map>
#include <span>

#include "compiler/typed_policy.h"
#include "verify/move_meaning.h"

namespace ringfence::equivalence {

/// Where a policy's statements stand among Moves::statements: rules, floors, limits, transitions, invariants.
struct StatementPlaces {
  explicit StatementPlaces(const TypedPolicy&);
  Index floors, limits, transitions, invariants, end;
};

/// Whether a pair speaks of this relation of its buckets (4.3), which is not a move to itself (4.4).
bool speaks_of_relation(const Pair&, Relation);
/// How many entities key both (4.3).
unsigned shared_key_count(const Vocabulary&, Index from, Index to);

/// Reads statements in settings of the same two buckets and relation, or of the same machine. What has no meaning there is a problem()
/// of the diagrams: `check` lets no such policy pass.
class PolicyReader {
 public:
  /// Borrows both.
  PolicyReader(const TypedPolicy& policy, GuardDiagrams& diagrams) : policy_(policy), places_(policy), diagrams_(diagrams) {}

  /// 4, 5 and 8.3. `rules` and `limits`: positions in the policy of those that speak of the move with this role, in text order.
  MoveMeaning move(const Setting&, std::span<const Index> rules, std::span<const Index> limits);
  StatementMeaning transition(const Setting&, Index transition);
  StatementMeaning invariant(const Setting&, Index invariant);
  /// To be called when the diagrams are cleared.
  void clear() { known_.clear(); }

 private:
  const StatementMeaning& statement(const Setting&, Index statement);
  StatementMeaning read_rule(const Setting&, Index statement);
  StatementMeaning read_floor(const Setting&, Index statement);
  StatementMeaning read_limit(const Setting&, Index statement);
  bool leaves_overdrawn_account(const Setting&) const;
  void add_balances(const Setting&, MoveMeaning&);

  const TypedPolicy& policy_;
  StatementPlaces places_;
  GuardDiagrams& diagrams_;
  std::map<std::pair<Index, Index>, StatementMeaning> known_;   ///< by statement and asset
};

}  // namespace ringfence::equivalence
