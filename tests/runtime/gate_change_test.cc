// SPDX-License-Identifier: Apache-2.0
// A gate that goes over to another policy, on pairs of small policies: what is declared alike is carried over whatever its number, what holds money or has left
// its first mode and has no counterpart keeps the change from happening, and ids that were used stay used.
#include <catch2/catch.hpp>

#include <string>

#include "runtime/gate.h"
#include "tests/table_of.h"

using namespace ringfence;
using ringfence::test::table_of;

namespace {

constexpr std::int64_t kNow = 1'767'225'600'000;   // 2026-01-01T00:00:00Z

const std::string kFirst = R"(policy "Before" version "1"
asset USD decimals 2
role trader, boss
purpose deposit, pay, settle
evidence receipt
entity Client many
entity Position many
entity House
external Client.bank
account House.vault
bucket Client.wallet
bucket Client.margin[Position]
bucket House.pot
bucket House.credit in House.vault may overdraw
bucket House.reserve in House.vault
fact due of Client : amount of USD
fact open of Client : flag
mode of Client : normal, frozen
  normal -> frozen by boss
  frozen -> normal by boss
allow deposit Client.bank -> Client.wallet by trader
allow pay Client.wallet -> House.pot by trader when amount <= due
allow settle House.credit -> House.pot by boss
limit pay per Client 60 USD in any 10 s
limit deposit per Client 1_000 USD in any 10 s
)";

/// The same, every declaration at another place, with a wider limit in another layout.
const std::string kSecond = R"(policy "After" version "2"
asset EUR decimals 2
asset USD decimals 2
role clerk, boss, trader
purpose sweep, settle, pay, deposit
evidence photo, receipt
entity House
entity Position many
entity Client many
bucket House.reserve in House.vault
bucket House.pot
bucket House.credit in House.vault may overdraw
account House.vault
bucket Client.margin[Position]
bucket Client.wallet
external Client.bank
fact open of Client : flag
fact due of Client : amount of USD
mode of Client : normal, closed, frozen
  normal -> frozen by boss
  frozen -> closed by boss
allow sweep House.pot -> House.reserve by clerk
allow deposit Client.bank -> Client.wallet by trader
allow pay Client.wallet -> House.pot of USD by trader when amount <= due and mode of Client is normal
allow settle House.credit -> House.pot by boss
limit deposit per Client 1_000 USD in any 10 s
limit   pay   per Client   70 USD in any 10 s
)";

std::string with(std::string text, const std::string& part, const std::string& instead) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), instead);
}

/// Submissions by name, in the numbers of one table.
struct Names {
  const RuleTable& table;
  Instance at(const char* bucket, std::uint64_t id = 0) const { return {table.find_bucket(bucket), static_cast<std::uint8_t>(id != 0), {id}}; }
  Instance machine(std::uint64_t id) const { return {table.find_machine("Client"), 1, {id}}; }
  Instance fact(const char* name, std::uint64_t id) const { return {table.find_fact(name), 1, {id}}; }
  Index usd() const { return table.find_asset("USD"); }
  GateTransfer ask(const char* id, const char* purpose, Instance from, Instance to, Int128 amount, std::int64_t after_ms = 0, const char* role = "trader") const {
    GateTransfer submitted{id, {table.find_purpose(purpose), from, to, usd(), amount, {}}, {{2, Mask{1} << table.find_role("boss")}}};
    submitted.transfer.authority.person = 1;
    submitted.transfer.authority.role = table.find_role(role);
    submitted.transfer.authority.evidence = Mask{1} << table.find_evidence("receipt");
    submitted.transfer.authority.time_ms = kNow + after_ms;
    return submitted;
  }
  GateTransfer deposit(const char* id, std::uint64_t client, Int128 amount) const { return ask(id, "deposit", at("Client.bank", client), at("Client.wallet", client), amount); }
  GateTransfer pay(const char* id, std::uint64_t client, Int128 amount, std::int64_t after_ms = 0) const {
    return ask(id, "pay", at("Client.wallet", client), at("House.pot"), amount, after_ms);
  }
  GateModeChange change(const char* id, std::uint64_t client, const char* mode) const {
    GateModeChange submitted{id, {machine(client), table.find_mode(table.find_machine("Client"), mode), {}}, {}};
    submitted.change.authority.role = table.find_role("boss");
    submitted.change.authority.time_ms = kNow;
    return submitted;
  }
};

/// What keeps a gate of `from`, after `before`, from going over to `to`; then it is still of `from`.
template <class Before>
std::optional<NotCarried> refusal(const std::string& from, const std::string& to, const Before& before) {
  const RuleTable first = table_of(from), second = table_of(to);
  Gate gate(first);
  before(gate, Names{first});
  const auto holdings = gate.holdings();
  const auto refused = gate.change_policy(second);
  if (!refused) return std::nullopt;
  CHECK(gate.holdings() == holdings);
  CHECK(gate.submit(Names{first}.deposit("still", 9, 1)).decision.allowed());
  return refused;
}

const auto kNothing = [](Gate&, const Names&) {};

}  // namespace

TEST_CASE("balances, modes, facts, windows and time are carried over, whatever their numbers") {
  const RuleTable first = table_of(kFirst), second = table_of(kSecond);
  const Names before{first}, after{second};
  REQUIRE(before.at("Client.wallet").target != after.at("Client.wallet").target);
  Gate gate(first);
  REQUIRE(gate.open_balance(before.at("House.credit"), before.usd(), -7));
  REQUIRE(gate.open_balance(before.at("House.reserve"), before.usd(), 50));
  REQUIRE(gate.set_fact(before.fact("due", 1), 10'000, kNow));
  REQUIRE(gate.submit(before.deposit("d1", 1, 20'000)).decision.allowed());
  REQUIRE(gate.submit(before.deposit("d2", 2, 5)).decision.allowed());
  REQUIRE(gate.submit(before.pay("p1", 1, 5'000, 1'000)).decision.allowed());
  GateModeChange freeze = before.change("m1", 2, "frozen");
  freeze.change.authority.time_ms = kNow + 1'000;
  REQUIRE(gate.submit(freeze).decision.allowed());
  REQUIRE_FALSE(gate.change_policy(second));

  CHECK(gate.balance(after.at("Client.wallet", 1), after.usd()) == 15'000);
  CHECK(gate.balance(after.at("House.credit"), after.usd()) == -7);
  CHECK(gate.holdings().size() == 5);
  CHECK(gate.account_total(second.find_account("House.vault"), {}, after.usd()) == 43);
  CHECK(gate.mode(after.machine(2)) == second.find_mode(second.find_machine("Client"), "frozen"));
  CHECK(gate.mode(after.machine(1)) == 0);
  // 50 of the new 70 USD are used until 11 s; the fact is still known; time does not go back.
  CHECK(gate.submit(after.pay("p5", 1, 1, 999)).decision.reason == Reason::TimeWentBack);
  CHECK(gate.submit(after.pay("p2", 1, 2'001, 2'000)).decision.reason == Reason::Limit);
  CHECK(gate.submit(after.pay("p3", 1, 2'000, 2'000)).decision.allowed());
  CHECK(gate.submit(after.pay("p4", 1, 10'001, 30'000)).decision.reason == Reason::Condition);
  CHECK(gate.submit(after.ask("s1", "sweep", after.at("House.pot"), after.at("House.reserve"), 1, 2'000, "clerk")).decision.allowed());
}

TEST_CASE("an id that was used before a change, or two, gets its first answer again; with other content it is an error") {
  const RuleTable first = table_of(kFirst), second = table_of(kSecond), third = table_of(with(kFirst, "\"Before\"", "\"Third\""));
  Gate gate(first);
  const Names before{first};
  REQUIRE(gate.submit(before.deposit("d", 1, 500)).decision.allowed());
  GateTransfer unknown = before.deposit("u", 1, 500);
  unknown.transfer.purpose = first.find_purpose("sweep");
  REQUIRE(gate.submit(unknown).decision.reason == Reason::UnknownName);
  // A name of no policy, as who tells such names apart submits it.
  GateTransfer undeclared = before.deposit("o", 1, 500);
  undeclared.transfer.purpose = undeclared.transfer.from.target = undeclared.transfer.authority.role = 0xFFFF'FF00u;
  REQUIRE(gate.submit(undeclared).decision.reason == Reason::UnknownName);
  GateModeChange undeclared_mode = before.change("om", 1, "frozen");
  undeclared_mode.change.to_mode = undeclared_mode.change.authority.role = 0xFFFF'FF01u;
  REQUIRE_FALSE(gate.submit(undeclared_mode).decision.allowed());
  const std::vector<GateTransfer> legs{before.deposit("l1", 1, 1), before.deposit("l2", 2, 2)};
  REQUIRE(gate.submit_batch("b", legs).front().decision.allowed());
  REQUIRE(gate.submit(before.change("m", 1, "frozen")).decision.allowed());

  for (const RuleTable* table : {&second, &third}) {
    REQUIRE_FALSE(gate.change_policy(*table));
    const Names now{*table};
    const auto holdings = gate.holdings();
    const GateAnswer again = gate.submit(now.deposit("d", 1, 500));
    CHECK(again.outcome == Outcome::Repeated);
    CHECK(again.decision == Decision{Reason::Allowed, kNone, kNone, kNone, kNone});
    CHECK(gate.submit(now.deposit("d", 1, 501)).outcome == Outcome::IdReused);
    CHECK(gate.submit(now.deposit("d", 2, 500)).outcome == Outcome::IdReused);
    GateTransfer other = now.deposit("d", 1, 500);
    other.approvals.front().roles = Mask{1} << table->find_role("trader");
    CHECK(gate.submit(other).outcome == Outcome::IdReused);
    other = now.deposit("d", 1, 500);
    other.transfer.authority.evidence = 0;
    CHECK(gate.submit(other).outcome == Outcome::IdReused);
    unknown = now.deposit("u", 1, 500);
    unknown.transfer.purpose = table->find_purpose("sweep");
    CHECK(gate.submit(unknown).outcome == Outcome::Repeated);
    CHECK(gate.submit(unknown).decision.reason == Reason::UnknownName);
    undeclared = now.deposit("o", 1, 500);
    undeclared.transfer.purpose = undeclared.transfer.from.target = undeclared.transfer.authority.role = 0xFFFF'FF00u;
    CHECK(gate.submit(undeclared).outcome == Outcome::Repeated);
    undeclared.transfer.purpose = 0xFFFF'FF01u;
    CHECK(gate.submit(undeclared).outcome == Outcome::IdReused);
    undeclared_mode = now.change("om", 1, "frozen");
    undeclared_mode.change.to_mode = undeclared_mode.change.authority.role = 0xFFFF'FF01u;
    CHECK(gate.submit(undeclared_mode).outcome == Outcome::Repeated);
    CHECK(gate.submit(now.change("m", 1, "frozen")).outcome == Outcome::Repeated);
    CHECK(gate.submit(now.change("m", 1, "normal")).outcome == Outcome::IdReused);
    const std::vector<GateTransfer> legs_now{now.deposit("l1", 1, 1), now.deposit("l2", 2, 2)};
    CHECK(gate.submit_batch("b", legs_now).back().outcome == Outcome::Repeated);
    CHECK(gate.submit_batch("b", std::span(legs_now).first(1)).front().outcome == Outcome::IdReused);
    CHECK(gate.submit_batch("c", std::vector{now.deposit("d", 1, 500)}).front().outcome == Outcome::IdReused);
    CHECK(gate.submit(now.deposit("l1", 1, 1)).outcome == Outcome::IdReused);
    CHECK(gate.holdings() == holdings);
  }
}

TEST_CASE("what holds money or has left its first mode, and has no counterpart, keeps a policy from taking over") {
  using Why = NotCarried::Why;
  const auto deposit = [](Gate& gate, const Names& names) { gate.submit(names.deposit("d", 3, 500)); };
  const auto freeze = [](Gate& gate, const Names& names) { gate.submit(names.change("m", 4, "frozen")); };
  const auto overdraw = [](Gate& gate, const Names& names) { gate.open_balance(names.at("House.credit"), names.usd(), -7); };
  struct Case { std::string to; Why why; std::uint64_t id; };
  const std::string keyed_otherwise = with(with(with(kFirst, "bucket Client.wallet", "bucket Client.wallet[Position]"), "allow deposit Client.bank -> Client.wallet by trader", ""),
                                           "limit deposit per Client 1_000 USD in any 10 s", "");
  const std::string outside = with(kFirst, "bucket Client.wallet", "external Client.wallet");
  const std::string finer = with(kFirst, "asset USD decimals 2", "asset USD decimals 3");
  for (const Case& each : {Case{keyed_otherwise, Why::NoBucket, 3}, {outside, Why::NoBucket, 3}, {finer, Why::NoAsset, 3}}) {
    const auto refused = refusal(kFirst, each.to, deposit);
    REQUIRE(refused);
    CHECK(refused->why == each.why);
    CHECK(refused->subject.ids[0] == each.id);
    CHECK(refused->number == 500);
    CHECK_FALSE(refusal(kFirst, each.to, kNothing));
  }
  const std::string no_frozen = with(with(with(kFirst, "normal, frozen", "normal, closed"), "normal -> frozen", "normal -> closed"), "frozen -> normal", "closed -> normal");
  const std::string other_first = with(kFirst, "normal, frozen", "frozen, normal");
  auto refused = refusal(kFirst, no_frozen, freeze);
  REQUIRE(refused);
  CHECK((refused->why == Why::NoMode && refused->subject.ids[0] == 4 && refused->number == 1));
  CHECK_FALSE(refusal(kFirst, no_frozen, deposit));
  refused = refusal(kFirst, other_first, kNothing);
  REQUIRE(refused);
  CHECK(refused->why == Why::OtherFirstMode);
  const std::string no_overdraft = with(kFirst, "House.vault may overdraw", "House.vault");
  refused = refusal(kFirst, no_overdraft, overdraw);
  REQUIRE(refused);
  CHECK((refused->why == Why::MayNotOverdraw && refused->number == -7));
  CHECK_FALSE(refusal(kFirst, no_overdraft, deposit));
}

TEST_CASE("a fact of another type is not carried over, and what reads it is denied") {
  const RuleTable first = table_of(kFirst), second = table_of(with(with(kFirst, "fact due of Client : amount of USD", "fact due of Client : number"), "when amount <= due", "when due >= 1"));
  Gate gate(first);
  const Names before{first}, after{second};
  REQUIRE(gate.set_fact(before.fact("due", 1), 10'000, kNow));
  REQUIRE(gate.submit(before.deposit("d", 1, 500)).decision.allowed());
  REQUIRE_FALSE(gate.change_policy(second));
  CHECK(gate.submit(after.pay("p", 1, 1)).decision.reason == Reason::ValueMissing);
}

TEST_CASE("a limit takes over the windows of the one that counts the most of the same, in the same asset, per the same, in the same duration") {
  struct Case { const char* limit; bool carried; };
  for (const Case& each : {Case{"limit pay per Client 60 USD in any 10 s", true}, {"limit pay per Client 50 USD in any 10 s", true}, {"limit pay Client.wallet -> House.pot per Client 60 USD in any 10 s", true},
                           {"limit pay per Client 60 USD in any 11 s", false}, {"limit pay in total 60 USD in any 10 s", false}}) {
    CAPTURE(each.limit);
    const RuleTable first = table_of(kFirst), second = table_of(with(kFirst, "limit pay per Client 60 USD in any 10 s", each.limit));
    Gate gate(first);
    const Names before{first}, after{second};
    REQUIRE(gate.set_fact(before.fact("due", 1), 10'000, kNow));
    REQUIRE(gate.submit(before.deposit("d", 1, 50'000)).decision.allowed());
    REQUIRE(gate.submit(before.pay("p1", 1, 4'000)).decision.allowed());
    REQUIRE_FALSE(gate.change_policy(second));
    CHECK(gate.submit(after.pay("p2", 1, 3'000)).decision.reason == (each.carried ? Reason::Limit : Reason::Allowed));
  }
}
