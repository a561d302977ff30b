// SPDX-License-Identifier: Apache-2.0
// The small enumerations and index types that the compiler, the rule table and the decision all speak. Their values are part of
// the table format: never renumber one.
#pragma once

#include <cstdint>

namespace ringfence {

using Index = std::uint32_t;                     ///< position in a declaration list, in declaration order
using Mask = std::uint64_t;                      ///< a set of indices below 64
inline constexpr Index kNone = 0xFFFF'FFFFu;     ///< "there is none"

enum class SubjectKind : std::uint8_t { System, Entity, Bucket };
enum class FactType : std::uint8_t { Amount, Number, Ratio, Flag, Instant, Duration };
enum class FenceKind : std::uint8_t { Between, Each };
enum class StatementKind : std::uint8_t { Allow, Deny, Floor, Limit, Transition, Invariant };

/// What a slot holds; its printed form is beside it. Language reference, section 6.
enum class SlotKind : std::uint8_t {
  Amount,        ///< amount                              the transfer's own, in minor units
  TimeOfDay,     ///< time_of_day                         seconds since midnight UTC, from the transfer's time
  Approvals,     ///< approvals{treasurer,cfo}            different persons, not the initiator, that hold one of the roles
  Evidence,      ///< evidence(acknowledgement)           1 when given, else 0
  Balance,       ///< balance(Client.margin[from.0,to.1]) before the move
  BucketTotal,   ///< total(Client.margin[from.0,*])      before the move
  AccountTotal,  ///< total(Bank.client_money[])          before the move
  Fact,          ///< fact(maintenance[from.0,from.1])
  Mode,          ///< mode(Client.margin[from.0,from.1])  position in the machine's modes
  Used,          ///< used(limit 3[from.0])               counted in the limit's window before the move
  Now,           ///< now                                 the transfer's own time, in milliseconds since 1970
};
/// The embedder or the gate supplies it; the others are known from the transfer alone.
constexpr bool is_supplied(SlotKind kind) noexcept { return kind >= SlotKind::Balance && kind != SlotKind::Now; }

/// Instants that can be written, 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z, in milliseconds: what `now` and a fact may be (language reference, 6.10).
inline constexpr std::int64_t kInstantMin = 0, kInstantMax = 253'402'300'799'999;
/// The longest duration that can be written, 366,000 days, in milliseconds.
inline constexpr std::int64_t kDurationMax = 366'000LL * 86'400'000;

/// Which change of mode an allow rule brings with a transfer (language reference, 4.8).
enum class Brought : std::uint8_t {
  Nothing,
  Before,        ///< `entering m`: to m before it, where its subject is in another mode
  After,         ///< `then m`: to m after it, where a transition leads there
};

enum class TestKind : std::uint8_t {
  AtLeastZero,   ///< sum(coefficient * slot) + constant >= 0
  IsZero,        ///< sum(coefficient * slot) + constant = 0
  InSet,         ///< the one slot is a Mode, and its bit is in the set
};

}  // namespace ringfence
