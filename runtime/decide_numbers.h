// SPDX-License-Identifier: Apache-2.0
// What the slots of a row hold as numbers, and one test of a guard on them: language reference, 8.3 and 6. For the ways in which decide.cc decides.
#pragma once

#include <array>
#include <span>

#include "runtime/decide.h"
#include "runtime/rule_table_image.h"

namespace ringfence {

using Numbers = std::array<Int128, kNumbersMax>;

/// Different persons, without the initiator, each of whom holds one of the roles in any of their approvals.
Int128 count_approvals(const Authority& authority, Mask roles) noexcept;

inline std::int64_t second_of_day(std::int64_t time_ms) noexcept {
  constexpr std::int64_t kDayMs = 86'400'000;
  const std::int64_t in_day = time_ms % kDayMs;
  return (in_day < 0 ? in_day + kDayMs : in_day) / 1000;
}

/// Whether the value can't be used, and why. Fresh: observed at or before `time_ms`, by no more than the fact's duration.
inline Reason judge_value(const Value& value, const SlotRange& range, std::int64_t time_ms) noexcept {
  if (!value.present) return Reason::ValueMissing;
  const std::uint64_t age_ms = static_cast<std::uint64_t>(time_ms) - static_cast<std::uint64_t>(value.observed_ms);
  if (range.fresh_within_ms != 0 && (time_ms < value.observed_ms || age_ms > static_cast<std::uint64_t>(range.fresh_within_ms))) return Reason::ValueStale;
  return value.number < range.min || value.number > range.max ? Reason::ValueOutOfRange : Reason::Allowed;
}

/// What a slot holds that the transfer itself says; of `Now`, whatever it is.
inline Int128 known_number(const SlotView& slot, Int128 amount, const Authority& authority) noexcept {
  switch (slot.kind) {
    case SlotKind::Amount: return amount;
    case SlotKind::TimeOfDay: return second_of_day(authority.time_ms);
    case SlotKind::Now: return authority.time_ms;
    case SlotKind::Approvals: return count_approvals(authority, slot.roles);
    case SlotKind::Evidence: return static_cast<Int128>(authority.evidence >> slot.target & 1);
    default: return 0;
  }
}

/// Whether it can be told in the numbers that guards count in.
inline bool has_number(const SlotView& slot, const Authority& authority) noexcept {
  return slot.kind != SlotKind::Now || (authority.time_ms >= kInstantMin && authority.time_ms <= kInstantMax);
}

inline bool test_holds(const format::Sections& sections, const format::NodeRecord& node, const Numbers& numbers) noexcept {
  const format::TermRecord* terms = sections.terms.data() + node.first_term;
  if (node.kind == static_cast<std::uint8_t>(TestKind::InSet)) return (static_cast<Mask>(node.constant) >> static_cast<unsigned>(numbers[terms->slot]) & 1) != 0;
  Int128 sum = node.constant;
  for (std::uint32_t i = 0; i < node.term_count; ++i) sum += Int128{terms[i].coefficient} * numbers[terms[i].slot];
  return node.kind == static_cast<std::uint8_t>(TestKind::IsZero) ? sum == 0 : sum >= 0;
}

}  // namespace ringfence
