// SPDX-License-Identifier: Apache-2.0
// decode(load(emit(moves))) == moves, field for field: what the proof reads is what the compiler lowered.
#include <catch2/catch.hpp>

#include <string>

#include "compiler/passes.h"
#include "tests/runtime/sample_moves.h"
#include "tests/shipped_policies.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

RuleTable load_table(const Moves& moves) {
  auto loaded = RuleTable::load(emit(moves));
  if (const auto* error = std::get_if<LoadError>(&loaded)) FAIL("at " << error->offset << ": " << error->message);
  return std::get<RuleTable>(std::move(loaded));
}

TEST_CASE("moves survive the table") {
  for (const Moves& moves : {sample::tiny_moves(), sample::rich_moves(), Moves{}}) {
    const Moves decoded = decode(load_table(moves));
    CHECK(decoded.vocabulary == moves.vocabulary);
    CHECK(decoded.statements == moves.statements);
    CHECK(decoded.moves == moves.moves);
    CHECK(decoded.transitions == moves.transitions);
    CHECK(decoded == moves);
  }
}

TEST_CASE("the largest numbers survive the table") {
  Moves moves = sample::tiny_moves();
  std::vector<Node>& nodes = moves.moves[0].allows[0].clauses[0].nodes;
  nodes[0].test.constant = kInt128Max - kAmountMax;
  nodes.push_back({{TestKind::IsZero, {{(std::int64_t{1} << 30) - 1, 0}, {-(std::int64_t{1} << 30), 1}}, -kAmountMax, 0}, kFalse, kTrue});
  nodes[0].if_true = 1;
  CHECK(decode(load_table(moves)) == moves);
}

TEST_CASE("every shipped policy survives the table") {
  std::size_t policies = 0, rows = 0;
  for (const test::ShippedPolicy& policy : test::shipped_policies()) {
    CAPTURE(policy.path);
    const Compiled made = test::compiled(policy);
    const RuleTable table = load_table(made.moves);
    CHECK(decode(table) == made.moves);
    CHECK(table.source_digest() == made.policy.source_digest);
    rows += made.moves.moves.size();
    ++policies;
  }
  CHECK(rows > policies);
}

TEST_CASE("equal moves give equal bytes") { CHECK(emit(sample::rich_moves()) == emit(sample::rich_moves())); }

}  // namespace
}  // namespace ringfence
