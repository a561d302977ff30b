// SPDX-License-Identifier: Apache-2.0
// A small compiled policy that asks most of what a gate keeps, and a gate on it that is asked in names.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "runtime/gate.h"
#include "tests/table_of.h"

namespace ringfence::test {

inline constexpr std::int64_t kSecond = 1000, kHour = 3'600'000, kDay = 86'400'000;

inline const char* const kPolicy = R"(
policy "Gate test" version "1"
asset USD decimals 0
asset EUR decimals 0
role trader, boss
purpose deposit, move, pay, borrow, count
entity Client many
entity Position many
entity House
external Client.bank
account House.vault
account House.margin_account
bucket Client.wallet           in House.vault
bucket Client.margin[Position] in House.vault
bucket House.pot
bucket House.credit            in House.margin_account may overdraw
bucket House.reserve           in House.margin_account
fact needed of Client.margin : amount of USD from 0 USD to 1_000 USD, fresh within 10 s
fact open of Client : flag
mode of Client : normal, frozen, closed
  normal -> frozen by boss
  frozen -> normal by boss when open
  frozen -> closed by boss when balance(Client.wallet in USD) = 0
mode of system : running, halted
  any -> halted by boss
allow deposit Client.bank -> Client.wallet by trader
allow move Client.wallet -> Client.margin by trader
allow move Client.margin -> Client.wallet by trader
allow pay Client.wallet -> House.pot by trader when mode of Client is normal
allow pay House.pot -> Client.wallet by trader
allow borrow House.credit -> House.pot by boss
allow count House.pot -> House.reserve by boss
  when total(any Client.wallet in USD) >= 100 USD and total(House.vault in USD) <= 500 USD
floor Client.margin >= needed
limit deposit per Client 100 USD per day
limit pay in total 50 USD in any 10 s unless mode of system is halted
)";

/// A gate on a policy, asked in names.
struct Fixture {
  explicit Fixture(const char* policy = kPolicy, BroughtModes brought = BroughtModes::Made) : table(table_of(policy)), gate(table, brought) {}
  RuleTable table;
  Gate gate;
  std::int64_t now = 1'767'225'600'000;   // 2026-01-01T00:00:00Z
  int step = 0;

  Instance at(const char* bucket, std::uint64_t first = 0, std::uint64_t second = 0) const {
    return {table.find_bucket(bucket), static_cast<std::uint8_t>(second != 0 ? 2 : first != 0 ? 1 : 0), {first, second}};
  }
  Instance machine(const char* subject, std::uint64_t id = 0) const {
    return {table.find_machine(subject), static_cast<std::uint8_t>(id != 0), {id}};
  }
  GateTransfer ask(const char* purpose, Instance from, Instance to, Int128 amount, const char* role = "trader") {
    GateTransfer submitted;
    submitted.id = "t" + std::to_string(++step);
    submitted.transfer = {table.find_purpose(purpose), from, to, table.find_asset("USD"), amount, {}};
    submitted.transfer.authority.person = 1;
    submitted.transfer.authority.role = table.find_role(role);
    submitted.transfer.authority.time_ms = now;
    return submitted;
  }
  GateModeChange change(const char* subject, std::uint64_t id, const char* mode) {
    GateModeChange submitted;
    submitted.id = "m" + std::to_string(++step);
    submitted.change.subject = machine(subject, id);
    submitted.change.to_mode = table.find_mode(submitted.change.subject.target, mode);
    submitted.change.authority.person = 1;
    submitted.change.authority.role = table.find_role("boss");
    submitted.change.authority.time_ms = now;
    return submitted;
  }
  Reason deposit(std::uint64_t client, Int128 amount) { return submit(ask("deposit", at("Client.bank", client), at("Client.wallet", client), amount)); }
  Reason submit(const GateTransfer& submitted) { return gate.submit(submitted).decision.reason; }
  Reason submit(const GateModeChange& submitted) { return gate.submit(submitted).decision.reason; }
  Int128 usd(const Instance& bucket) const { return gate.balance(bucket, table.find_asset("USD")); }
  bool open(const Instance& bucket, Int128 amount) { return gate.open_balance(bucket, table.find_asset("USD"), amount); }
  bool fact(const char* name, std::uint64_t first, std::uint64_t second, Int128 number) {
    return gate.set_fact({table.find_fact(name), static_cast<std::uint8_t>(second != 0 ? 2 : 1), {first, second}}, number, now);
  }
  Int128 vault() const { return gate.account_total(0, {}, table.find_asset("USD")); }
};

inline std::vector<Reason> reasons(const std::vector<GateAnswer>& answers) {
  std::vector<Reason> result;
  for (const GateAnswer& answer : answers) result.push_back(answer.decision.reason);
  return result;
}

}  // namespace ringfence::test
