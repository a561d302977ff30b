// SPDX-License-Identifier: Apache-2.0
// See mode_in_force.h. Loading has shown that the way along deadlines ends.
#include "runtime/mode_in_force.h"

#include <algorithm>
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

/// The cut-off that ends a mode which was entered then; nothing where the days that are known don't reach so far.
std::optional<std::int64_t> cut_off(const RuleTable::Image& image, const TransitionRecord& transition, std::int64_t entered_ms) noexcept {
  const format::ScheduleRecord& schedule = image.sections.schedules[transition.schedule];
  if (entered_ms < schedule.first_ms) return std::nullopt;
  const auto days = image.sections.business_days.subspan(schedule.first_day, schedule.day_count);
  const bool same = transition.business_day == 0;
  const auto first = same ? std::ranges::lower_bound(days, entered_ms, {}, &format::BusinessDayRecord::cut_off_ms)
                          : std::ranges::upper_bound(days, entered_ms, {}, &format::BusinessDayRecord::start_ms);
  const std::ptrdiff_t further = same ? 0 : static_cast<std::ptrdiff_t>(transition.business_day) - 1;
  if (days.end() - first <= further) return std::nullopt;
  return first[further].cut_off_ms;
}

/// A duration that leads beyond what a time can say ends at no time.
std::optional<std::int64_t> due(const RuleTable::Image& image, const TransitionRecord& transition, std::int64_t entered_ms) noexcept {
  if (transition.schedule != kNone) return cut_off(image, transition, entered_ms);
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
    const std::optional<std::int64_t> due_ms = due(image, *transition, *now.entered_ms);
    if (!due_ms) return std::nullopt;
    if (time_ms <= *due_ms) break;
    now = {transition->to_mode, *due_ms};
  }
  return now;
}

bool has_deadlines(const RuleTable& table, Index machine) noexcept {
  const RuleTable::Image& image = table.image();
  for (Index mode = 0; machine < table.machine_count() && mode < table.machine(machine).mode_count; ++mode)
    if (by_the_clock(image, machine, mode) != nullptr) return true;
  return false;
}

std::optional<ModeDeadline> deadline_of(const RuleTable& table, Index machine, const KeptMode& kept) noexcept {
  const RuleTable::Image& image = table.image();
  if (!is_mode(image, machine, kept.mode) || !kept.entered_ms) return std::nullopt;
  const TransitionRecord* transition = by_the_clock(image, machine, kept.mode);
  if (transition == nullptr) return std::nullopt;
  const std::optional<std::int64_t> due_ms = due(image, *transition, *kept.entered_ms);
  if (!due_ms) return std::nullopt;
  return ModeDeadline{*due_ms, transition->to_mode, image.sections.guarded[transition->guarded].statement};
}

}  // namespace ringfence
