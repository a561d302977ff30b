// SPDX-License-Identifier: Apache-2.0
// The slots of a move or transition as SMT-LIB text: what every value of its kind satisfies, and what the followed units and the modes
// say about it.
#pragma once

#include <string>
#include <vector>

#include "verify/coin_state.h"

namespace ringfence::smt {

class SlotText {
 public:
  /// `keyed_modes` false: nothing is known of the mode of a subject with ids.
  SlotText(const Arena& arena, unsigned coin_count, bool keyed_modes = true) : arena_(arena), coin_count_(coin_count), keyed_modes_(keyed_modes) {}

  /// Declared ranges, possible modes, approvals by real persons.
  std::vector<std::string> ranges(const std::vector<Slot>&, const std::vector<Mask>& modes_possible) const;
  /// A balance holds the followed units in it; a total the balances in it as well; a mode is its subject's. `from_keys`, `to_keys`: the
  /// entities that s and d stand for.
  std::vector<std::string> known(const std::vector<Slot>&, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const;
  /// The ids of what the slot reads: s<entity>, d<entity>, empty where all are summed.
  std::vector<std::string> ids_of(const Slot&, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const;

 private:
  std::vector<std::string> approval_terms(const std::vector<Slot>&) const;
  std::string units_in(const Slot&, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, const std::vector<const Slot*>& others) const;
  std::string counted(const Slot&, unsigned coin, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const;

  const Arena& arena_;
  const unsigned coin_count_;
  const bool keyed_modes_;
};

}  // namespace ringfence::smt
