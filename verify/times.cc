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

std::vector<DueSpan> due_spans(const Vocabulary& vocabulary, const Deadline& deadline) {
  const Schedule& schedule = vocabulary.schedules[deadline.schedule];
  const std::vector<BusinessDay>& days = schedule.days;
  const std::size_t further = deadline.business_day == 0 ? 0 : deadline.business_day - 1;
  std::vector<DueSpan> spans;
  std::int64_t first_ms = schedule.first_ms;
  for (std::size_t i = 0; i + further < days.size(); ++i) {
    const std::int64_t last_ms = deadline.business_day == 0 ? days[i].cut_off_ms : days[i].start_ms - 1;
    if (first_ms <= last_ms) spans.push_back({first_ms, last_ms, days[i + further].cut_off_ms});
    first_ms = last_ms + 1;
  }
  return spans;
}

std::optional<std::int64_t> due_ms(const Vocabulary& vocabulary, const Deadline& deadline, std::int64_t entered_ms) {
  if (deadline.schedule == kNone) return entered_ms + deadline.within_ms;
  for (const DueSpan& span : due_spans(vocabulary, deadline))
    if (span.first_ms <= entered_ms && entered_ms <= span.last_ms) return span.due_ms;
  return std::nullopt;
}

std::int64_t days_apart(const Moves& moves) {
  std::int64_t longest = 0;
  for (const LimitWindow& limit : moves.limits) longest = std::max(longest, limit.window_ms);
  return longest / kDayMs + 3;
}

}  // namespace ringfence
