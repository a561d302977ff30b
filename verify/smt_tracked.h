// SPDX-License-Identifier: Apache-2.0
// What is part of the state besides places, as SMT-LIB text: balances that guards read, and the modes of subjects with ids. An instance with ids is
// told where its ids are among those of one followed unit, its title or its place: once for each way to take them from there, a *view*. Names:
// b3_0 the balance of bucket 3 in asset 0; b3_0_1 that of the instance with the id of spot 1 (spots: title0, at0, title1, at1); b3_0_1_0 of the one
// whose first id is spot 1's and whose second is spot 0's; m2_1 the mode of machine 2's subject with the ids of spot 1. With a final underscore:
// after the step. With a final _was: before the step, of the instance seen after it. A view whose spots lack an id tells -1 (soundness.md, 10).
#pragma once

#include <string>
#include <vector>

#include "verify/smt_slots.h"
#include "verify/smt_state.h"

namespace ringfence::smt {

struct View { std::vector<unsigned> spots; std::string name; };   ///< spots: of each key

struct Tracked {
  SlotKind kind = SlotKind::Balance;                              ///< or Mode
  Index target = kNone, asset = kNone;
  std::vector<Index> keys;
  std::vector<View> views;                                        ///< one without keys
};

class TrackedText {
 public:
  using Terms = std::vector<std::string>;

  /// All balances without ids that a row names, if there are no more than `balances_max`; with them what has ids and some guard reads, as long as
  /// there are no more than `views_max` views in all. What does not fit stays open.
  TrackedText(const Arena&, const StateText&, const SlotText&, const std::vector<Mask>& modes_possible, unsigned coin_count, std::size_t balances_max, std::size_t views_max);

  bool empty() const { return tracked_.empty(); }
  std::string declarations() const;
  Terms parameters() const;                                       ///< of `inv`: pbal3_0_1, pm2_1
  Terms before() const;                                           ///< arguments of `inv`
  Terms after() const;

  /// True of every state: places have just the ids of their bucket, equal ids are one instance, values are in range, balances hold the followed units.
  Terms shape() const;
  Terms start() const;                                            ///< every mode the first
  /// What a slot reads is the state's. s and d are ids.
  Terms reads(const std::vector<Slot>&, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const;
  Terms after_taking(const Move&) const;                          ///< followed units are where the step leads
  Terms after_other_money(const Move&) const;                     ///< they stay where they are
  Terms after_change(const Transition&) const;
  bool touched_by(const Move&) const;
  /// Of a transition of this machine: the subject is in sight, in one of these modes. False when it never is.
  Terms subject_in(Index machine, Mask modes) const;

 private:
  void track(const std::vector<Slot>&, const std::vector<bool>& read_by_guard);
  void add(SlotKind, Index target, Index asset, const std::vector<Index>& keys);
  std::vector<View> views_of(const std::string& name, SlotKind, std::size_t key_count) const;
  std::vector<Index> summed_by(const Slot&) const;
  bool is(const Tracked&, const Slot&) const;
  Terms ids(const Tracked&, const View&, const std::string& suffix) const;
  std::string present(const Terms& ids) const;
  std::string in_range(const Tracked&, const std::string& value) const;
  std::string units_in(const Tracked&, const View&) const;
  std::string moved(const Tracked&, const Terms& ids, const std::string& value, const Move&) const;
  Terms told(const std::vector<Slot>&, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, const std::string& spots, const std::string& values) const;
  Terms same_instances(const Tracked&, const std::string& spots, const std::string& values) const;

  const Arena& arena_;
  const StateText& state_;
  const SlotText& slots_;
  const std::vector<Mask>& possible_;
  const unsigned coin_count_;
  const std::size_t balances_max_, views_max_;
  std::vector<Tracked> tracked_;
};

}  // namespace ringfence::smt
