// SPDX-License-Identifier: Apache-2.0
// What the tests of the durable gate submit: a policy, and a stream in which the n-th step is a function of n alone, so that a gate in
// memory, a replay, and a run that was cut short and begun again can be compared. It has transfers of both answers, batches, mode changes,
// facts, repeats and ids used again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/durable/durable_gate.h"
#include "tests/size_of_run.h"

namespace durable_test {

using ringfence::test::kIsSanitized;

inline constexpr std::uint64_t kClients = 7;

ringfence::RuleTable stream_table();
ringfence::SigningKey test_key();

/// What came of one step, as text.
using Answers = std::string;
/// The n-th step, from 0, on a Gate or a DurableGate.
Answers do_step(ringfence::Gate&, const ringfence::RuleTable&, std::uint64_t n);
Answers do_step(ringfence::DurableGate&, const ringfence::RuleTable&, std::uint64_t n);
/// A transfer of the stream that is allowed whatever was done before: one unit into the wallet of a client.
ringfence::GateTransfer deposit(const ringfence::RuleTable&, const std::string& id, std::uint64_t client, std::int64_t time_ms);

/// What can be seen of a gate: every balance, the mode of every client.
std::string look_at(const ringfence::Gate&, const ringfence::RuleTable&);
/// What is seen of a gate in memory after each of the first `steps` steps, and before the first.
std::vector<std::string> seen_after_steps(const ringfence::RuleTable&, std::uint64_t steps);

}  // namespace durable_test
