// SPDX-License-Identifier: Apache-2.0
// Moves as SMT-LIB text: a unit in the invariant before the move, taken by it, outside the invariant after it. Unsatisfiable exactly
// when the move keeps the invariant. Most moves keep it whatever their guards say: those that are alike but for the places are
// written as one, without guards.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "verify/smt_slots.h"
#include "verify/smt_state.h"

namespace ringfence::smt {

/// What one unit of money can tell of a move apart from its guards.
struct MoveShape {
  Index from_part = kNone, to_part = kNone;       ///< InvariantParts::of_bucket
  bool within_bucket = false, from_external = false, keeps = false, passes = false;
  Index owner = kNone, title = kNone;             ///< of the source; the title class of the destination
  Relation relation = 0;
  Index asset = kNone;
  std::vector<Index> from_keys, to_keys;
  auto operator<=>(const MoveShape&) const = default;
};
/// Rows of one shape: each from one of `from` to one of `to`.
struct AlikeMoves { std::set<Index> from, to; std::vector<Index> moves; };

class MoveText {
 public:
  MoveText(const Arena& arena, const StateText& state, const SlotText& slots, const InvariantParts& parts, unsigned coin_count)
      : arena_(arena), state_(state), slots_(slots), parts_(parts), coin_count_(coin_count) {}

  /// Whether the source can reach units elsewhere in its account, and no shape says all that matters.
  bool shares_overdrawn_account(const Bucket& bucket) const { return bucket.account != kNone && arena_.account_overdraws[bucket.account]; }
  MoveShape shape_of(const Move&) const;
  /// One step by the move, its guards holding: before and after it, but nothing of the invariant.
  std::vector<std::string> step(const Move&, const std::vector<Mask>& modes_possible) const;
  /// One step by the move, its guards holding, that takes none of the followed units: they stay as they are.
  std::vector<std::string> bystander_step(const Move&, const std::vector<Mask>& modes_possible) const;
  /// Of two followed units, one has left the system by the move: what is said of pairs no longer applies.
  std::string pair_ends(const Move&) const;
  /// What to assert together: that the move, its guards holding, leads out of the invariant.
  std::vector<std::string> leaves_invariant(const Move&, const std::vector<Mask>& modes_possible) const;
  /// That one of these moves leads one unit out of the invariant, guards or no guards.
  std::vector<std::string> leave_invariant(const MoveShape&, const AlikeMoves&, const std::vector<Mask>& modes_possible) const;

 private:
  bool funds_are_account(const Move&) const;
  std::string is_instance(const SpotName&, Index bucket, char letter) const;
  std::string titled_here(unsigned coin, const std::string& suffix, Index bucket, char letter) const;
  std::string at_source(unsigned coin, const Move&) const;
  std::string within_reach(unsigned coin, const Move&) const;
  std::string part_holds(Index part, const std::string& suffix) const;
  std::vector<std::string> relation_terms(const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, Relation) const;
  std::vector<std::string> possible_modes(const std::vector<Mask>&) const;
  const std::string& theirs(unsigned coin, Index owner, const std::vector<Index>& from_keys) const;
  std::vector<std::string> taking_terms(const Move&) const;
  std::vector<std::string> amount_terms(const Move&) const;
  std::vector<std::string> allowed(const Move&, const std::vector<Mask>& modes_possible) const;
  std::vector<std::string> after_terms(const Move&) const;
  std::vector<std::string> moved(const std::string& name, const std::string& condition, const std::string& to, const std::vector<Index>& to_keys) const;

  const Arena& arena_;
  const StateText& state_;
  const SlotText& slots_;
  const InvariantParts& parts_;
  const unsigned coin_count_;
  mutable std::map<std::tuple<unsigned, Index, std::vector<Index>>, std::string> theirs_;   ///< written once
};

}  // namespace ringfence::smt
