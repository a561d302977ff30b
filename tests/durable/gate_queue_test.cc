// SPDX-License-Identifier: Apache-2.0
// Many producers on one durable gate: every submission is answered once and synced, those of one producer in its order; a small queue holds
// producers up and drops nothing; a failing disk ends every producer with an error and no answer.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "runtime/durable/gate_queue.h"
#include "tests/durable/faulty_disk.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

constexpr std::uint64_t kProducers = 8, kEach = 200;

struct Produced { std::atomic<std::uint64_t> allowed{0}, repeated{0}, errors{0}; };

/// Each producer deposits to its own client, and sends every fifth deposit twice.
void produce(GateQueue& queue, const RuleTable& table, Produced& produced) {
  std::vector<std::thread> producers;
  for (std::uint64_t producer = 0; producer < kProducers; ++producer)
    producers.emplace_back([&, producer] {
      for (std::uint64_t n = 0; n < kEach; ++n)
        for (int times = n % 5 == 0 ? 2 : 1; times > 0; --times) {
          const auto answer = queue.submit(deposit(table, "p" + std::to_string(producer) + "-" + std::to_string(n), 1 + producer, 5));
          const auto* answers = std::get_if<GateQueue::Answers>(&answer);
          if (answers == nullptr) ++produced.errors;
          else if (answers->at(0).outcome == Outcome::Repeated) ++produced.repeated;
          else produced.allowed += answers->at(0).decision.allowed();
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
        const auto batch = queue.submit_batch("b", legs);
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
  CHECK(there <= Int128{produced.allowed.load() + kProducers});
}
