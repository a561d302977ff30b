// SPDX-License-Identifier: Apache-2.0
// Begins a journal with the table that it is given, in a folder that is not there yet, has a transfer of nothing denied by a queue, and opens the journal again:
// prints the policy's name and why, if it is remembered.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <ringfence/durable/gate_queue.h>

using namespace ringfence;

int main(int count, char** arguments) {
  if (count != 3) return 2;
  std::ifstream file(arguments[2], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  auto loaded = RuleTable::load({begin, begin + bytes.size()});
  if (!std::holds_alternative<RuleTable>(loaded)) return 2;
  const RuleTable& table = std::get<RuleTable>(loaded);
  const SigningKey key = SigningKey::generate();
  const GateTransfer nothing{"n", {}, {}};
  GateAnswer answers[2];
  for (GateAnswer& answer : answers) {
    auto opened = DurableGate::open(table, key, {{arguments[1]}});
    if (const auto* failed = std::get_if<JournalError>(&opened)) return std::cerr << failed->message << "\n", 2;
    std::get<DurableGate>(opened).reserve(1'000, 100);   // so that none of so many transfers waits for memory
    GateQueue queue(std::get<DurableGate>(opened));
    const auto answered = queue.submit(table, nothing);
    if (!std::holds_alternative<GateQueue::Answers>(answered)) return 2;
    answer = std::get<GateQueue::Answers>(answered).front();
  }
  std::cout << table.policy_name() << ": " << reason_word(answers[1].decision.reason) << "\n";
  return answers[0].outcome == Outcome::Decided && answers[1].outcome == Outcome::Repeated && answers[0].decision == answers[1].decision ? 0 : 1;
}
