// SPDX-License-Identifier: Apache-2.0
// See journaled_stream.h.
#include "tests/durable/journaled_stream.h"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>


namespace durable_test {

using namespace ringfence;

const std::string kStreamPolicy = R"(
policy "Stream" version "1"
asset USD decimals 0
role trader, boss
purpose deposit, pay
entity Client many
entity House
external Client.bank
bucket Client.wallet
bucket House.pot
fact due of Client : amount of USD from 0 USD to 100 USD
mode of Client : normal, frozen
  normal -> frozen by boss
  frozen -> normal by boss
allow deposit Client.bank -> Client.wallet by trader
allow pay Client.wallet -> House.pot by trader when mode of Client is normal and amount <= due
floor Client.wallet >= 2 USD
limit pay per Client 60 USD in any 10 s
)";

namespace {

/// The declarations in another order, more of them, and another answer to many a payment.
const char* const kOtherPolicy = R"(
policy "Stream" version "2"
asset EUR decimals 0
asset USD decimals 0
role auditor, boss, trader
purpose sweep, pay, deposit
entity House
entity Client many
bucket House.pot
bucket House.tray
bucket Client.wallet
external Client.bank
fact fee of Client : ratio
fact due of Client : amount of USD from 0 USD to 100 USD
mode of Client : normal, closed, frozen
  normal -> frozen by boss
  frozen -> normal by boss
  frozen -> closed by auditor
allow sweep House.pot -> House.tray by auditor
allow pay Client.wallet -> House.pot of USD by trader when mode of Client is normal and amount <= 2 * due
allow deposit Client.bank -> Client.wallet by trader
floor Client.wallet >= 1 USD
limit pay per Client 40 USD in any 10 s
)";

constexpr std::int64_t kStart = 1'767'225'600'000;

struct Names {
  explicit Names(const RuleTable& table)
      : bank(table.find_bucket("Client.bank")), wallet(table.find_bucket("Client.wallet")), pot(table.find_bucket("House.pot")), due(table.find_fact("due")),
        machine(table.find_machine("Client")), deposit(table.find_purpose("deposit")), pay(table.find_purpose("pay")), trader(table.find_role("trader")), boss(table.find_role("boss")),
        usd(table.find_asset("USD")), modes{0, table.find_mode(machine, "frozen")} {}
  Index bank, wallet, pot, due, machine, deposit, pay, trader, boss, usd;
  std::array<Index, 2> modes;
};

std::uint64_t client_of(std::uint64_t n) { return 1 + n * 5 % kClients; }

GateTransfer transfer_at(const Names& names, std::uint64_t n, std::uint64_t id) {
  const std::uint64_t client = client_of(n);
  GateTransfer submitted;
  submitted.id = "t" + std::to_string(id);
  const Instance wallet{names.wallet, 1, {client}}, bank{names.bank, 1, {client}}, pot{names.pot, 0, {}};
  const bool pays = n % 3 == 0;
  submitted.transfer = pays ? Transfer{names.pay, wallet, pot, names.usd, static_cast<Int128>(1 + n % 13), {}} : Transfer{names.deposit, bank, wallet, names.usd, static_cast<Int128>(3 + n % 5), {}};
  submitted.transfer.authority.person = 1;
  submitted.transfer.authority.role = names.trader;
  submitted.transfer.authority.time_ms = kStart + static_cast<std::int64_t>(n) * 300;
  if (n % 4 == 0) submitted.approvals = {{2, Mask{1} << names.boss}};
  return submitted;
}

GateModeChange change_at(const Names& names, std::uint64_t n) {
  GateModeChange submitted;
  submitted.id = "m" + std::to_string(n);
  submitted.change = {{names.machine, 1, {client_of(n)}}, names.modes[n / 10 % 2], {}};
  submitted.change.authority.person = 1;
  submitted.change.authority.role = names.boss;
  submitted.change.authority.time_ms = kStart + static_cast<std::int64_t>(n) * 300;
  return submitted;
}

Answers words(const std::vector<GateAnswer>& answers) {
  Answers result;
  for (const GateAnswer& answer : answers) result += std::to_string(static_cast<int>(answer.outcome)) + " " + reason_word(answer.decision.reason) + "; ";
  return result;
}

template <class AnyGate>
Answers do_step_on(AnyGate& gate, const RuleTable& table, std::uint64_t n) {
  const Names names(table);
  switch (n % 10) {
    case 0: return gate.set_fact({names.due, 1, {client_of(n)}}, static_cast<Int128>(n % 20), kStart) ? "fact" : "no fact";
    case 4: return words(gate.submit_batch("b" + std::to_string(n), std::vector{transfer_at(names, n, 10 * n + 1'000'000), transfer_at(names, n + 1, 10 * n + 1'000'001)}));
    case 6: return words({gate.submit(change_at(names, n))});
    case 7: return words({gate.submit(transfer_at(names, n - 2, n - 2))});           // a repeat
    case 8: return words({gate.submit(transfer_at(names, n, n - 5))});               // an id used again
    default: return words({gate.submit(transfer_at(names, n, n))});
  }
}

}  // namespace

RuleTable stream_table() { return table_of(kStreamPolicy); }
StreamTables stream_tables() { return {table_of(kStreamPolicy), table_of(kOtherPolicy)}; }

SigningKey approver_key(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[1] = static_cast<std::uint8_t>(number + 1);
  return SigningKey::from_seed(seed);
}

std::vector<PublicKey> approver_keys() { return {approver_key(0).public_key(), approver_key(1).public_key(), approver_key(2).public_key()}; }

std::vector<PolicyApproval> approvals(const ProposedPolicy& proposed) { return {approve(approver_key(0), proposed), approve(approver_key(1), proposed)}; }

std::variant<DurableGate, JournalError> open_stream(const JournalPlace& place, const StreamTables& tables) {
  auto opened = DurableGate::open(tables.first, test_key(), {place, {}, approver_keys(), {}});
  const auto* failed = std::get_if<JournalError>(&opened);
  if (failed == nullptr || failed->kind != JournalError::Kind::Refused) return opened;
  return DurableGate::open(tables.second, test_key(), {place, {}, approver_keys(), {}});
}

SigningKey test_key() {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = 7;
  return SigningKey::from_seed(seed);
}

Answers do_step(Gate& gate, const StreamTables& tables, std::uint64_t n) {
  if (is_change(n)) return gate.change_policy(tables.before_step(n + 1)) ? "refused" : kChanged;
  return do_step_on(gate, tables.before_step(n), n);
}

Answers do_step(DurableGate& gate, const StreamTables& tables, std::uint64_t n) {
  if (!is_change(n)) return do_step_on(gate, gate.table(), n);
  const RuleTable& next = tables.before_step(n + 1);
  const auto failed = gate.change_policy(next, approvals(gate.proposed(next)));
  return failed ? failed->message : kChanged;
}

GateTransfer deposit(const RuleTable& table, const std::string& id, std::uint64_t client, std::int64_t time_ms) {
  const Names names(table);
  GateTransfer submitted;
  submitted.id = id;
  submitted.transfer = {names.deposit, {names.bank, 1, {client}}, {names.wallet, 1, {client}}, names.usd, 1, {}};
  submitted.transfer.authority.role = names.trader;
  submitted.transfer.authority.time_ms = time_ms;
  return submitted;
}

std::string look_at(const Gate& gate, const RuleTable& table) {
  std::vector<std::string> balances;
  for (const Gate::Holding& holding : gate.holdings())
    balances.push_back(std::string(table.bucket(holding.bucket.target).name) + " of " + std::to_string(holding.bucket.ids[0]) + ": " + to_string(holding.balance) + " " +
                       std::string(table.asset(holding.asset).name) + "; ");
  std::sort(balances.begin(), balances.end());
  std::string seen;
  for (const std::string& balance : balances) seen += balance;
  const Index machine = Names(table).machine;
  for (std::uint64_t client = 1; client <= kClients; ++client) seen += std::string(table.mode_name(machine, gate.mode({machine, 1, {client}}))) + " ";
  return seen;
}

std::vector<std::string> seen_after_steps(const StreamTables& tables, std::uint64_t steps) {
  Gate gate(tables.first);
  std::vector<std::string> seen{look_at(gate, tables.first)};
  for (std::uint64_t n = 0; n < steps; ++n) {
    do_step(gate, tables, n);
    seen.push_back(look_at(gate, tables.before_step(n + 1)));
  }
  return seen;
}

}  // namespace durable_test
