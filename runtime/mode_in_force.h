// SPDX-License-Identifier: Apache-2.0
// Which mode a subject is in at a time, from the mode that is kept for it and since when: a mode whose deadline has passed has ended, and the subject
// fell into another one at that deadline, from which the next deadline counts (language reference, 2.12). Nothing fires: whoever needs a mode asks, so a
// ledger that keeps modes itself asks before it gives one to `decide`. noexcept, no allocation; at most kModesMax steps.
#pragma once

#include <cstdint>
#include <optional>

#include "export.h"
#include "rule_table.h"

namespace ringfence {

/// As a ledger keeps it. Without `entered_ms` nobody knows since when; of the first mode nobody needs to.
struct KeptMode {
  Index mode = 0;
  std::optional<std::int64_t> entered_ms{};
  bool operator==(const KeptMode&) const = default;
};

/// The mode in force at `time_ms`, and since when. Nothing when it can't be told: the kept mode has a deadline, and nobody knows since when it is kept, or the
/// deadline is on a day that the calendar does not cover; or the machine or mode is unknown. Give `decide` no value then, and what reads the mode is denied (ValueMissing).
RINGFENCE_API std::optional<KeptMode> mode_in_force(const RuleTable&, Index machine, const KeptMode&, std::int64_t time_ms) noexcept;

/// Whether some mode of the machine has a deadline, so that it counts since when a mode is kept.
RINGFENCE_API bool has_deadlines(const RuleTable&, Index machine) noexcept;

/// That a mode must end. `due_ms` is the last instant at which it is still in force.
struct ModeDeadline { std::int64_t due_ms = 0; Index to_mode = kNone, statement = kNone; };
/// The deadline of the mode as kept; nothing when it has none, or when it can't be told.
RINGFENCE_API std::optional<ModeDeadline> deadline_of(const RuleTable&, Index machine, const KeptMode&) noexcept;

}  // namespace ringfence
