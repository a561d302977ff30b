// SPDX-License-Identifier: Apache-2.0
// See mode_in_force.h. Loading has shown that the way along deadlines ends.
#include "runtime/mode_in_force.h"

#include <limits>

#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

using format::TransitionRecord;

/// The transition by the clock out of a mode that the machine has; null when there is none.
const TransitionRecord* by_the_clock(const RuleTable::Image& image, Index machine, Index mode) noexcept {
  const std::uint32_t transition = image.deadline_of[image.sections.machines[machine].first_mode + mode];
  return transition == kNone ? nullptr : &image.sections.transitions[transition];
}

/// A deadline beyond what a time can say is one that no time is later than.
std::int64_t due(const TransitionRecord& transition, std::int64_t entered_ms) noexcept {
  constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();
  return entered_ms > kLatest - transition.within_ms ? kLatest : entered_ms + transition.within_ms;
}

bool is_mode(const RuleTable::Image& image, Index machine, Index mode) noexcept {
  return machine < image.sections.machines.size() && mode < image.sections.machines[machine].mode_count;
}

}  // namespace

std::optional<KeptMode> mode_in_force(const RuleTable& table, Index machine, const KeptMode& kept, std::int64_t time_ms) noexcept {
  const RuleTable::Image& image = table.image();
  if (!is_mode(image, machine, kept.mode)) return std::nullopt;
  KeptMode now = kept;
  while (const TransitionRecord* transition = by_the_clock(image, machine, now.mode)) {
    if (!now.entered_ms) return std::nullopt;
    const std::int64_t due_ms = due(*transition, *now.entered_ms);
    if (time_ms <= due_ms) break;
    now = {transition->to_mode, due_ms};
  }
  return now;
}

std::optional<ModeDeadline> deadline_of(const RuleTable& table, Index machine, const KeptMode& kept) noexcept {
  const RuleTable::Image& image = table.image();
  if (!is_mode(image, machine, kept.mode) || !kept.entered_ms) return std::nullopt;
  const TransitionRecord* transition = by_the_clock(image, machine, kept.mode);
  if (transition == nullptr) return std::nullopt;
  return ModeDeadline{due(*transition, *kept.entered_ms), transition->to_mode, image.sections.guarded[transition->guarded].statement};
}

}  // namespace ringfence
