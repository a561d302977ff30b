// SPDX-License-Identifier: Apache-2.0
// The decision: a loaded table, a transfer and the values that its rules read go in; a Decision comes out. noexcept, no
// allocation, no lock; cost does not grow with the number of rules. Language reference, sections 8 and 9.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "decision.h"
#include "export.h"
#include "rule_table.h"
#include "transfer.h"

namespace ringfence {

/// A supplied value. A flag is 0 or 1, a mode its position, a ratio millionths, money minor units, an instant Unix milliseconds, a duration milliseconds.
struct Value {
  Int128 number = 0;
  std::int64_t observed_ms = 0;  ///< facts: when it was observed (Unix ms). Stale when the transfer's time is later than
                                 ///< observed_ms + fresh_within_ms, and when it is earlier than observed_ms
  bool present = false;
};

/// What a transfer needs: the row that speaks of it and its slots. `check` is the reason when there is no row (UnknownName,
/// Malformed, AmountOutOfRange, SameInstance, NoRule), else Allowed.
struct Needs {
  Reason reason = Reason::NoRule;
  Index row = kNone;
  std::span<const SlotView> slots;   ///< lives as long as the table; values are given in this order
};
RINGFENCE_API Needs needs(const RuleTable&, const Transfer&) noexcept;

enum class Floors : bool { Check, Defer };  ///< Defer: inside a batch, whose floors are checked at its end

/// Decides one transfer. `values[i]` belongs to `needs.slots[i]`; those that are not is_supplied() are ignored. A shorter span
/// counts as missing values. Never throws, never allocates.
RINGFENCE_API Decision decide(const RuleTable&, const Transfer&, const Needs&, std::span<const Value> values, Floors = Floors::Check) noexcept;

/// Both in one, for who has the values already: `values` are those of the slots of `row`, as `needs` gave them for a transfer like this one. Where another row
/// speaks of this one, they count as missing.
RINGFENCE_API Decision decide(const RuleTable&, const Transfer&, Index row, std::span<const Value> values) noexcept;

// Many at once, each as if it were alone. The values of one transfer follow those of the one before, needed[i].slots.size() each. Both
// stop at the shortest of the spans and return how many they answered.
RINGFENCE_API std::size_t needs_many(const RuleTable&, std::span<const Transfer>, std::span<Needs> needed) noexcept;
RINGFENCE_API std::size_t decide_many(const RuleTable&, std::span<const Transfer>, std::span<const Needs> needed, std::span<const Value> values,
                                      std::span<Decision> decisions) noexcept;

/// The floors of one applied leg, with values as they stand at the end of its batch (balances after all legs).
RINGFENCE_API Decision decide_floors(const RuleTable&, const Transfer&, const Needs&, std::span<const Value> values) noexcept;

/// The same for a mode change: every transition from `mode_now` to its mode that its role may start, in text order.
/// `row` walks the candidates: start with kNone; a returned row of kNone ends the walk.
RINGFENCE_API Needs next_transition(const RuleTable&, const ModeChange&, Index mode_now, Index row_before) noexcept;
/// Allowed, or why this candidate refuses (Value*, Condition).
RINGFENCE_API Decision decide_transition(const RuleTable&, const ModeChange&, const Needs&, std::span<const Value> values) noexcept;

/// The change of mode that a rule of the transfer's row brings with it (language reference, 4.8), as the transfer's initiator asks for it, at its time. `decide` makes
/// none: a ledger that keeps modes itself makes the one before a transfer that would be denied without it, and the one after a transfer that the rule has
/// allowed, each only where its transition is allowed, and takes the former back when the transfer is denied all the same. The gate does so (10.5).
RINGFENCE_API ModeChange brought_change(const RuleTable&, const Transfer&, const Needs&, const RuleTable::BroughtMode&) noexcept;

/// The ids that fill in one slot's keys, for fetching it; summed keys are 0. For a transition, pass its subject as `from`.
RINGFENCE_API Ids slot_ids(const SlotView&, const Instance& from, const Instance& to) noexcept;

}  // namespace ringfence
