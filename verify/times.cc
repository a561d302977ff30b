// SPDX-License-Identifier: Apache-2.0
#include "verify/times.h"

#include <algorithm>

namespace ringfence {

std::optional<Times> times_of(const std::vector<Slot>& slots) {
  Times times;
  for (Index i = 0; i < slots.size(); ++i) {
    if (slots[i].kind == SlotKind::Now) times.now = i;
    if (slots[i].kind == SlotKind::TimeOfDay) times.of_day = i;
  }
  return times.now != kNone && times.of_day != kNone ? std::optional(times) : std::nullopt;
}

bool reads(const std::vector<Slot>& slots, SlotKind kind) {
  return std::any_of(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.kind == kind; });
}

std::int64_t days_apart(const Moves& moves) {
  std::int64_t longest = 0;
  for (const LimitWindow& limit : moves.limits) longest = std::max(longest, limit.window_ms);
  return longest / kDayMs + 3;
}

}  // namespace ringfence
