// SPDX-License-Identifier: Apache-2.0
// What the tests of the durable gate submit: a policy, and a stream in which the n-th step is a function of n alone, so that a gate in
// memory, a replay, and a run that was cut short and begun again can be compared. It has transfers of both answers, batches, mode changes,
// facts, repeats and ids used again, and steps that change the policy to another with the same declarations in other places.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/durable/durable_gate.h"
#include "tests/size_of_run.h"
#include "tests/table_of.h"

namespace durable_test {

using ringfence::test::kIsSanitized;
using ringfence::test::table_of;

inline constexpr std::uint64_t kClients = 7;

/// A step in so many changes the policy, from the first to the second or back; this is the first of them.
inline constexpr std::uint64_t kChangeAt = 11, kChangeEvery = 200;
inline bool is_change(std::uint64_t n) { return n % kChangeEvery == kChangeAt; }
struct StreamTables {
  ringfence::RuleTable first, second;
  /// Before step n.
  const ringfence::RuleTable& before_step(std::uint64_t n) const { return (n + kChangeEvery - kChangeAt - 1) / kChangeEvery % 2 == 0 ? first : second; }
};
StreamTables stream_tables();
ringfence::RuleTable stream_table();
extern const std::string kStreamPolicy;
ringfence::SigningKey test_key();
/// Of approver 0, 1 or 2.
ringfence::SigningKey approver_key(std::uint8_t number);
std::vector<ringfence::PublicKey> approver_keys();
/// What the first two approvers sign.
std::vector<ringfence::PolicyApproval> approvals(const ringfence::ProposedPolicy&);

/// Opens the stream's journal, which has approvers, under the first policy, or under the second where that is in force.
std::variant<ringfence::DurableGate, ringfence::JournalError> open_stream(const ringfence::JournalPlace&, const StreamTables&);

/// What came of one step, as text.
using Answers = std::string;
/// The n-th step, from 0, on a Gate under the policy before step n, or on a DurableGate, under whichever is in force.
Answers do_step(ringfence::Gate&, const StreamTables&, std::uint64_t n);
Answers do_step(ringfence::DurableGate&, const StreamTables&, std::uint64_t n);
/// What a step that changes the policy comes to when nothing fails.
inline constexpr const char* kChanged = "changed";
/// A transfer of the stream that is allowed whatever was done before: one unit into the wallet of a client.
ringfence::GateTransfer deposit(const ringfence::RuleTable&, const std::string& id, std::uint64_t client, std::int64_t time_ms);

/// What can be seen of a gate that is under this policy: every balance, the mode of every client.
std::string look_at(const ringfence::Gate&, const ringfence::RuleTable&);
inline std::string look_at(const ringfence::DurableGate& gate) { return look_at(gate.gate(), gate.table()); }
/// What is seen of a gate in memory after each of the first `steps` steps, and before the first.
std::vector<std::string> seen_after_steps(const StreamTables&, std::uint64_t steps);

}  // namespace durable_test
