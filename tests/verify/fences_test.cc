// SPDX-License-Identifier: Apache-2.0
// Small policies whose answer is plain to a reader, each with what the verifier must say and how long the shortest run is.
#include "tests/verify/proof.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

void proved(const std::string& rest) {
  const std::string source = with_world(rest);
  const FenceVerdict verdict = judge(source);
  INFO(rest << "\nreason: " << verdict.reason);
  CHECK(verdict.answer == Answer::Proved);
  CHECK(verdict.obligations > 0);
  CHECK(verdict.certificate.find("(check-sat)") != std::string::npos);
}

void refuted(const std::string& rest, std::size_t steps) {
  const std::string source = with_world(rest);
  const FenceVerdict verdict = judge(source);
  INFO(rest << "\nreason: " << verdict.reason);
  REQUIRE(verdict.answer == Answer::Refuted);
  REQUIRE(verdict.trace);
  CHECK(verdict.trace->steps.size() == steps);
  CHECK(verdict.certificate.empty());
}

const std::string kApart = "segregate Client from House\n";
const std::string kEach = "segregate each Client\n";

}  // namespace

TEST_CASE("a single move to the other side") {
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader", 1);
  refuted(kApart + "allow pay House.fees -> Client.wallet by trader", 1);
  refuted(kApart + "allow pay Client.bank -> House.suppliers by trader", 1);
  proved(kApart + "allow pay Client.bank -> Client.wallet by trader");
}

TEST_CASE("money that arrives at an external is judged there") {
  refuted(kApart + "allow pay Client.wallet -> House.suppliers by trader", 1);
  proved(kApart + "allow pay Client.wallet -> Client.bank by trader");
}

TEST_CASE("passing title is the declared exception, for what is the owner's own") {
  proved(kApart + "allow pay Client.wallet -> House.fees by trader passing title");
  // A pool's owner can't pass on what is not its own.
  refuted("segregate Client from House.fees\n"
          "allow lend Client.wallet -> House.transit by trader\n"
          "allow pay House.transit -> House.fees by officer passing title",
          2);
}

TEST_CASE("two hops mix what no single hop does") {
  refuted("segregate Client from House.fees\n"
          "allow lend Client.wallet -> House.transit by trader\n"
          "allow pay House.transit -> House.fees by officer",
          2);
}

TEST_CASE("each member is kept from every other") {
  refuted(kEach + "allow pay Client.wallet -> other Client.wallet by trader", 1);
  proved(kEach + "allow pay Client.wallet -> other Client.wallet by trader passing title");
  proved(kEach + "allow pay Client.wallet -> Client.margin by trader\nallow lend Client.margin -> Client.wallet by trader");
  // A pool forgets who paid in.
  refuted(kEach + "allow pay Client.wallet -> House.transit by trader\nallow lend House.transit -> Client.wallet by trader", 2);
}

TEST_CASE("each position is kept from every other") {
  const std::string each = "segregate each Position in Client.margin\n";
  refuted(each + "allow pay Client.margin -> Client.margin[other Position] by trader", 1);
  // Back to the wallet under the position's title, and on into another position: as it is, or made the other position's on the way.
  refuted(each + "allow pay Client.wallet -> Client.margin by trader\nallow lend Client.margin -> Client.wallet by trader", 2);
  proved(each + "allow pay Client.wallet -> Client.margin by trader passing title\nallow lend Client.margin -> Client.wallet by trader");
  proved(each + "allow pay Client.wallet -> Client.margin by trader passing title\nallow lend Client.margin -> Client.wallet by trader passing title");
}

TEST_CASE("a third member is not thought to be the first") {
  // With two members only, the second hop could lead nowhere but back.
  refuted("bucket Client.stage\nsegregate each Client in Client.margin\n"
          "allow pay Client.wallet -> other Client.stage by trader\n"
          "allow lend Client.stage -> other Client.margin by trader passing title",
          2);
  refuted("segregate each Client in Client.margin\n"
          "allow pay Client.wallet -> House.transit by trader\n"
          "allow lend House.transit -> Client.margin by trader",
          2);
}

TEST_CASE("guards that can't hold, and denials that cover") {
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when amount < 0.01 USDC");
  proved(kApart + "allow pay Client.wallet -> House.fees by trader\ndeny pay Client.* -> House.*");
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader\ndeny pay Client.wallet -> House.fees when amount > 1 USDC", 1);
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when amount <= 5 USDC\ndeny pay Client.wallet -> House.fees when amount < 5.01 USDC");
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when balance(from) < amount");
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when approved by 2 of officer and not approved by officer");
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader when approved by 2 of officer, trader and not approved by officer", 1);
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when total(any Client.wallet) < balance(from)");
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when amount > 5 USDC\nlimit pay in total 5 USDC per day");
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader when amount >= 5 USDC\nlimit pay in total 5 USDC per day", 1);
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader when time between 23:00 and 01:00", 1);
}

TEST_CASE("facts take every value in their range") {
  const std::string fact = "fact due of Client : amount of USDC from 0 to 10 USDC\n";
  refuted(kApart + fact + "allow pay Client.wallet -> House.fees by trader when amount <= due", 1);
  proved(kApart + fact + "allow pay Client.wallet -> House.fees by trader when due > 10 USDC");
  proved(kApart + fact + "allow pay Client.wallet -> House.fees by trader when 2 * due < due");
}

TEST_CASE("modes are part of the state") {
  const std::string modes = "mode of Client: normal, called, liquidating\n";
  const std::string seize = "allow pay Client.wallet -> House.fees by liquidator when mode is liquidating\n";
  proved(kApart + modes + "  normal -> called by officer\n" + seize);
  refuted(kApart + modes + "  normal -> called by officer\n  called -> liquidating by officer\n" + seize, 3);
  proved(kApart + modes + "  normal -> called by officer\n  called -> liquidating by officer when approved by 1 of trader and not approved by 1 of trader\n" + seize);
  const std::string market = "mode of system: open, halted\n  open -> halted by officer\n";
  refuted(kApart + market + "allow pay Client.wallet -> House.fees by trader when mode is halted", 2);
  proved(kApart + market + "allow pay Client.wallet -> House.fees by trader when mode is halted and mode is open");
}

TEST_CASE("a member met on the way can be in any mode") {
  refuted("segregate Client from House.fees\nmode of Position: fresh, closed\n  fresh -> closed by officer\n"
          "allow lend Client.wallet -> Client.margin by trader\n"
          "allow pay Client.margin -> House.fees by trader when mode is closed",
          3);
}

TEST_CASE("a bucket that holds the followed money is not empty") {
  proved(kApart + "allow pay Client.wallet -> House.fees by trader when balance(from) = 0 USDC");
  refuted(kApart + "allow pay Client.wallet -> House.fees by trader when balance after(from) = 0 USDC", 1);
}

TEST_CASE("custody: two titles in one account") {
  const std::string custody = "segregate each Client in custody\n";
  refuted(custody + "allow pay Client.wallet -> House.transit by trader", 2);
  proved(custody + "allow pay Client.wallet -> Client.margin by trader");
  // Taken in turns: in only when the pool is empty.
  const std::string out = "allow lend House.transit -> Client.bank by officer\n";
  proved(custody + "allow pay Client.wallet -> House.transit by trader when balance(to) = 0\n");
  refuted(custody + "allow pay Client.wallet -> House.transit by trader when balance(to) <= 0.01 USDC\n", 2);
  proved("segregate Client from House in custody\nallow pay Client.wallet -> House.transit by trader passing title\n");
}

TEST_CASE("an overdrawn bucket pays with its neighbours' money") {
  const auto source = [](const std::string& may) {
    return R"(policy "overdraft" version "1"
asset USDC decimals 2
role affiliate
purpose draw
entity Client many
entity Affiliate
entity Bank
external Affiliate.lenders
account Bank.omnibus
bucket Client.deposits in Bank.omnibus
bucket Affiliate.line in Bank.omnibus )" +
           may + R"(
segregate Client from Affiliate
allow draw Affiliate.line -> Affiliate.lenders by affiliate
)";
  };
  CHECK(judge(source("")).answer == Answer::Proved);
  const FenceVerdict verdict = judge(source("may overdraw"));
  REQUIRE(verdict.answer == Answer::Refuted);
  CHECK(verdict.trace->steps.size() == 1);
  CHECK(verdict.trace->summary == "money held for Client.deposits of client1 is in Affiliate.lenders");
}

TEST_CASE("release points are the only ways across, and all are listed") {
  const FenceVerdict verdict = judge(with_world(kApart +
                                                "allow pay Client.wallet -> House.fees by trader, officer passing title\n"
                                                "allow lend Client.wallet -> Client.margin by trader passing title"));
  REQUIRE(verdict.answer == Answer::Proved);
  REQUIRE(verdict.release_points.size() == 1);
  CHECK(verdict.release_points[0].roles == 3);
}

TEST_CASE("a bucket left short by a neighbour's overdraft pays with the others' money") {
  const std::string world = R"(policy "short" version "1"
asset USDC decimals 2
role clerk
purpose draw, pay
entity Client many
entity Affiliate
entity House
entity Bank
external Affiliate.lenders
account Bank.omnibus
bucket Client.deposits in Bank.omnibus
bucket House.float in Bank.omnibus
bucket Affiliate.line in Bank.omnibus may overdraw
bucket House.fees
segregate Client from House.fees
allow pay House.float -> House.fees by clerk
)";
  CHECK(judge(world).answer != Answer::Refuted);   // nobody overdraws, so the float pays with its own
  const FenceVerdict verdict = judge(world + "allow draw Affiliate.line -> Affiliate.lenders by clerk when amount <= 5 USDC\n");
  REQUIRE(verdict.answer == Answer::Refuted);
  REQUIRE(verdict.trace->steps.size() == 2);
  CHECK(verdict.trace->steps[0].lender.has_value());
  CHECK(verdict.trace->summary == "money held for Client.deposits of client1 is in House.fees");
}

TEST_CASE("a bucket below zero holds what is lent to it") {
  const std::string world = R"(policy "lent to" version "1"
asset USDC decimals 2
role clerk
purpose draw, lend, pay
entity Client many
entity Affiliate
entity House
entity Bank
external Affiliate.lenders
account Bank.omnibus
bucket Client.deposits
bucket House.buffer in Bank.omnibus
bucket House.line in Bank.omnibus may overdraw
bucket House.fees
mode of system: shut, open
  shut -> open by clerk
segregate Client from House.fees
allow lend Client.deposits -> House.line by clerk when balance after(to) <= 0 USDC
allow pay House.line -> House.fees by clerk when balance(from) < 0 USDC
)";
  CHECK(judge(world).answer != Answer::Refuted);   // the line is never below zero
  for (const auto& [condition, steps] : {std::pair("", 3u), std::pair(" when mode of system is open", 4u)}) {
    const FenceVerdict verdict = judge(world + "allow draw House.line -> Affiliate.lenders by clerk" + condition + "\n");
    INFO(verdict.reason);
    REQUIRE(verdict.answer == Answer::Refuted);   // it draws on the buffer first, and is then lent to
    CHECK(verdict.trace->steps.size() == steps);
  }
}

TEST_CASE("a neighbour overdraws before the money arrives that makes good for it") {
  // The firm's house spends the client's unit; what the owners then pay in goes to the market for the client.
  const FenceVerdict verdict = judge(R"(policy "overdraft, then money that arrives" version "1"
asset GBP decimals 2
role operations
purpose settle, capital, spend
entity Client many
entity Firm
entity Market
entity Bank
external Market.settlement
external Firm.suppliers
external Firm.owners
account Bank.house
bucket Client.day in Bank.house
bucket Firm.house in Bank.house may overdraw
segregate Market from Firm
allow settle Client.day -> Market.settlement by operations
allow settle Market.settlement -> Client.day by operations passing title
allow capital Firm.owners -> Firm.house by operations
allow spend Firm.house -> Firm.suppliers by operations
)");
  INFO(verdict.reason);
  REQUIRE(verdict.answer == Answer::Refuted);
  CHECK(verdict.trace->steps.size() == 3);
}
