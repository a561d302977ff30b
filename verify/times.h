// SPDX-License-Identifier: Apache-2.0
// The time of a step, of which guards read two things: `now`, and the time of day. Where one row reads both they are of one time, so whoever gives values to
// a row's slots relates them: the search, certificates, examples and runs. Whoever does not only thinks more possible.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/moves.h"

namespace ringfence {

inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kFirstDayMs = 1'767'225'600'000;   ///< 2026-01-01T00:00:00Z: where runs and examples begin that may begin anywhere
inline constexpr std::int64_t kNoonSecond = 43'200;

/// Language reference, 6.9: of an instant not before 1970.
constexpr Int128 second_of_day(Int128 instant) { return instant / 1'000 % 86'400; }

/// The two slots of a row that reads both; nothing for others.
struct Times { Index now = kNone, of_day = kNone; };
std::optional<Times> times_of(const std::vector<Slot>&);
bool reads(const std::vector<Slot>&, SlotKind);

/// A mode with some deadline that was entered from `first_ms` to `last_ms` is in force up to and including `due_ms` (language reference, 2.12).
struct DueSpan { std::int64_t first_ms = 0, last_ms = 0, due_ms = 0; };
/// Of a deadline by a cut-off, ascending, from the begin of its calendar up to where a deadline is in none of its years.
std::vector<DueSpan> due_spans(const Vocabulary&, const Deadline&);
/// Nothing where the calendar does not say.
std::optional<std::int64_t> due_ms(const Vocabulary&, const Deadline&, std::int64_t entered_ms);

/// Days between the steps of a run whose time matters to no rule: more than any window is long, so that windows are empty at each.
std::int64_t days_apart(const Moves&);

}  // namespace ringfence
