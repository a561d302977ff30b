// SPDX-License-Identifier: Apache-2.0
// One row on given values, as decide judges it (language reference, 8): which statements decide. And values to try, each within its range
// and in keeping with the others, so that most questions need no solver. Values that do the job are proof enough; none found says nothing.
#pragma once

#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "verify/coin_state.h"

namespace ringfence {

/// The smallest and largest value of a slot (2.10, 8.3); modes are those of `modes_possible`.
std::pair<Int128, Int128> slot_range(const Arena&, const std::vector<Mask>& modes_possible, const Slot&);

/// Nothing when an intermediate sum leaves 128 bits.
std::optional<bool> holds(const Guarded&, const std::vector<Int128>& values);

/// Which statements decide: each allow that lets the transfer through, or the one deny, floor or limit that is first to refuse what the
/// others allow. Floors do not keep an allow, deny or limit from deciding: a batch judges them only at its end.
std::vector<Index> deciding(const Move&, const std::vector<Int128>& values);

/// Random values for the slots of a row or transition, leaning to the ends of ranges and to the constants in its guards. Nothing where the
/// choice does not fit together.
class ValueGuess {
 public:
  ValueGuess(const Arena&, const std::vector<Mask>& modes_possible, const std::vector<Slot>&, const std::vector<const Guarded*>&);
  std::optional<std::vector<Int128>> next();

 private:
  Int128 pick(Index slot);
  const Arena& arena_;
  const std::vector<Slot>& slots_;
  std::vector<std::pair<Int128, Int128>> ranges_;
  std::vector<std::vector<Int128>> candidates_;   ///< by slot
  std::minstd_rand random_{1};
};

}  // namespace ringfence
