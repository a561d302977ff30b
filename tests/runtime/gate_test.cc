// SPDX-License-Identifier: Apache-2.0
// The gate on small compiled policies: ids, batches and their rollback, totals, time, modes, facts.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "tests/runtime/gate_fixture.h"

using namespace ringfence;
using namespace ringfence::test;

TEST_CASE("an id with the same content gets the same answer and moves nothing") {
  Fixture f;
  const GateTransfer first = f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 10);
  CHECK(f.gate.submit(first).outcome == Outcome::Decided);
  const GateAnswer again = f.gate.submit(first);
  CHECK(again.outcome == Outcome::Repeated);
  CHECK(again.decision.allowed());
  CHECK(f.usd(f.at("Client.wallet", 7)) == 10);
}

TEST_CASE("an id with any other content is an error and moves nothing") {
  Fixture f;
  const GateTransfer first = f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 10);
  REQUIRE(f.submit(first) == Reason::Allowed);
  std::vector<GateTransfer> others(8, first);
  others[0].transfer.amount = 11;
  others[1].transfer.to.ids[0] = 8;
  others[2].transfer.authority.time_ms += 1;
  others[3].transfer.authority.person = 2;
  others[4].transfer.authority.role = f.table.find_role("boss");
  others[5].approvals = {{3, 1}};
  others[6].transfer.asset = f.table.find_asset("EUR");
  others[7].transfer.amount += Int128{1} << 64;
  for (const GateTransfer& other : others) {
    CHECK(f.gate.submit(other).outcome == Outcome::IdReused);
  }
  GateModeChange change = f.change("Client", 7, "frozen");
  change.id = first.id;
  CHECK(f.gate.submit(change).outcome == Outcome::IdReused);
  CHECK(f.gate.mode(f.machine("Client", 7)) == 0);
  CHECK(f.usd(f.at("Client.wallet", 7)) == 10);
}

TEST_CASE("what a denial was decided on is not forgotten for what is only repeated after it") {
  Fixture f;
  const Instance wallet = f.at("Client.wallet", 1), other = f.at("Client.wallet", 2);
  REQUIRE(f.gate.submit(f.ask("deposit", f.at("Client.bank", 1), wallet, 7)).decision.allowed());
  const GateTransfer paid = f.ask("pay", wallet, f.at("House.pot"), 7), refused = f.ask("pay", other, f.at("House.pot"), 1);
  REQUIRE(f.gate.submit(paid).decision.allowed());
  REQUIRE(f.gate.submit(f.ask("deposit", f.at("Client.bank", 1), wallet, 5)).decision.allowed());   // it would be refused on other numbers now
  const GateTransfer lot[] = {refused, paid};
  std::vector<GateAnswer> answers(2);
  REQUIRE(f.gate.submit_many(lot, answers) == 2);
  REQUIRE((answers[0].decision.reason == Reason::Funds && answers[1].outcome == Outcome::Repeated));
  const auto is_five = [](const Value& value) { return value.number == 5; };
  CHECK(!f.gate.values_of_denial().empty());
  CHECK(std::none_of(f.gate.values_of_denial().begin(), f.gate.values_of_denial().end(), is_five));
}

TEST_CASE("many transfers together are answered as one after the other, whatever they have to do with each other") {
  Fixture alone, together;
  for (Fixture* f : {&alone, &together}) REQUIRE(f->fact("needed", 1, 1, 3));
  std::vector<GateTransfer> all;
  for (int i = 0; i < 400; ++i) {
    const auto client = static_cast<std::uint64_t>(1 + i * 7 % 23);
    const auto amount = static_cast<Int128>(1 + i % 11);
    alone.now += i % 5 == 0 ? 2 * kSecond : 0;
    const Instance wallet = alone.at("Client.wallet", client), margin = alone.at("Client.margin", client, 1);
    switch (i % 7) {
      case 0: case 1: all.push_back(alone.ask("deposit", alone.at("Client.bank", client), wallet, 3 * amount)); break;
      case 2: all.push_back(alone.ask("move", wallet, margin, amount)); break;
      case 3: all.push_back(alone.ask("move", margin, wallet, amount)); break;
      case 4: all.push_back(alone.ask("pay", wallet, alone.at("House.pot"), amount)); break;
      case 5: all.push_back(all[all.size() - static_cast<std::size_t>(1 + i % 3)]); break;   // again, from the same lot mostly
      default: all.push_back(all.back()), all.back().transfer.amount += 1; break;            // and with other content
    }
  }
  all[50].transfer.purpose = 99;
  all[51].approvals = {{2, Mask{1} << 1}};
  std::vector<GateAnswer> expected, answers(all.size() + 1);
  std::vector<int> outcomes(3), kinds(2);
  std::vector<Int128> last_denied_on;
  const auto numbers_of = [](std::span<const Value> values) {
    std::vector<Int128> numbers;
    for (const Value& value : values) numbers.push_back(value.number);
    return numbers;
  };
  for (const GateTransfer& each : all) {
    expected.push_back(alone.gate.submit(each));
    if (!alone.gate.values_of_denial().empty()) last_denied_on = numbers_of(alone.gate.values_of_denial());
    ++outcomes[static_cast<std::size_t>(expected.back().outcome)];
    ++kinds[expected.back().decision.allowed()];
  }
  CHECK(together.gate.submit_many(all, std::span(answers).first(37)) == 37);
  CHECK(together.gate.submit_many(std::span(all).subspan(37, 100), std::span(answers).subspan(37)) == 100);
  std::vector<const GateTransfer*> apart;
  for (std::size_t i = 137; i < all.size(); ++i) apart.push_back(&all[i]);
  CHECK(together.gate.submit_many(apart, std::span(answers).subspan(137)) == all.size() - 137);
  CHECK(numbers_of(together.gate.values_of_denial()) == last_denied_on);
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO(i);
    CHECK(answers[i].outcome == expected[i].outcome);
    CHECK(answers[i].decision == expected[i].decision);
  }
  CHECK(together.gate.holdings() == alone.gate.holdings());
  CHECK(together.vault() == alone.vault());
  for (const int count : {outcomes[0], outcomes[1], outcomes[2], kinds[0], kinds[1]}) CHECK(count > 20);
}

TEST_CASE("what one client has in more places than a record holds, and totals asked for late") {
  std::string text = "policy \"Wide\" version \"1\"\nasset USD decimals 0\nasset EUR decimals 0\nrole r\npurpose p\nentity Client many\nentity House\naccount Client.all\nexternal Client.bank\n";
  for (int i = 0; i < 12; ++i) text += "bucket Client.b" + std::to_string(i) + " in Client.all\n";
  text += "mode of Client : on, off\n  any -> off by r\n";
  for (int i = 0; i < 12; ++i) {
    const std::string bucket = "Client.b" + std::to_string(i), next = "Client.b" + std::to_string((i + 1) % 12);
    text += "allow p Client.bank -> " + bucket + " by r when mode of Client is on\nallow p " + bucket + " -> " + next + " by r" +
            (i % 2 == 0 ? " when total(Client.all in USD) <= 1_000_000 USD" : "") + "\n";
    text += "limit p " + bucket + " -> " + next + " per Client " + std::to_string(100 + i) + " USD per day\n";
  }
  const RuleTable table = table_of(text);
  Gate gate(table);
  std::map<std::tuple<Index, std::uint64_t, Index>, Int128> expected;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Int128> used;
  int limited = 0;
  std::mt19937 random(1);
  const auto bucket = [&](std::uint64_t i) { return table.find_bucket("Client.b" + std::to_string(i % 12)); };
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t client = 1 + random() % 11, place = random() % 12;
    const bool deposits = random() % 3 != 0;
    const Index from = deposits ? table.find_bucket("Client.bank") : bucket(place), to = deposits ? bucket(place) : bucket(place + 1), asset = random() % 2;
    GateTransfer asked{"w" + std::to_string(i), {0, {from, 1, {client}}, {to, 1, {client}}, asset, static_cast<Int128>(1 + i % 9), {}}, {}};
    asked.transfer.authority.role = 0;
    const bool allowed = gate.submit(asked).decision.allowed();
    if (!deposits && asset == 0 && expected[{from, client, asset}] >= asked.transfer.amount) {
      Int128& counted = used[{place, client}];
      CHECK(allowed == (counted + asked.transfer.amount <= static_cast<Int128>(100 + place)));
      counted += allowed ? asked.transfer.amount : 0;
      limited += !allowed;
    }
    if (!allowed) continue;
    if (!deposits) expected[{from, client, asset}] -= asked.transfer.amount;
    expected[{to, client, asset}] += asked.transfer.amount;
  }
  std::map<std::pair<std::uint64_t, Index>, Int128> totals;
  for (const auto& [place, balance] : expected) {
    CHECK(gate.balance({std::get<0>(place), 1, {std::get<1>(place)}}, std::get<2>(place)) == balance);
    totals[{std::get<1>(place), std::get<2>(place)}] += balance;
  }
  CHECK(expected.size() > 200);
  CHECK(limited > 50);
  for (const auto& [place, total] : totals) CHECK(gate.account_total(0, {place.first}, place.second) == total);
}

TEST_CASE("what is counted and paid stays with the payer while others get their first record") {
  const RuleTable table = table_of(R"(policy "Payers" version "1"
asset USD decimals 0
role r
purpose deposit, pay
entity Client many
external Client.bank
bucket Client.purse
allow deposit Client.bank -> Client.purse by r
allow pay Client.purse -> other Client.purse by r passing title
limit pay per Client 500 USD per day
)");
  Gate gate(table);
  const Index bank = table.find_bucket("Client.bank"), purse = table.find_bucket("Client.purse");
  const auto submit = [&](std::string id, Index purpose, const Instance& from, const Instance& to, Int128 amount) {
    GateTransfer asked{std::move(id), {purpose, from, to, 0, amount, {}}, {}};
    asked.transfer.authority.role = 0;
    return gate.submit(asked).decision.reason;
  };
  const Instance payer{purse, 1, {7}};
  REQUIRE(submit("first", 0, Instance{bank, 1, {7}}, payer, 2'000) == Reason::Allowed);
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    const Reason reason = submit(std::to_string(n), 1, payer, Instance{purse, 1, {1'000 + n}}, 1);
    REQUIRE(reason == (n < 500 ? Reason::Allowed : Reason::Limit));
  }
  CHECK(gate.balance(payer, 0) == 1'500);
  CHECK(gate.holdings().size() == 501);
}

TEST_CASE("a denied id counts as seen") {
  Fixture f;
  const GateTransfer pay = f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 5);
  CHECK(f.submit(pay) == Reason::Funds);
  REQUIRE(f.deposit(7, 10) == Reason::Allowed);
  const GateAnswer again = f.gate.submit(pay);
  CHECK(again.outcome == Outcome::Repeated);
  CHECK(again.decision.reason == Reason::Funds);
  CHECK(f.usd(f.at("Client.wallet", 7)) == 10);
}

TEST_CASE("the values of a denial are those that it was decided on") {
  Fixture f;
  REQUIRE(f.deposit(7, 10) == Reason::Allowed);
  CHECK(f.gate.values_of_denial().empty());
  const GateTransfer pay = f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 11);
  const Decision decision = f.gate.submit(pay).decision;
  REQUIRE(decision.reason == Reason::Funds);
  const auto slots = f.table.slots(decision.move);
  REQUIRE(f.gate.values_of_denial().size() == slots.size());
  bool seen = false;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (slots[i].kind == SlotKind::Balance && slots[i].target == f.table.find_bucket("Client.wallet")) {
      CHECK(f.gate.values_of_denial()[i].number == 10);
      seen = true;
    }
  CHECK(seen);
}

TEST_CASE("a batch is applied whole, each leg on what the ones before leave") {
  Fixture f;
  const std::vector<GateTransfer> legs{f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 10),
                                       f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 4)};
  CHECK(reasons(f.gate.submit_batch("b", legs)) == std::vector<Reason>{Reason::Allowed, Reason::Allowed});
  CHECK(f.usd(f.at("Client.wallet", 7)) == 6);
  CHECK(f.usd(f.at("House.pot")) == 4);
  CHECK(f.vault() == 6);
  CHECK(f.gate.submit_batch("b", legs).front().outcome == Outcome::Repeated);
  CHECK(f.usd(f.at("House.pot")) == 4);
}

TEST_CASE("a denied leg takes back the whole batch: balances, totals, windows and time") {
  Fixture f;
  REQUIRE(f.deposit(7, 40) == Reason::Allowed);
  CHECK(f.vault() == 40);
  const auto before = f.gate.holdings();
  f.now += 3 * kDay;
  std::vector<GateTransfer> legs{f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 60),
                                 f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 30),
                                 f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 30),
                                 f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 1)};
  CHECK(reasons(f.gate.submit_batch("b", legs)) == std::vector<Reason>{Reason::Batch, Reason::Batch, Reason::Limit, Reason::Batch});
  CHECK(f.gate.holdings() == before);
  CHECK(f.vault() == 40);
  f.now -= 3 * kDay;                               // the batch's time was never applied
  CHECK(f.deposit(7, 60) == Reason::Allowed);      // and its deposit does not count in the day's limit
  CHECK(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 50)) == Reason::Allowed);
}

TEST_CASE("floors of a batch are judged at its end") {
  Fixture f;
  const Instance margin = f.at("Client.margin", 7, 1), wallet = f.at("Client.wallet", 7);
  REQUIRE(f.open(margin, 50));
  REQUIRE(f.fact("needed", 7, 1, 40));
  CHECK(f.submit(f.ask("move", margin, wallet, 20)) == Reason::Floor);
  const std::vector<GateTransfer> short_of{f.ask("move", margin, wallet, 20), f.ask("move", wallet, margin, 9)};
  CHECK(reasons(f.gate.submit_batch("b1", short_of)) == std::vector<Reason>{Reason::Floor, Reason::Batch});
  CHECK(f.usd(margin) == 50);
  const std::vector<GateTransfer> enough{f.ask("move", margin, wallet, 20), f.ask("move", wallet, margin, 10)};
  CHECK(reasons(f.gate.submit_batch("b2", enough)) == std::vector<Reason>{Reason::Allowed, Reason::Allowed});
  CHECK(f.usd(margin) == 40);
}

TEST_CASE("ids of legs are used up with their batch") {
  Fixture f;
  const GateTransfer leg = f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 10);
  const std::vector<GateTransfer> legs{leg};
  REQUIRE(f.gate.submit_batch("b", legs).front().decision.allowed());
  CHECK(f.gate.submit(leg).outcome == Outcome::IdReused);
  CHECK(f.gate.submit_batch("c", legs).front().outcome == Outcome::IdReused);
  const std::vector<GateTransfer> twins(2, f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 1));
  CHECK(f.gate.submit_batch("d", twins).front().outcome == Outcome::IdReused);
  CHECK(f.usd(f.at("Client.wallet", 7)) == 10);
}

TEST_CASE("a batch of at most 8,192 transfers") {
  Fixture f;
  GateTransfer leg = f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 1);
  leg.id.clear();
  std::vector<GateTransfer> legs(kBatchMax + 1, leg);
  for (std::size_t i = 0; i < legs.size(); ++i) legs[i].transfer.from.ids[0] = legs[i].transfer.to.ids[0] = i + 1;
  const auto denied = f.gate.submit_batch("too many", legs);
  CHECK(denied.back().decision.reason == Reason::Malformed);
  CHECK(denied.front().decision.reason == Reason::Batch);
  legs.pop_back();
  CHECK(f.gate.submit_batch("as many as may be", legs).back().decision.allowed());
  CHECK(f.vault() == Int128{kBatchMax});
}

TEST_CASE("time never goes back behind what was applied") {
  Fixture f;
  REQUIRE(f.deposit(7, 10) == Reason::Allowed);
  f.now += kHour;
  CHECK(f.deposit(7, 1000) == Reason::Limit);      // denied: its time does not count
  f.now -= kHour;
  CHECK(f.deposit(7, 1) == Reason::Allowed);       // the same instant is fine
  f.now -= 1;
  CHECK(f.deposit(7, 1) == Reason::TimeWentBack);
  CHECK(f.submit(f.change("Client", 7, "frozen")) == Reason::TimeWentBack);
  CHECK(f.deposit(7, 0) == Reason::AmountOutOfRange);   // form comes before time
  f.now += 2;
  CHECK(f.submit(f.change("Client", 7, "frozen")) == Reason::Allowed);
  f.now -= 1;
  CHECK(f.deposit(7, 1) == Reason::TimeWentBack);
}

TEST_CASE("modes change only by their transitions") {
  Fixture f;
  REQUIRE(f.deposit(7, 10) == Reason::Allowed);
  CHECK(f.submit(f.change("Client", 7, "closed")) == Reason::NoTransition);
  CHECK(f.submit(f.change("Client", 7, "frozen")) == Reason::Allowed);
  CHECK(f.gate.mode(f.machine("Client", 7)) == 1);
  CHECK(f.gate.mode(f.machine("Client", 8)) == 0);
  CHECK(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 1)) == Reason::Condition);
  CHECK(f.submit(f.change("Client", 7, "closed")) == Reason::Condition);
  CHECK(f.submit(f.change("Client", 7, "normal")) == Reason::ValueMissing);
  REQUIRE(f.fact("open", 7, 0, 1));
  CHECK(f.submit(f.change("Client", 7, "normal")) == Reason::Allowed);
  CHECK(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 1)) == Reason::Allowed);
  GateModeChange by_trader = f.change("Client", 7, "frozen");
  by_trader.change.authority.role = f.table.find_role("trader");
  CHECK(f.submit(by_trader) == Reason::NoTransition);
  CHECK(f.gate.submit(by_trader).outcome == Outcome::Repeated);
}

TEST_CASE("totals follow every balance") {
  Fixture f;
  REQUIRE(f.open(f.at("House.pot"), 10));
  const auto count = [&] { return f.submit(f.ask("count", f.at("House.pot"), f.at("House.reserve"), 1, "boss")); };
  CHECK(f.deposit(7, 60) == Reason::Allowed);
  CHECK(f.deposit(8, 39) == Reason::Allowed);
  CHECK(count() == Reason::Condition);             // 99 in all wallets
  CHECK(f.deposit(9, 1) == Reason::Allowed);
  CHECK(count() == Reason::Allowed);
  CHECK(f.submit(f.ask("move", f.at("Client.wallet", 7), f.at("Client.margin", 7, 1), 1)) == Reason::Allowed);
  CHECK(count() == Reason::Condition);             // a margin is no wallet
  CHECK(f.vault() == 100);                         // but in the same account
}

TEST_CASE("what may overdraw pays as long as its account holds it") {
  Fixture f;
  REQUIRE(f.open(f.at("House.reserve"), 30));
  CHECK(f.submit(f.ask("borrow", f.at("House.credit"), f.at("House.pot"), 31, "boss")) == Reason::Funds);
  CHECK(f.submit(f.ask("borrow", f.at("House.credit"), f.at("House.pot"), 30, "boss")) == Reason::Allowed);
  CHECK(f.usd(f.at("House.credit")) == -30);
  CHECK(f.submit(f.ask("borrow", f.at("House.credit"), f.at("House.pot"), 1, "boss")) == Reason::Funds);
}

TEST_CASE("facts replace what was known; out of range they deny, and stale ones too") {
  Fixture f;
  const Instance margin = f.at("Client.margin", 7, 1), wallet = f.at("Client.wallet", 7);
  REQUIRE(f.open(margin, 50));
  const auto take = [&] { return f.submit(f.ask("move", margin, wallet, 1)); };
  CHECK(take() == Reason::ValueMissing);
  REQUIRE(f.fact("needed", 7, 1, 10));
  CHECK(take() == Reason::Allowed);
  f.now += 10 * kSecond;
  CHECK(take() == Reason::Allowed);
  f.now += 1;
  CHECK(take() == Reason::ValueStale);
  REQUIRE(f.fact("needed", 7, 1, 1001));
  CHECK(take() == Reason::ValueOutOfRange);
  CHECK_FALSE(f.fact("needed", 7, 1, kAmountMax + 1));
  CHECK_FALSE(f.fact("needed", 7, 0, 1));
}

TEST_CASE("opening state is refused when it is wrong or late") {
  Fixture f;
  CHECK_FALSE(f.open(f.at("Client.bank", 7), 1));
  CHECK_FALSE(f.open(f.at("Client.wallet"), 1));
  CHECK_FALSE(f.open(f.at("Client.wallet", 7), -1));
  CHECK_FALSE(f.open(f.at("Client.wallet", 7), kAmountMax + 1));
  CHECK(f.open(f.at("House.credit"), -1));
  CHECK(f.open(f.at("Client.wallet", 7), 5));
  CHECK(f.open(f.at("Client.wallet", 7), 6));      // replaced, not added
  CHECK(f.usd(f.at("Client.wallet", 7)) == 6);
  CHECK_FALSE(f.gate.open_mode(f.machine("Client", 7), 3));
  CHECK(f.gate.open_mode(f.machine("Client", 7), 2));
  REQUIRE(f.deposit(7, 1) == Reason::Allowed);
  CHECK_FALSE(f.open(f.at("Client.wallet", 7), 5));
  CHECK_FALSE(f.gate.open_mode(f.machine("Client", 7), 0));
}

TEST_CASE("names out of range are denied, whatever the indexes are") {
  Fixture f;
  GateTransfer transfer = f.ask("deposit", f.at("Client.bank", 7), f.at("Client.wallet", 7), 1);
  transfer.transfer.from.target = 1000;
  CHECK(f.submit(transfer) == Reason::UnknownName);
  transfer.id = "ids";
  transfer.transfer.from = f.at("Client.bank", 7);
  transfer.transfer.to.id_count = 200;
  CHECK(f.submit(transfer) == Reason::Malformed);
  GateModeChange change = f.change("Client", 7, "frozen");
  change.change.subject.target = 1000;
  CHECK(f.submit(change) == Reason::UnknownName);
  change.id = "to";
  change.change.subject = f.machine("Client", 7);
  change.change.to_mode = 1000;
  CHECK(f.submit(change) == Reason::UnknownName);
}
