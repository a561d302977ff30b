// SPDX-License-Identifier: Apache-2.0
// Proved again after a change: with a memory of the proofs before, every verdict and every certificate is what it is from nothing. And what
// a memory must not do: answer for another question, or keep what was not answered.
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/shipped_policies.h"
#include "tests/verify/proof.h"
#include "verify/check_obligations.h"
#include "verify/proof_memory.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), by);
}

std::string in_words(const RuleTable& table, const std::optional<Trace>& trace) { return trace ? print(decode(table).vocabulary, *trace) : ""; }

void check_same(const RuleTable& table, const Verdict& verdict, const Verdict& from_nothing) {
  REQUIRE(verdict.fences.size() == from_nothing.fences.size());
  for (std::size_t i = 0; i < verdict.fences.size(); ++i) {
    const FenceVerdict& one = verdict.fences[i];
    const FenceVerdict& other = from_nothing.fences[i];
    CHECK(std::pair(one.answer, one.reason) == std::pair(other.answer, other.reason));
    CHECK(one.obligations == other.obligations);
    CHECK((one.certificate == other.certificate));
    CHECK(in_words(table, one.trace) == in_words(table, other.trace));
  }
  REQUIRE(verdict.properties.size() == from_nothing.properties.size());
  for (std::size_t i = 0; i < verdict.properties.size(); ++i) {
    const PropertyVerdict& one = verdict.properties[i];
    const PropertyVerdict& other = from_nothing.properties[i];
    INFO(property_word(one.kind));
    CHECK(std::pair(one.answer, one.reason) == std::pair(other.answer, other.reason));
    CHECK(one.obligations == other.obligations);
    CHECK((one.certificate == other.certificate));
    CHECK(in_words(table, one.trace) == in_words(table, other.trace));
    REQUIRE(one.details.size() == other.details.size());
    for (std::size_t k = 0; k < one.details.size(); ++k) CHECK(one.details[k].text == other.details[k].text);
  }
}

/// The verdict with the memory, after comparing it with the one from nothing.
Verdict proved_again(ProofMemory& memory, const RuleTable& table) {
  VerifyOptions how;
  how.memory = &memory;
  Verdict verdict = verify(table, how);
  check_same(table, verdict, verify(table));
  return verdict;
}
Verdict proved_again(ProofMemory& memory, const std::string& text) { return proved_again(memory, table_of(text)); }

const std::string kRules = R"(fact due of Client : amount of USDC from 0 to 49.99 USDC
mode of Client.margin: normal, called
  normal -> called by officer when balance(Client.margin) < due
invariant balance(House.transit) >= 0
segregate each Client
segregate Client from House
allow pay Client.bank -> Client.wallet by trader
allow pay Client.wallet -> Client.bank by trader when amount <= due
allow pay Client.wallet -> Client.margin by trader passing title
allow pay Client.margin -> Client.wallet by trader passing title when mode is normal
allow lend Client.wallet -> other Client.wallet by trader when due(from) >= 50 USDC
allow sweep Client.wallet -> House.fees by liquidator passing title when amount <= due
deny sweep Client.wallet -> House.fees when amount > 49.99 USDC because "too much"
)";

const std::string kBelow = "(push 1)\n(assert (< x 5))\n(check-sat)\n(pop 1)\n";

Budget over() { return {1'000, std::chrono::steady_clock::now()}; }

}  // namespace

TEST_CASE("a policy edited step by step is proved with a memory as from nothing") {
  const std::string base = with_world(kRules);
  const std::string more = base + "allow sweep House.fees -> House.suppliers by officer\n";
  const std::string weaker = replaced(base, "when due(from) >= 50 USDC", "when due(from) >= 49.99 USDC");   // now a fact can allow it
  const std::string wider = replaced(base, "to 49.99 USDC", "to 50 USDC");                      // likewise, by its declaration
  const std::string shifted = replaced(replaced(base, "role trader", "role auditor, trader"), "bucket Client.wallet\n", "bucket House.vault\nbucket Client.wallet\n");
  const std::string fenced = base + "segregate each Position\n";
  ProofMemory memory;
  CHECK(proved_again(memory, base).fences[0].answer == Answer::Proved);
  CHECK(memory.obligations_found() == 0);
  const std::size_t all = memory.obligations_answered();
  CHECK(all > 0);
  CHECK(proved_again(memory, more).fences[0].answer == Answer::Proved);
  CHECK(memory.obligations_found() > 0);
  CHECK(proved_again(memory, weaker).fences[0].answer == Answer::Refuted);
  CHECK(proved_again(memory, base).fences[0].answer == Answer::Proved);   // tightened back, and the rule removed
  CHECK(memory.obligations_found() == all);
  CHECK(memory.obligations_answered() == 0);
  CHECK(proved_again(memory, wider).fences[0].answer == Answer::Refuted);
  CHECK(proved_again(memory, shifted).fences[0].answer == Answer::Proved);
  CHECK(proved_again(memory, fenced).fences[2].answer == Answer::Proved);
  CHECK(memory.obligations_found() >= all);
  CHECK(memory.obligations_taken_over() == 0);
}

TEST_CASE("shipped policies are proved with one memory as from nothing") {
  ProofMemory memory;
  for (const std::string name : {"isolated_margin", "cass7_normal", "exchange_wallets"}) {
    const ShippedPolicy policy = shipped_policy(name + "/policy.rf");
    const std::string& text = policy.text;
    const std::size_t rule = text.rfind("\nallow ") + 1, scenarios = text.find("\n\n", rule);   // from the last allow rule to the end of its paragraph
    const std::size_t entity = text.find("\nentity ") + 1;
    for (const std::string& edited : {text, text.substr(0, rule) + text.substr(scenarios), text.substr(0, entity) + "entity Zoo\nbucket Zoo.cage\n" + text.substr(entity)}) {
      INFO(name);
      proved_again(memory, table_of(ShippedPolicy{policy.path, edited}));
    }
  }
}

TEST_CASE("what is answered under one prelude is not answered under another") {
  const std::string above = "(declare-fun x () Int)\n(assert (> x 4))\n", free = "(declare-fun x () Int)\n";
  ProofMemory memory;
  CHECK(ObligationChecker(above, 1'000, &memory).all_unsat({kBelow}));
  CHECK_FALSE(ObligationChecker(above, over(), &memory).all_unsat({kBelow}));   // found from the next proof on
  memory.begin_proof();
  CHECK_FALSE(ObligationChecker(free, 1'000, &memory).all_unsat({kBelow}));
  CHECK_FALSE(ObligationChecker(above, over(), &memory).all_unsat({"(push 1)\n(assert (< x 6))\n(check-sat)\n(pop 1)\n"}));
  CHECK(memory.obligations_found() == 0);
  CHECK(ObligationChecker("; a comment\n" + above, over(), &memory).all_unsat({"; line 7\n" + kBelow}));   // no time to ask: it was found
  CHECK(memory.obligations_found() == 1);
}

TEST_CASE("only what was answered is kept, and no more than there is room for") {
  const std::string prelude = "(declare-fun x () Int)\n(assert (> x 4))\n";
  ProofMemory memory(1);
  CHECK_FALSE(ObligationChecker(prelude, over(), &memory).all_unsat({kBelow}));
  CHECK_FALSE(ObligationChecker(prelude, 1'000, &memory).all_unsat({"(push 1)\n(assert (< x 6))\n(check-sat)\n(pop 1)\n"}));
  CHECK(memory.obligations_answered() == 0);
  CHECK(ObligationChecker(prelude, 1'000, &memory).all_unsat({kBelow, "(push 1)\n(assert (< x 4))\n(check-sat)\n(pop 1)\n"}));
  CHECK(memory.obligations_answered() == 1);
  memory.keep_answer("question", true);
  memory.begin_proof();
  CHECK_FALSE(memory.answer("question"));
}

TEST_CASE("a certificate is taken over obligation by obligation, or not at all") {
  const std::string text = judge(with_world("segregate each Client\nallow pay Client.wallet -> Client.margin by trader")).certificate;
  REQUIRE_FALSE(text.empty());
  const RuleTable table = table_of(with_world("segregate each Client\nallow pay Client.wallet -> Client.margin by trader"));
  ProofMemory memory;
  CHECK_FALSE(memory.take_over(""));
  CHECK_FALSE(memory.take_over("(declare-fun x () Int)\n"));
  CHECK_FALSE(memory.take_over(text + "(assert false)\n"));
  CHECK_FALSE(memory.take_over(text.substr(0, text.size() - 10)));
  CHECK_FALSE(memory.take_over(replaced(text, "(check-sat)\n(pop 1)\n", "")));   // two in one
  VerifyOptions how;
  how.memory = &memory;
  Verdict verdict = verify(table, how);
  CHECK(verdict.taken_over == 0);
  CHECK(verdict.answered == verdict.fences[0].obligations);
  ProofMemory other;
  REQUIRE(other.take_over(text));
  how.memory = &other;
  verdict = verify(table, how);
  CHECK(verdict.taken_over == verdict.fences[0].obligations);
  CHECK(verdict.answered == 0);
  CHECK(verdict.fences[0].certificate == text);
  CHECK(trusted_in(verdict).size() == trusted_in({}).size() + 1);
}
