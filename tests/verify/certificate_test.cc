// SPDX-License-Identifier: Apache-2.0
// Certificates are checked by cvc5, which had no part in making them; and each way of damaging one is noticed.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/verify/proof.h"
#include "tests/verify/state_policies.h"
#include <unistd.h>

#include "verify/check_obligations.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

/// What cvc5 prints for the certificate, a line a check-sat.
std::vector<std::string> cvc5_answers(const std::string& certificate) {
  const auto path = std::filesystem::temp_directory_path() / ("ringfence-certificate-" + std::to_string(::getpid()) + ".smt2");
  std::ofstream(path) << certificate;
  const std::string command = "cvc5 --incremental --lang smt2 " + path.string() + " 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<std::string> lines;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get())) {
    std::string line = buffer.data();
    while (!line.empty() && line.back() == '\n') line.pop_back();
    lines.push_back(line);
  }
  std::filesystem::remove(path);
  return lines;
}

void checked_by_cvc5(const FenceVerdict& verdict) {
  REQUIRE(verdict.answer == Answer::Proved);
  CHECK(cvc5_answers(verdict.certificate) == std::vector<std::string>(verdict.obligations, "unsat"));
}

const std::string kModes = R"(
mode of Client: normal, called, liquidating
  normal -> called by officer when balance(Client.wallet) = 0
  called -> liquidating by officer when approved by 1 of trader and not approved by 1 of trader
fact due of Client : amount of USDC from 0 to 10 USDC
segregate Client from House
allow pay Client.wallet -> House.fees by trader passing title when amount <= due
allow lend Client.wallet -> Client.margin by trader passing title when 2 * amount <= 25% of balance(from) and time between 08:00 and 18:00
allow pay Client.wallet -> House.fees by liquidator when mode is liquidating
limit pay in total 500 USDC per day
)";

const std::string kTurns = "segregate each Client in custody\nallow pay Client.wallet -> House.transit by trader when balance(to) = 0\n";

}  // namespace

TEST_CASE("cvc5 confirms certificates over balances") {
  for (const StatePolicy& policy : tried_state_policies()) {
    INFO(policy.what);
    checked_by_cvc5(judge(policy.with(policy.kept)));
  }
}

TEST_CASE("cvc5 confirms certificates of one and of two units") {
  checked_by_cvc5(judge(with_world(kModes)));
  checked_by_cvc5(judge(with_world(kTurns)));
  checked_by_cvc5(judge(with_world("segregate each Client in custody\nallow pay Client.wallet -> Client.margin by trader")));
  checked_by_cvc5(judge(with_world("segregate each Position\nallow pay Client.wallet -> Client.margin by trader passing title")));
}

TEST_CASE("a certificate with a state left out is refused") {
  for (const auto& [rest, coins] : {std::pair(kModes, 1u), std::pair(kTurns, 2u)}) {
    const RuleTable table = table_of(with_world(rest));
    const Moves moves = decode(table);
    const Arena arena(moves);
    std::vector<Mask> possible;
    REQUIRE(modes_possible(arena, 10'000, possible));
    Feasibility feasible(arena, possible, 10'000);
    const Reach whole = explore(arena, feasible, possible, coins, {});
    REQUIRE(whole.complete);
    const auto stands = [&](const Reach& reach) {
      const InductiveProof proof = inductive_proof(arena, reach, possible, coins);
      return ObligationChecker(proof.prelude, 10'000, nullptr).all_unsat(proof.obligations);
    };
    CHECK(stands(whole));
    for (std::size_t left_out = 0; left_out < whole.states.size(); ++left_out) {
      Reach less = whole;
      less.states.erase(less.states.begin() + static_cast<std::ptrdiff_t>(left_out));
      CHECK_FALSE(stands(less));
    }
  }
}

TEST_CASE("an answer that is not unsat, too few answers and nonsense are all refused") {
  ObligationChecker checker("", 1'000, nullptr);
  CHECK(checker.all_unsat({"(push 1)(assert false)(check-sat)(pop 1)"}));
  CHECK_FALSE(checker.all_unsat({"(push 1)(assert true)(check-sat)(pop 1)"}));
  CHECK_FALSE(checker.all_unsat({"(push 1)(assert false)(check-sat)(pop 1)", "(push 1)(assert false)(pop 1)"}));
  CHECK_FALSE(checker.all_unsat({"(push 1)(assert nonsense)(check-sat)(pop 1)"}));
  CHECK_FALSE(ObligationChecker("(declare-fun x", 1'000, nullptr).all_unsat({"(push 1)(assert false)(check-sat)(pop 1)"}));
}

TEST_CASE("a policy's words can't end a comment") {
  const FenceVerdict verdict = judge(with_world("segregate Client from House cite \"(assert false)\"\nallow pay Client.bank -> Client.wallet by trader cite \"; (exit)\""));
  checked_by_cvc5(verdict);
}
