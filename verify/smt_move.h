// SPDX-License-Identifier: Apache-2.0
// One move as SMT-LIB text: a unit in the invariant before it, taken by it, outside the invariant after it. Unsatisfiable exactly when
// the move keeps the invariant.
#pragma once

#include <string>
#include <vector>

#include "verify/smt_slots.h"
#include "verify/smt_state.h"

namespace ringfence::smt {

class MoveText {
 public:
  MoveText(const Arena& arena, const StateText& state, const SlotText& slots, unsigned coin_count)
      : arena_(arena), state_(state), slots_(slots), coin_count_(coin_count) {}

  /// What to assert together.
  std::vector<std::string> leaves_invariant(const Move&, const std::vector<Mask>& modes_possible) const;

 private:
  bool shares_overdrawn_account(const Bucket& bucket) const { return bucket.account != kNone && arena_.account_overdraws[bucket.account]; }
  bool funds_are_account(const Move&) const;
  std::string is_instance(const SpotName&, Index bucket, char letter) const;
  std::string titled_here(unsigned coin, const std::string& suffix, Index bucket, char letter) const;
  std::string at_source(unsigned coin, const Move&) const;
  std::string within_reach(unsigned coin, const Move&) const;
  std::string theirs(unsigned coin, const Move&) const;
  std::vector<std::string> taking_terms(const Move&) const;
  std::vector<std::string> amount_terms(const Move&) const;
  std::vector<std::string> after_terms(const Move&) const;
  std::vector<std::string> moved(const std::string& name, const std::string& condition, Index to) const;

  const Arena& arena_;
  const StateText& state_;
  const SlotText& slots_;
  const unsigned coin_count_;
};

}  // namespace ringfence::smt
