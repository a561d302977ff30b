// SPDX-License-Identifier: Apache-2.0
// Many producers on one durable gate: every submission is answered once and synced, those of one producer in its order; a small queue holds
// producers up and drops nothing; a failing disk ends every producer with an error and no answer; while the policy changes, nothing is decided in the
// numbers of another policy than the one in force.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

#include "runtime/durable/gate_queue.h"
#include "tests/durable/faulty_disk.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

constexpr std::uint64_t kProducers = 8, kEach = 200, kTogether = 12;

struct Produced { std::atomic<std::uint64_t> allowed{0}, repeated{0}, errors{0}; };

void count(const GateQueue::Answer& answer, std::size_t expected, Produced& produced) {
  const auto* answers = std::get_if<GateQueue::Answers>(&answer);
  if (answers == nullptr || answers->size() != expected) return void(++produced.errors);
  for (const GateAnswer& each : *answers) {
    if (each.outcome == Outcome::Repeated) ++produced.repeated;
    else produced.allowed += each.decision.allowed();
  }
}

/// Each producer deposits to its own client, and sends every fifth deposit twice; every other producer one by one, the rest by kTogether.
void produce(GateQueue& queue, const RuleTable& table, Produced& produced) {
  std::vector<std::thread> producers;
  for (std::uint64_t producer = 0; producer < kProducers; ++producer)
    producers.emplace_back([&, producer] {
      std::vector<GateTransfer> all;
      for (std::uint64_t n = 0; n < kEach; ++n)
        for (int times = n % 5 == 0 ? 2 : 1; times > 0; --times) all.push_back(deposit(table, "p" + std::to_string(producer) + "-" + std::to_string(n), 1 + producer, 5));
      if (producer % 2 == 0) {
        for (const GateTransfer& each : all) count(queue.submit(table, each), 1, produced);
      } else {
        for (std::span<const GateTransfer> rest = all; !rest.empty();) {
          const auto together = rest.first(std::min<std::size_t>(rest.size(), kTogether));
          count(queue.submit_many(table, together), together.size(), produced);
          rest = rest.subspan(together.size());
        }
      }
    });
  for (std::thread& producer : producers) producer.join();
}

}  // namespace

TEST_CASE("many producers: each is answered, all of it is in the journal, once") {
  const RuleTable table = stream_table();
  for (const std::size_t waiting_max : {1u, 3u, 8'192u}) {
    const FaultyDisk disk;
    Produced produced;
    std::uint64_t blocks = 0;
    {
      auto opened = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
      REQUIRE(std::holds_alternative<DurableGate>(opened));
      DurableGate& gate = std::get<DurableGate>(opened);
      {
        GateQueue queue(gate, waiting_max);
        produce(queue, table, produced);
        const GateTransfer legs[] = {deposit(table, "b-1", 1, 6), deposit(table, "b-2", 2, 6)};
        const auto batch = queue.submit_batch(table, "b", legs);
        REQUIRE(std::holds_alternative<GateQueue::Answers>(batch));
        CHECK(std::get<GateQueue::Answers>(batch).size() == 2);
      }
      blocks = gate.head().head.blocks;
    }
    CHECK(produced.allowed == kProducers * kEach);
    CHECK(produced.repeated == kProducers * kEach / 5);
    CHECK(produced.errors == 0);
    CHECK(blocks <= 2 + kProducers * kEach);
    auto again = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
    REQUIRE(std::holds_alternative<DurableGate>(again));
    for (std::uint64_t producer = 0; producer < kProducers; ++producer)
      CHECK(std::get<DurableGate>(again).gate().balance({table.find_bucket("Client.wallet"), 1, {1 + producer}}, 0) == Int128{kEach + (producer < 2 ? 1 : 0)});
  }
}

TEST_CASE("a disk that fails ends every producer with an error, and what was answered is there") {
  const RuleTable table = stream_table();
  FaultyDisk disk;
  Produced produced;
  {
    auto opened = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
    REQUIRE(std::holds_alternative<DurableGate>(opened));
    disk.fail(Fault::Full, 300, true);
    GateQueue queue(std::get<DurableGate>(opened), 4);
    produce(queue, table, produced);
  }
  CHECK(produced.errors > 0);
  CHECK(produced.allowed > 0);
  disk.start_again(1);
  auto again = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
  REQUIRE(std::holds_alternative<DurableGate>(again));
  Int128 there = 0;
  for (const Gate::Holding& holding : std::get<DurableGate>(again).gate().holdings()) there += holding.balance;
  CHECK(there >= Int128{produced.allowed.load()});
  CHECK(there <= Int128{produced.allowed.load() + kProducers * kTogether});
}

TEST_CASE("while the policy changes, a submission is decided by the policy that it was built for, or is built again") {
  constexpr int kChanges = 20;
  const FaultyDisk disk;
  const StreamTables tables = stream_tables();
  std::atomic<const RuleTable*> in_force{&tables.first};
  std::atomic<std::uint64_t> allowed{0}, built_again{0}, errors{0};
  std::atomic<bool> ends{false};
  {
    auto opened = open_stream({".", disk.vfs_name()}, tables);
    REQUIRE(std::holds_alternative<DurableGate>(opened));
    DurableGate& gate = std::get<DurableGate>(opened);
    GateQueue queue(gate, 4);
    std::vector<std::thread> producers;
    for (std::uint64_t producer = 0; producer < kProducers; ++producer)
      producers.emplace_back([&, producer] {
        for (std::uint64_t n = 0; !ends; ++n) {
          while (true) {
            const RuleTable& numbers = *in_force;
            const auto answer = queue.submit(numbers, deposit(numbers, "p" + std::to_string(producer) + "-" + std::to_string(n), 1 + producer, 5));
            if (std::holds_alternative<GateQueue::OtherPolicy>(answer) && ++built_again) continue;
            const auto* answers = std::get_if<GateQueue::Answers>(&answer);
            if (answers == nullptr) ++errors;
            else allowed += answers->at(0).outcome == Outcome::Decided && answers->at(0).decision.allowed();
            break;
          }
        }
      });
    for (int change = 0; change < kChanges; ++change) {
      const RuleTable& next = change % 2 == 0 ? tables.second : tables.first;
      const std::vector<PolicyApproval> both = approvals(gate.proposed(next));
      const auto refused = queue.change_policy(next, std::span(both).first(1));
      REQUIRE(std::holds_alternative<JournalError>(refused));
      CHECK(std::get<JournalError>(refused).message == "the policy may not change: 1 of 2 approvals given");
      REQUIRE(std::holds_alternative<GateQueue::Answers>(queue.change_policy(next, both)));
      const std::uint64_t before = built_again;
      while (built_again == before) std::this_thread::yield();   // producers have met the change
      in_force = &next;
    }
    ends = true;
    for (std::thread& producer : producers) producer.join();
  }
  CHECK(errors == 0);
  CHECK(allowed > 0);
  auto again = open_stream({".", disk.vfs_name()}, tables);
  REQUIRE(std::holds_alternative<DurableGate>(again));
  Int128 there = 0;
  for (const Gate::Holding& holding : std::get<DurableGate>(again).gate().holdings()) there += holding.balance;
  CHECK(there == Int128{allowed.load()});
  Replay replay;
  std::uint64_t changes = 0;
  const RuleTable* before = nullptr;
  const auto read = read_journal({".", disk.vfs_name()}, std::nullopt, {}, [&](const Block& block) {
    auto failed = replay.apply(block);
    if (!failed) changes += before != nullptr && replay.table() != before, before = replay.table();
    return failed;
  });
  CHECK(std::holds_alternative<ReadJournal>(read));
  CHECK(changes == kChanges);
}

TEST_CASE("transfers that are submitted together are answered in their order, those of another policy not at all, and too many are refused") {
  const FaultyDisk disk;
  const StreamTables tables = stream_tables();
  auto opened = open_stream({".", disk.vfs_name()}, tables);
  REQUIRE(std::holds_alternative<DurableGate>(opened));
  DurableGate& gate = std::get<DurableGate>(opened);
  {
    GateQueue queue(gate);
    std::vector<GateTransfer> together;
    for (int n = 0; n < 3; ++n) together.push_back(deposit(tables.first, "t" + std::to_string(n), 1, 5));
    together[1].transfer.amount = 0;
    const auto answer = queue.submit_many(tables.first, together);
    REQUIRE(std::holds_alternative<GateQueue::Answers>(answer));
    const auto& answers = std::get<GateQueue::Answers>(answer);
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].decision.allowed());
    CHECK(answers[1].decision.reason == Reason::AmountOutOfRange);
    CHECK(answers[2].decision.allowed());
    CHECK(std::get<GateQueue::Answers>(queue.submit_many(tables.first, {})).empty());
    CHECK(std::holds_alternative<GateQueue::OtherPolicy>(queue.submit_many(tables.second, together)));
    const std::vector<GateTransfer> too_many(kCommitRecordsMax + 1, deposit(tables.first, "m", 1, 5));
    const auto refused = queue.submit_many(tables.first, too_many);
    REQUIRE(std::holds_alternative<JournalError>(refused));
    CHECK(std::get<JournalError>(refused).message == "at most 8192 transfers can be submitted together, not 8193");
    CHECK(std::holds_alternative<GateQueue::Answers>(queue.submit_many(tables.first, std::span(too_many).first(kCommitRecordsMax))));
  }
  CHECK(gate.gate().balance({tables.first.find_bucket("Client.wallet"), 1, {1}}, 0) == 3);
}

TEST_CASE("facts come through the queue, before what is submitted after them") {
  const FaultyDisk disk;
  const RuleTable table = stream_table(), copy = stream_table();
  auto opened = DurableGate::open(table, test_key(), {{".", disk.vfs_name()}});
  REQUIRE(std::holds_alternative<DurableGate>(opened));
  GateQueue queue(std::get<DurableGate>(opened));
  const Instance due{table.find_fact("due"), 1, {1}};
  GateTransfer pay = deposit(table, "pay", 1, 5);
  pay.transfer.purpose = table.find_purpose("pay");
  pay.transfer.from = {table.find_bucket("Client.wallet"), 1, {1}};
  pay.transfer.to = {table.find_bucket("House.pot"), 0, {}};
  for (int n = 0; n < 3; ++n) REQUIRE(std::holds_alternative<GateQueue::Answers>(queue.submit(n == 0 ? table : copy, deposit(table, "d" + std::to_string(n), 1, 5))));
  const auto answered = [&](const std::string& id) {
    pay.id = id;
    const auto answer = queue.submit(table, pay);
    return std::get<GateQueue::Answers>(answer).at(0).decision.reason;
  };
  CHECK(answered("without") == Reason::ValueMissing);
  CHECK(std::get<GateQueue::Answers>(queue.set_fact(table, due, 1, 5)).empty());
  CHECK(answered("with") == Reason::Allowed);
  CHECK(std::holds_alternative<JournalError>(queue.set_fact(table, {due.target, 2, {1, 2}}, 1, 5)));
  CHECK(std::get<GateQueue::Answers>(queue.set_fact(table, due, 0, 5)).empty());
  CHECK(answered("no more") == Reason::Condition);
  const RuleTable other = stream_tables().second;
  CHECK(std::holds_alternative<GateQueue::OtherPolicy>(queue.set_fact(other, due, 1, 5)));
}
