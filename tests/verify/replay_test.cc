// SPDX-License-Identifier: Apache-2.0
// A trace is evidence only if it replays: each way of bending one is noticed.
#include "tests/verify/proof.h"
#include "verify/replay.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kPool =
    "segregate Client from House.fees\n"
    "fact ceiling : amount of USDC from 1 USDC to 5 USDC\n"
    "allow lend Client.wallet -> House.transit by trader when amount <= ceiling\n"
    "allow pay House.transit -> House.fees by officer when approved by 2 of trader\n";

}  // namespace

TEST_CASE("a bent trace does not replay") {
  const RuleTable table = table_of(with_world(kPool));
  const Moves moves = decode(table);
  const Verdict verdict = verify(table);
  REQUIRE(verdict.fences[0].trace);
  const Trace good = *verdict.fences[0].trace;
  const Fence& fence = moves.vocabulary.fences[0];
  REQUIRE(replay(table, moves, fence, good) == "");
  const auto bent = [&](auto bend) {
    Trace trace = good;
    bend(trace);
    return replay(table, moves, fence, trace);
  };
  CHECK(bent([](Trace& t) { t.opening.clear(); }) == "a followed unit is where there is no money");
  CHECK(bent([](Trace& t) { t.steps.pop_back(); t.coins[0].pop_back(); }) == "the fence still stands after the last step");
  CHECK(bent([](Trace& t) { t.steps[1].approvals.pop_back(); }) == "step 2: the table denies it: condition");
  CHECK(bent([](Trace& t) { t.steps[1].approvals[0].person = "initiator"; }) == "step 2: the table denies it: condition");
  CHECK(bent([](Trace& t) { t.steps[0].facts.clear(); }) == "step 1: the table denies it: value_missing");
  CHECK(bent([](Trace& t) { t.steps[0].facts[0].number = 1; }) == "step 1: the table denies it: value_out_of_range");
  CHECK(bent([](Trace& t) { t.steps[1].transfer.amount += 1; }) == "step 2: the table denies it: funds");
  CHECK(bent([](Trace& t) { t.coins[0][2].title = t.coins[0][2].at; }) == "step 2: a title changes against the rule");
  CHECK(bent([](Trace& t) { t.coins[0][0].at = t.coins[0][1].at; }) == "a followed unit does not start titled to where it is");
  CHECK(bent([](Trace& t) { t.steps[1].time_ms = t.steps[0].time_ms - 1; }) == "step 2: the table denies it: time_went_back");
  CHECK(bent([](Trace& t) { t.coins[0][2] = t.coins[0][1]; }) == "step 2: a unit stays behind where none is left");
}
