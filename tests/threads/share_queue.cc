// SPDX-License-Identifier: Apache-2.0
// Producers share one durable gate by its queue while its policy is changed under them, one by one and many together. Run under ThreadSanitizer, or under the
// address sanitizer in the sanitized build: any access that is not ordered, and any look at a producer's own memory after its answer, ends it. Beside that no
// payment is lost or made twice: what the cash has less is what was allowed, also when the journal is opened again. Given tables of policies that differ in the
// amount that they allow, all more than 1.
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "runtime/durable/gate_queue.h"

namespace {

using namespace ringfence;

constexpr std::uint64_t kProducers = 4, kEach = 1'500, kTogether = 7;
constexpr int kChanges = 30;
constexpr std::size_t kWaitingMax = 3;   // fewer than there are producers with many: some wait for room
constexpr std::int64_t kCash = 1'000'000;

void demand(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "share_queue: %s\n", what);
  std::exit(1);
}

std::vector<RuleTable> load_all(std::span<char*> names) {
  std::vector<RuleTable> tables;
  for (const char* name : names) {
    std::ifstream file(name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
    auto loaded = RuleTable::load({first, first + bytes.size()});
    demand(std::holds_alternative<RuleTable>(loaded), "a table does not load");
    tables.push_back(std::move(std::get<RuleTable>(loaded)));
  }
  return tables;
}

/// A payment of 1, in the numbers of `table`.
GateTransfer payment(const RuleTable& table, std::uint64_t producer, std::uint64_t n) {
  GateTransfer made;
  made.id = std::to_string(producer) + "-" + std::to_string(n);
  made.transfer = {table.find_purpose("pay"), {table.find_bucket("House.cash"), 0, {}}, {table.find_bucket("House.suppliers"), 0, {}}, table.find_asset("EUR"), 1, {}};
  made.transfer.authority.person = 1 + producer;
  made.transfer.authority.role = table.find_role("clerk");
  return made;
}

struct Shared {
  std::atomic<const RuleTable*> in_force;
  std::atomic<std::uint64_t> allowed{0}, built_again{0}, wrong{0}, done{0};
};

/// `together`: how many payments a submission has.
void produce(GateQueue& queue, Shared& shared, std::uint64_t producer, std::uint64_t together) {
  for (std::uint64_t n = 0; n < kEach;) {
    const RuleTable& numbers = *shared.in_force;
    std::vector<GateTransfer> payments;
    for (std::uint64_t i = n; i < kEach && payments.size() < together; ++i) payments.push_back(payment(numbers, producer, i));
    const auto answer = together == 1 ? queue.submit(numbers, payments.front()) : queue.submit_many(numbers, payments);
    if (std::holds_alternative<GateQueue::OtherPolicy>(answer) && ++shared.built_again) continue;
    const auto* answers = std::get_if<GateQueue::Answers>(&answer);
    shared.wrong += answers == nullptr || answers->size() != payments.size();
    if (answers != nullptr)
      for (const GateAnswer& each : *answers) shared.allowed += each.outcome == Outcome::Decided && each.decision.allowed();
    n += payments.size();
  }
  ++shared.done;
}

Int128 cash_in(const DurableGate& gate) { return gate.gate().balance({gate.table().find_bucket("House.cash"), 0, {}}, 0); }

DurableGate open(const RuleTable& table, const SigningKey& key, const std::string& folder, const std::vector<PublicKey>& approvers) {
  auto opened = DurableGate::open(table, key, {.place = {folder}, .approvers = approvers});
  if (const auto* failed = std::get_if<JournalError>(&opened)) demand(false, failed->message.c_str());
  return std::move(std::get<DurableGate>(opened));
}

void run(const std::vector<RuleTable>& tables, const std::string& folder) {
  const SigningKey key = SigningKey::generate();
  const std::array<SigningKey, 2> approving{SigningKey::generate(), SigningKey::generate()};
  const std::vector<PublicKey> approvers{approving[0].public_key(), approving[1].public_key()};
  Shared shared{.in_force = &tables.front()};
  {
    DurableGate gate = open(tables.front(), key, folder, approvers);
    demand(gate.open_balance({tables.front().find_bucket("House.cash"), 0, {}}, 0, kCash), "the opening balance is refused");
    {
      GateQueue queue(gate, kWaitingMax);
      std::vector<std::thread> producers;
      for (std::uint64_t producer = 0; producer < kProducers; ++producer)
        producers.emplace_back([&, producer] { produce(queue, shared, producer, producer % 2 == 0 ? 1 : kTogether); });
      for (int change = 1; change <= kChanges; ++change) {
        const RuleTable& next = tables[static_cast<std::size_t>(change) % tables.size()];
        const ProposedPolicy proposed = gate.proposed(next);
        const std::array approvals{approve(approving[0], proposed), approve(approving[1], proposed)};
        demand(std::holds_alternative<GateQueue::Answers>(queue.change_policy(next, approvals)), "the change is refused");
        const std::uint64_t before = shared.built_again;
        while (shared.built_again == before && shared.done < kProducers) std::this_thread::yield();   // some producer has met the change
        shared.in_force = &next;
      }
      for (std::thread& producer : producers) producer.join();
    }
    demand(cash_in(gate) == Int128{kCash} - shared.allowed.load(), "the cash is not what was allowed");
  }
  demand(shared.wrong == 0, "a submission was not answered");
  demand(shared.allowed == kProducers * kEach, "not every payment was allowed");
  demand(cash_in(open(*shared.in_force, key, folder, {})) == Int128{kCash} - shared.allowed.load(), "the journal says otherwise");
  std::printf("%lu payments of %lu producers, %lu submissions built again in %d changes of policy\n", shared.allowed.load(), kProducers, shared.built_again.load(), kChanges);
}

}  // namespace

int main(int argc, char** argv) {
  demand(argc >= 3, "usage: share_queue TABLE TABLE...");
  std::string folder = (std::filesystem::temp_directory_path() / "ringfence-queue-XXXXXX").string();
  demand(::mkdtemp(folder.data()) != nullptr, "no folder can be made");
  run(load_all(std::span(argv + 1, static_cast<std::size_t>(argc - 1))), folder + "/journal");
  std::filesystem::remove_all(folder);
  return 0;
}
