// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: what a typed policy says about one transfer, mode change or batch on a concrete state, clause by clause as
// language.md states it (sections 4, 5, 8 and 10). Slow and obviously right; it shares no code with lowering, the rule table or the
// decision. Ids are numbers, as in runtime/transfer.h: they are only ever compared for equality.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "compiler/typed_policy.h"
#include "runtime/decision.h"
#include "tests/reference/state.h"

namespace ringfence::reference {

struct Answer {
  Reason reason = Reason::NoRule;
  Index statement = kNone;   ///< position in rules, floors, limits, transitions, one after the other; kNone when none decides
  Index clause = kNone;      ///< Reason::Condition: the first failing condition of `statement`
  bool allowed() const noexcept { return reason == Reason::Allowed; }
  bool operator==(const Answer&) const = default;
};

/// Section 8 and 10.1, on the state as it stands. Nothing is applied.
Answer judge(const TypedPolicy&, const State&, const Transfer&);
Answer judge(const TypedPolicy&, const State&, const ModeChange&);
/// 10.4: one answer a leg.
std::vector<Answer> judge_batch(const TypedPolicy&, State, std::span<const Transfer>);

/// 4.8, 10.5: the same, with the changes of mode that come with transfers; what is allowed is applied.
Answer submit(const TypedPolicy&, State&, const Transfer&);
std::vector<Answer> submit_batch(const TypedPolicy&, State&, std::span<const Transfer>);

/// 2.12: the state with the modes that are in force at that time: each whose deadline has passed has fallen into the other, at that deadline.
State at_time(const TypedPolicy&, State, std::int64_t time_ms);
/// A mode that is entered so late that no deadline passes by itself.
inline constexpr std::int64_t kNoDeadlinePasses = std::numeric_limits<std::int64_t>::max();

/// What an allowed transfer or mode change does to the state.
void apply(const TypedPolicy&, State&, const Transfer&);
void apply(State&, const ModeChange&);

/// 4.3: does the rule, or the limit, speak of this transfer (roles aside)?
bool speaks_of(const Vocabulary&, const std::vector<Index>& purposes, const std::vector<Pair>&, const Transfer&);
/// Allow rules that speak of the transfer and whose conditions all hold: 3.4's "any of them may be the one that says". In text order.
std::vector<Index> holding_allows(const TypedPolicy&, const State&, const Transfer&);

}  // namespace ringfence::reference
