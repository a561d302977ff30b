// SPDX-License-Identifier: Apache-2.0
// Many decisions in one call. Nothing is decided here: each transfer gets its own stretch of the values, and `decide`.
#include <algorithm>

#include "runtime/decide.h"

namespace ringfence {

std::size_t needs_many(const RuleTable& table, std::span<const Transfer> transfers, std::span<Needs> needed) noexcept {
  const std::size_t count = std::min(transfers.size(), needed.size());
  for (std::size_t i = 0; i < count; ++i) needed[i] = needs(table, transfers[i]);
  return count;
}

std::size_t decide_many(const RuleTable& table, std::span<const Transfer> transfers, std::span<const Needs> needed, std::span<const Value> values,
                        std::span<Decision> decisions) noexcept {
  const std::size_t count = std::min({transfers.size(), needed.size(), decisions.size()});
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t taken = std::min(needed[i].slots.size(), values.size());
    decisions[i] = decide(table, transfers[i], needed[i], values.first(taken));
    values = values.subspan(taken);
  }
  return count;
}

}  // namespace ringfence
