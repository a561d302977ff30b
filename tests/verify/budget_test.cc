// SPDX-License-Identifier: Apache-2.0
// Time limits: of one query, in every way that one is put, and of a whole run. What was not answered by then is UNKNOWN, and the run ends.
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

#include "tests/verify/proof.h"
#include "verify/check_obligations.h"
#include "verify/diff.h"
#include "verify/equivalence.h"
#include "verify/run_script.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kHard = "(push 1)\n(declare-fun x () Int)\n(declare-fun y () Int)\n(declare-fun z () Int)\n"
                          "(assert (and (> x 10) (= (+ (* x x x) (* y y y) (* z z z)) 114)))\n(check-sat)\n(pop 1)\n";   // three cubes: open in mathematics
const std::string kNever = "(push 1)\n(assert false)\n(check-sat)\n(pop 1)\n";

std::string rules(const std::string& comparison) {
  return with_world("fact due of Client : amount of USDC\nsegregate each Client\nsegregate Client from House\n"
                    "mode of Client.margin: normal, called\n  normal -> called by officer when balance(Client.margin) < due\n"
                    "invariant balance(House.transit) >= 0\nallow pay Client.bank -> Client.wallet by trader\n"
                    "allow pay Client.wallet -> Client.bank by trader when amount " + comparison + " due\n");
}

Budget over() { return {1'000, std::chrono::steady_clock::now()}; }

}  // namespace

TEST_CASE("an obligation beyond the time of a query is not proved") {
  ObligationChecker checker("", 300, nullptr);
  CHECK_FALSE(checker.all_unsat({kHard}));   // without a limit this does not end
  CHECK(checker.all_unsat({kNever}));
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(10);
  CHECK(run_script(kHard + kNever, 300, end) == "unknown\nunsat\n");
}

TEST_CASE("when the time for the run is up, nothing that asks a solver is proved") {
  const RuleTable table = table_of(rules("<="));
  VerifyOptions how;
  how.budget = over();
  const Verdict verdict = verify(table, how);
  for (const FenceVerdict& fence : verdict.fences) {
    CHECK(fence.answer == Answer::Unknown);
    CHECK(fence.reason == kTimeIsUp);
  }
  for (const PropertyVerdict& property : verdict.properties)
    if (property.kind == PropertyKind::Funds || property.kind == PropertyKind::OwnersHome || property.kind == PropertyKind::Invariant) {
      CHECK(property.answer == Answer::Unknown);
      if (property.kind == PropertyKind::Invariant) CHECK(property.reason == kTimeIsUp);
    }
  const Verdict in_time = verify(table);
  for (const FenceVerdict& fence : in_time.fences) CHECK(fence.answer == Answer::Proved);
  const auto compiled = compile(rules("<="));
  REQUIRE(compiled.artefact);
  CHECK(prove_equivalent(compiled.artefact->policy, table, {over()}).answer == Answer::Unknown);
}

TEST_CASE("when the time for a comparison is up, nothing is said to be permitted no more") {
  const RuleTable older = table_of(rules("<=")), newer = table_of(rules("<"));
  CHECK(diff(older, newer).permits_no_more);
  DiffOptions how;
  how.budget = over();
  const Difference difference = diff(older, newer, how);
  CHECK_FALSE(difference.permits_no_more);
  CHECK_FALSE(difference.same());
  CHECK_FALSE(difference.flows_unknown.empty());
}

TEST_CASE("a search that would take long ends near the end of the run") {
  std::string text = with_world("segregate each Client in custody\nallow pay Client.bank -> Client.wallet by trader\n");
  std::string more = "account Bank.all\n";
  for (int i = 0; i < 200; ++i) more += "bucket Client.b" + std::to_string(i) + " in Bank.all\n";
  text.insert(text.find("bucket House.fees\n"), more);
  for (int i = 0; i < 200; ++i)
    for (const int step : {1, 7, 31})
      text += "allow pay Client.b" + std::to_string(i) + " -> Client.b" + std::to_string((i + step) % 200) + " by trader passing title when amount <= " + std::to_string(i + 1) + " USDC\n";
  const RuleTable table = table_of(text);
  VerifyOptions how;
  how.budget.end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  const auto start = std::chrono::steady_clock::now();
  const Verdict verdict = verify(table, how);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CAPTURE(seconds);
  REQUIRE(verdict.fences.size() == 1);
  CHECK(verdict.fences[0].reason == kTimeIsUp);
  CHECK(seconds < 15);
}
