// SPDX-License-Identifier: Apache-2.0
// Policies for the verifier's tests: text in, loaded table and verdict out. `with_world` saves each test the same declarations.
#pragma once

#include <map>
#include <string>
#include <variant>

#include <catch2/catch.hpp>

#include "compiler/passes.h"
#include "runtime/rule_table.h"
#include "tests/table_of.h"
#include "verify/replay.h"
#include "verify/verify.h"

namespace ringfence::test {

/// Clients with wallets and margins, a house, a pool: what most small questions need.
inline std::string with_world(const std::string& rest) {
  return R"(policy "test" version "1"
asset USDC decimals 2
role trader, officer, liquidator
purpose pay, lend, sweep
entity Client many
entity Position many
entity House
entity Bank
external Client.bank
external House.suppliers
account Bank.pool
bucket Client.wallet
bucket Client.margin[Position]
bucket House.fees
bucket House.transit in Bank.pool
)" + rest;
}

/// The only fence's verdict; where it is REFUTED, the table was seen to allow its run. A policy is judged once, however many tests ask.
inline FenceVerdict judge(const std::string& source) {
  static std::map<std::string, FenceVerdict> judged;
  if (const auto known = judged.find(source); known != judged.end()) return known->second;
  const RuleTable table = table_of(source);
  const Verdict verdict = verify(table);
  REQUIRE(verdict.fences.size() == 1);
  const FenceVerdict& fence = verdict.fences[0];
  INFO(source << "\n" << fence.reason << (fence.trace ? print(decode(table).vocabulary, *fence.trace) : ""));
  CHECK((fence.answer == Answer::Refuted) == fence.trace.has_value());
  if (fence.trace) {
    const Moves moves = decode(table);
    CHECK(replay(table, moves, moves.vocabulary.fences[0], *fence.trace) == "");
  }
  judged.emplace(source, fence);
  return fence;
}

}  // namespace ringfence::test
