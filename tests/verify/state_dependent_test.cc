// SPDX-License-Identifier: Apache-2.0
// Fences that hold only because of what balances and modes are: each is PROVED, and REFUTED with a replayed run once a guard is weakened
// by one.
#include <fmt/format.h>

#include "tests/verify/proof.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const char* const kWorld = R"(policy "state" version "1"
asset USD decimals 2
role desk, risk, liquidator
purpose collect, pay, draw, repay, liquidate, post, put
entity Retail many
entity Pro many
entity Fund many
entity Client many
entity House
entity Bank
external Client.bank
external House.suppliers
account Bank.segregated
)";

Answer answer_of(const std::string& rest) { return judge(kWorld + rest).answer; }

/// PROVED with the first text in place of `{}`, REFUTED with the second.
void turns_on(const std::string& policy, const std::string& guard, const std::string& weakened) {
  CHECK(answer_of(fmt::format(fmt::runtime(policy), guard)) == Answer::Proved);
  CHECK(answer_of(fmt::format(fmt::runtime(policy), weakened)) == Answer::Refuted);
}

}  // namespace

TEST_CASE("a transit account that two classes of client take in turns switches only when empty") {
  const std::string policy = R"(
bucket Retail.wallet
bucket Pro.wallet
bucket House.transit
mode of House.transit: retail, pro
  retail -> pro by desk when balance(House.transit) <= {0}
  pro -> retail by desk when balance(House.transit) <= {0}
allow collect Retail.wallet -> House.transit by desk when mode of House.transit is retail
allow pay House.transit -> Retail.wallet by desk when mode of House.transit is retail
allow collect Pro.wallet -> House.transit by desk when mode of House.transit is pro
allow pay House.transit -> Pro.wallet by desk when mode of House.transit is pro
)";
  turns_on(policy + "segregate Retail from Pro", "0 USD", "0.01 USD");
  turns_on(policy + "segregate Retail from Pro in custody", "0 USD", "0.01 USD");
}

TEST_CASE("an intraday loan is drawn a second time only after its return") {
  turns_on(R"(
bucket Fund.cash
bucket House.loan
segregate each Fund in custody
allow draw Fund.cash -> House.loan by desk when balance(House.loan) <= {0}
allow repay House.loan -> House.suppliers by desk
)", "0 USD", "0.01 USD");
}

TEST_CASE("liquidation reaches the insurance fund only when liquidating") {
  const std::string policy = R"(
bucket Client.margin
bucket House.insurance
fact need of Client : amount of USD
mode of Client.margin: normal, called, liquidating, closed
  normal -> called by risk when balance(Client.margin) < need
  called -> liquidating by risk when balance(Client.margin) < need
  liquidating -> closed by risk when balance(Client.margin) <= {}
segregate Client from House
allow liquidate Client.margin -> House.insurance by liquidator passing title when mode is liquidating
allow post Client.margin -> House.insurance by liquidator when mode is closed
)";
  turns_on(policy, "0 USD", "0.01 USD");
}

TEST_CASE("residual interest is drawn only above requirement and buffer") {
  turns_on(R"(
bucket Client.funds in Bank.segregated
bucket House.residual in Bank.segregated may overdraw
bucket House.operating
fact requirement of House : amount of USD from 0 to 1_000_000_000 USD
fact buffer of House : amount of USD from 0 to 1_000_000 USD
segregate Client from House
allow post Client.bank -> Client.funds by desk
allow put House.operating -> House.residual by desk
allow draw House.residual -> House.operating by desk when balance(from) - amount {} >= requirement + buffer
)", "", "+ 0.01 USD");
}

TEST_CASE("turns that balances of other buckets keep need those balances in the state") {
  const std::string policy = R"(
bucket Retail.wallet
bucket Pro.wallet
bucket House.transit
bucket House.retail_turn
bucket House.pro_turn
allow collect Retail.wallet -> House.transit by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow collect Pro.wallet -> House.transit by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow pay House.transit -> Retail.wallet by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow pay House.transit -> Pro.wallet by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow put House.retail_turn -> House.pro_turn by desk when balance(House.transit) <= {0}
allow put House.pro_turn -> House.retail_turn by desk when balance(House.transit) <= {0}
)";
  turns_on(policy + "segregate Retail from Pro", "0 USD", "0.01 USD");
  turns_on(policy + "segregate Retail from Pro in custody", "0 USD", "0.01 USD");
}
