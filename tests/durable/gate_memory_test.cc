// SPDX-License-Identifier: Apache-2.0
// The plain gate when memory runs out: a submission that throws has done nothing, so that it can be made again. A policy whose rules read totals of a
// bucket and of an account, and count two limits, so that one transfer changes many places.
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "compiler/passes.h"
#include "runtime/gate.h"
#include "tests/durable/faulty_memory.h"

using namespace ringfence;
using namespace durable_test;

namespace {

const char* const kPolicy = R"(
policy "Totals" version "1"
asset USD decimals 0
role trader, boss
purpose deposit, pay, move
entity Client many
entity Position many
entity House
external Client.bank
account House.vault
bucket Client.wallet in House.vault
bucket Client.margin[Position] in House.vault
bucket House.pot in House.vault
mode of Client : normal, frozen
  normal -> frozen by boss
  frozen -> normal by boss
mode of Client.margin : idle, used
  idle -> used by trader when total(House.vault) >= 1 USD
  used -> idle by trader when balance(Client.margin) = 0 and total(any Client.wallet) >= 0
allow deposit Client.bank -> Client.wallet by trader when total after(House.vault) <= 1_000_000 USD
allow move Client.wallet -> Client.margin by trader entering used when mode of Client is normal and total after(Client.margin[any Position]) <= 50 USD
allow pay Client.margin -> House.pot by trader then idle when total(any Client.wallet) >= 1 USD
floor Client.wallet >= 1 USD
limit move per Client 60 USD in any 10 s
limit pay per Client, Position 30 USD per day
limit deposit in total 100_000 USD per day
)";

struct Stream {
  RuleTable table = std::get<RuleTable>(RuleTable::load(std::move(compile(kPolicy).artefact->table)));
  Index bank = table.find_bucket("Client.bank"), wallet = table.find_bucket("Client.wallet"), margin = table.find_bucket("Client.margin"), pot = table.find_bucket("House.pot");
  Index deposit = table.find_purpose("deposit"), move = table.find_purpose("move"), pay = table.find_purpose("pay"), machine = table.find_machine("Client");

  GateTransfer transfer(std::uint64_t n, std::uint64_t kind) const {
    const std::uint64_t client = 1 + n * 5 % 11, position = 1 + n % 3;
    const Instance purse{wallet, 1, {client}}, held{margin, 2, {client, position}};
    GateTransfer made;
    made.id = "t" + std::to_string(n) + "-" + std::to_string(kind);
    if (kind % 3 == 0) made.transfer = {deposit, Instance{bank, 1, {client}}, purse, 0, static_cast<Int128>(9 + n % 7), {}};
    else if (kind % 3 == 1) made.transfer = {move, purse, held, 0, static_cast<Int128>(2 + n % 5), {}};
    else made.transfer = {pay, held, Instance{pot, 0, {}}, 0, static_cast<Int128>(1 + n % 4), {}};
    made.transfer.authority.person = 1;
    made.transfer.authority.role = 0;
    made.transfer.authority.time_ms = 1'767'225'600'000 + static_cast<std::int64_t>(n) * 700;
    return made;
  }

  static std::vector<GateAnswer> one(const GateAnswer& answer) {
    const MemoryWorks works;   // the gate has answered
    return {answer};
  }

  /// The n-th step: a transfer, a change of mode or a batch.
  std::vector<GateAnswer> step(Gate& gate, std::uint64_t n) const {
    if (n % 9 == 7) {
      GateModeChange change{"m" + std::to_string(n), {{machine, 1, {1 + n * 5 % 11}}, static_cast<Index>(n / 9 % 2 == 0), {}}, {}};
      change.change.authority = transfer(n, 0).transfer.authority;
      change.change.authority.role = 1;
      return one(gate.submit(change));
    }
    if (n % 9 == 8) {
      const std::vector<GateTransfer> legs{transfer(n, 0), transfer(n, 1), transfer(n, n % 2 == 0 ? 2 : 0), transfer(n, 4)};
      return gate.submit_batch("b" + std::to_string(n), legs);
    }
    return one(gate.submit(transfer(n, n)));
  }
};

std::string words(const std::vector<GateAnswer>& answers) {
  std::string result;
  for (const GateAnswer& answer : answers) result += std::to_string(static_cast<int>(answer.outcome)) + " " + reason_word(answer.decision.reason) + "; ";
  return result;
}

}  // namespace

TEST_CASE("a submission to the plain gate that runs out of memory has done nothing") {
  const Stream stream;
  Gate sound(stream.table), short_of_memory(stream.table);
  std::uint64_t failed = 0, allowed = 0;
  for (std::uint64_t n = 0; n < 400; ++n) {
    std::vector<GateAnswer> answers;
    const std::vector<Gate::Holding> before = short_of_memory.holdings();
    for (std::uint64_t at = 1;; ++at) {
      try {
        const MemoryFails fails(at, false);
        answers = stream.step(short_of_memory, n);
        break;
      } catch (const std::bad_alloc&) {
        ++failed;
        REQUIRE(short_of_memory.holdings() == before);
      }
    }
    const std::vector<GateAnswer> expected = stream.step(sound, n);
    INFO("step " << n);
    REQUIRE(words(answers) == words(expected));
    REQUIRE(short_of_memory.holdings() == sound.holdings());
    REQUIRE(short_of_memory.account_total(0, {}, 0) == sound.account_total(0, {}, 0));
    for (const GateAnswer& answer : expected) allowed += answer.decision.allowed();
  }
  std::cout << "plain gate: " << failed << " failed allocations in 400 steps, " << allowed << " answers allowed" << std::endl;
  CHECK(failed > 400);
  CHECK(allowed > 100);
}

TEST_CASE("what memory was reserved for needs none") {
  const char* const policy = R"(
policy "No limits" version "1"
asset USD decimals 0
role trader
purpose deposit, move
entity Client many
entity House
external Client.bank
account House.vault
bucket Client.wallet in House.vault
bucket Client.margin in House.vault
mode of Client : normal, frozen
fact kept of Client : amount of USD
allow deposit Client.bank -> Client.wallet by trader when mode of Client is normal and total after(any Client.wallet) <= 1_000_000_000 USD
allow move Client.wallet -> Client.margin by trader when total(House.vault) >= 1 USD
)";
  const RuleTable table = std::get<RuleTable>(RuleTable::load(std::move(compile(policy).artefact->table)));
  const Index bank = table.find_bucket("Client.bank"), wallet = table.find_bucket("Client.wallet"), margin = table.find_bucket("Client.margin");
  constexpr std::uint64_t kTransfers = 40'329, kClients = 700;   // as many as 4 MiB hold, of 104 bytes each
  std::vector<GateTransfer> all;
  for (std::uint64_t n = 0; n < 4 * kTransfers; ++n) {
    const auto at = [&](Index bucket) { return Instance{bucket, 1, {1 + n * 7919 % kClients}}; };
    all.push_back({"00000000-0000-0000-0000-000000" + std::to_string(1'000'000 + n).substr(1), {}, {}});
    REQUIRE(all.back().id.size() == 36);
    if (n % 3 == 0) all.back().transfer = {table.find_purpose("deposit"), at(bank), at(wallet), 0, 100, {}};
    else all.back().transfer = {table.find_purpose("move"), at(wallet), at(margin), 0, 60, {}};
    all.back().transfer.authority = {7, 0, {}, 0, 1'767'225'600'000 + static_cast<std::int64_t>(n)};
  }
  Gate gate(table), other(table);
  std::vector<GateAnswer> answers(1), other_answers(all.size());
  other.submit_many(all, other_answers);
  const std::uint64_t before = GENERATE(0u, 1'000u);   // with what is there already
  std::uint64_t n = 0, allowed = 0;
  const auto submit = [&] {
    gate.submit_many(std::span(all).subspan(n, 1), answers);
    REQUIRE(answers[0].outcome == Outcome::Decided);
    REQUIRE(answers[0].decision == other_answers[n].decision);
    allowed += answers[0].decision.allowed();
    ++n;
  };
  while (n < before) submit();
  for (const bool persistent : {false, true}) {
    const auto reserve_without_memory = [&] {
      const MemoryFails fails(1, persistent);
      gate.reserve(kTransfers, kClients);
    };
    CHECK_THROWS_AS(reserve_without_memory(), std::bad_alloc);
  }
  gate.reserve(kTransfers, kClients);
  const auto until_it_throws = [&] {
    const MemoryFails fails(1, true);
    for (; n < all.size(); ++n) {
      gate.submit_many(std::span(all).subspan(n, 1), answers);
      allowed += answers[0].decision.allowed() && answers[0].decision == other_answers[n].decision;
    }
  };
  CHECK_THROWS_AS(until_it_throws(), std::bad_alloc);
  CHECK(n >= before + kTransfers);
  CHECK(n < all.size());
  CHECK(allowed > n / 3);
  CHECK(allowed < n);
  while (n < all.size()) submit();
  CHECK(gate.holdings() == other.holdings());
}
