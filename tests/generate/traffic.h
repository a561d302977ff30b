// SPDX-License-Identifier: Apache-2.0
// Random states and random traffic for a typed policy: few ids, small balances, amounts at and past the ends of their range, facts that
// are missing, stale or out of range, and sometimes names and ids that do not exist.
#pragma once

#include <string>
#include <vector>

#include "compiler/typed_policy.h"
#include "runtime/transfer.h"
#include "tests/generate/random.h"
#include "tests/reference/state.h"

namespace ringfence::generate {

/// A transfer that owns its approvals.
struct Request { Transfer transfer; std::vector<Approval> approvals; };
struct ChangeRequest { ModeChange change; std::vector<Approval> approvals; };

inline constexpr std::uint64_t kIdCount = 3;      ///< ids are 1, 2, 3
inline constexpr std::int64_t kStartMs = 1'767'225'600'000;   ///< 2026-01-01T00:00:00Z

Instance random_instance(Random&, Index target, std::size_t key_count);
/// Opening balances, modes and facts, all of which the gate accepts.
reference::State random_state(Random&, const TypedPolicy&);
/// One fact of the policy, for some subject, mostly in range and observed at or shortly before `now_ms`.
reference::KnownFact random_fact(Random&, const TypedPolicy&, std::int64_t now_ms);
/// Mostly one of which some rule speaks.
Request random_transfer(Random&, const TypedPolicy&, std::int64_t now_ms);
ChangeRequest random_change(Random&, const TypedPolicy&, std::int64_t now_ms);
/// Mostly forward by a little, now and then to just before or past the end of a window or a day, seldom backwards.
std::int64_t random_later(Random&, std::int64_t now_ms);

/// For messages: "pay 3 of asset 0 from Client.b0(1) to House.b1() by role 2 ...".
std::string print(const Vocabulary&, const Instance&);
std::string print(const Vocabulary&, const Transfer&);
std::string print(const Vocabulary&, const ModeChange&);
std::string print(const Vocabulary&, const reference::State&);

}  // namespace ringfence::generate
