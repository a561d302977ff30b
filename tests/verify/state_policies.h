// SPDX-License-Identifier: Apache-2.0
// Policies whose fences hold only because of what balances and modes are: each PROVED with `kept` in place of `{0}`, and broken with `weakened`.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/size_of_run.h"

namespace ringfence::test {

inline const char* const kStateWorld = R"(policy "state" version "1"
asset USD decimals 2
role desk, risk, liquidator
purpose collect, pay, draw, repay, liquidate, post, put
entity Retail many
entity Pro many
entity Fund many
entity Client many
entity Market many
entity Position many
entity House
entity Bank
external Client.bank
external House.suppliers
account Bank.segregated
)";

struct StatePolicy {
  std::string what, rest;           ///< rest: after kStateWorld; one fence
  const char *kept, *weakened;
  bool balances_in_state;           ///< the search with followed units alone does not decide it
  std::string with(const char* guard) const { return kStateWorld + fmt::format(fmt::runtime(rest), guard); }
};

inline std::vector<StatePolicy> state_policies() {
  std::vector<StatePolicy> policies;
  for (const char* fence : {"segregate Retail from Pro", "segregate Retail from Pro in custody"})
    policies.push_back({std::string("a transit account that two classes of client take in turns switches only when empty: ") + fence, R"(
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
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", false});
  policies.push_back({"an intraday loan is drawn a second time only after its return", R"(
bucket Fund.cash
bucket House.loan
segregate each Fund in custody
allow draw Fund.cash -> House.loan by desk when balance(House.loan) <= {0}
allow repay House.loan -> House.suppliers by desk
)", "0 USD", "0.01 USD", false});
  policies.push_back({"liquidation reaches the insurance fund only when liquidating", R"(
bucket Client.margin
bucket House.insurance
fact need of Client : amount of USD
mode of Client.margin: normal, called, liquidating, closed
  normal -> called by risk when balance(Client.margin) < need
  called -> liquidating by risk when balance(Client.margin) < need
  liquidating -> closed by risk when balance(Client.margin) <= {0}
segregate Client from House
allow liquidate Client.margin -> House.insurance by liquidator passing title when mode is liquidating
allow post Client.margin -> House.insurance by liquidator when mode is closed
)", "0 USD", "0.01 USD", false});
  policies.push_back({"residual interest is drawn only above requirement and buffer", R"(
bucket Client.funds in Bank.segregated
bucket House.residual in Bank.segregated may overdraw
bucket House.operating
fact requirement of House : amount of USD from 0 to 1_000_000_000 USD
fact buffer of House : amount of USD from 0 to 1_000_000 USD
segregate Client from House
allow post Client.bank -> Client.funds by desk
allow put House.operating -> House.residual by desk
allow draw House.residual -> House.operating by desk when balance(from) - amount {0} >= requirement + buffer
)", "", "+ 0.01 USD", false});
  for (const char* fence : {"segregate Retail from Pro", "segregate Retail from Pro in custody"})
    policies.push_back({std::string("a transit account whose turns are kept in other buckets: ") + fence, R"(
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
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  for (const char* fence : {"segregate Retail from Pro", "segregate Retail from Pro in custody"})
    policies.push_back({std::string("a transit bucket of each market, whose turns are kept in other buckets of that market: ") + fence, R"(
bucket Retail.wallet
bucket Pro.wallet
bucket House.transit[Market]
bucket House.retail_turn[Market]
bucket House.pro_turn[Market]
allow collect Retail.wallet -> House.transit by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow collect Pro.wallet -> House.transit by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow pay House.transit -> Retail.wallet by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow pay House.transit -> Pro.wallet by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow put House.retail_turn -> House.pro_turn by desk when balance(House.transit) <= {0}
allow put House.pro_turn -> House.retail_turn by desk when balance(House.transit) <= {0}
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  for (const char* fence : {"segregate Retail from Pro", "segregate Retail from Pro in custody"})
    policies.push_back({std::string("the same with the total of an account of each market: ") + fence, R"(
account House.tray[Market]
bucket Retail.wallet
bucket Pro.wallet
bucket House.in[Market] in House.tray
bucket House.out[Market] in House.tray
bucket House.retail_turn[Market]
bucket House.pro_turn[Market]
allow collect Retail.wallet -> House.in by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow collect Pro.wallet -> House.in by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow pay House.in -> House.out by desk
allow pay House.out -> Retail.wallet by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow pay House.out -> Pro.wallet by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow put House.retail_turn -> House.pro_turn by desk when total(House.tray) <= {0}
allow put House.pro_turn -> House.retail_turn by desk when total(House.tray) <= {0}
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  for (const char* fence : {"segregate Fund from Bank", "segregate Fund from Bank in custody"})
    policies.push_back({std::string("a loan of each client, by one class of lender until the client's ticket is taken back: ") + fence, R"(
bucket Fund.cash
bucket Bank.cash
bucket House.desk
bucket House.loan[Client]
bucket Client.ticket
mode of Client: funded, banked
  funded -> banked by desk when balance(Client.ticket) = 0 USD
  banked -> funded by desk when balance(Client.ticket) = 0 USD
allow draw Fund.cash -> House.loan by desk when mode of Client is funded and balance(Client.ticket) >= 1 USD
allow repay House.loan -> Fund.cash by desk when mode of Client is funded
allow draw Bank.cash -> House.loan by desk when mode of Client is banked and balance(Client.ticket) >= 1 USD
allow repay House.loan -> Bank.cash by desk when mode of Client is banked
allow put House.desk -> Client.ticket by desk
allow put Client.ticket -> House.desk by desk when balance(House.loan) <= {0}
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  for (const char* fence : {"segregate Fund from Bank", "segregate Fund from Bank in custody"})
    policies.push_back({std::string("a loan of each client, by the other class of lender while a pledge of the client is out: ") + fence, R"(
bucket Fund.cash
bucket Bank.cash
bucket Client.cash
bucket Client.pledge
bucket House.loan[Client]
allow draw Fund.cash -> House.loan by desk when balance(Client.pledge) = 0 USD
allow repay House.loan -> Fund.cash by desk when balance(Client.pledge) = 0 USD
allow draw Bank.cash -> House.loan by desk when balance(Client.pledge) >= 1 USD
allow repay House.loan -> Bank.cash by desk when balance(Client.pledge) >= 1 USD
allow put Client.cash -> Client.pledge by desk when balance(House.loan) <= {0}
allow put Client.pledge -> Client.cash by desk when balance(House.loan) <= {0}
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  for (const char* fence : {"segregate Fund from House", "segregate Fund from House in custody"})
    policies.push_back({std::string("margin of a position is posted elsewhere only when the position's debt is repaid: ") + fence, R"(
bucket Fund.cash
bucket Client.margin[Position]
bucket Client.debt[Position]
bucket House.book
bucket House.pool
allow draw Fund.cash -> Client.margin by desk when balance(Client.debt) >= 1 USD
allow repay Client.margin -> Fund.cash by desk
allow put House.book -> Client.debt by desk
allow put Client.debt -> House.book by desk when balance(Client.margin) <= {0}
allow post Client.margin -> House.pool by desk when balance(Client.debt) = 0 USD
)" + std::string(fence) + "\n", "0 USD", "0.01 USD", true});
  return policies;
}

/// All of them; where the build is sanitized, a share: Spacer takes longest there, and is not what is tested.
inline std::vector<StatePolicy> tried_state_policies() {
  std::vector<StatePolicy> tried;
  const std::vector<StatePolicy> all = state_policies();
  for (std::size_t i = 0; i < all.size(); i += kIsSanitized ? 5 : 1) tried.push_back(all[i]);
  return tried;
}

}  // namespace ringfence::test
