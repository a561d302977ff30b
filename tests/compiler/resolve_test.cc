// SPDX-License-Identifier: Apache-2.0
// Language reference 4.3, 4.4, 5 and 6.4: which instance a reference speaks of. First as tables, slot by slot; then all references
// on all moves, against instances with ids filled in: two slots are one value exactly when they print alike.
#include "compiler/resolve.h"

#include <catch2/catch.hpp>

#include <array>
#include <map>
#include <set>

#include "tests/compiler/small_vocabulary.h"

namespace ringfence {
namespace {

using namespace small;
const Vocabulary v = vocabulary();

std::string shown(const Resolved& resolved) {
  if (const Slot* slot = std::get_if<Slot>(&resolved)) return print(v, *slot);
  static constexpr const char* kWords[] = {"unknown", "ambiguous", "external", "no transfer", "no asset"};
  const auto& error = std::get<ResolveError>(resolved);
  return std::string(kWords[static_cast<std::size_t>(error.why)]) + (error.entity == kNone ? "" : " " + v.entities[error.entity].name);
}

Quantity of(QuantityKind kind, Index target, Side side = Side::Either, std::vector<bool> summed = {}) {
  return {kind, {false, target, side, std::move(summed)}, kNone, false};
}
Quantity balance_of(Side side) { return {QuantityKind::Balance, {true, kNone, side, {}}, kNone, false}; }

TEST_CASE("A reference names the source's id wherever the relation makes the ids equal", "[resolve]") {
  struct Row { Index from, to; Relation relation; Quantity quantity; const char* expected; };
  const auto balance = QuantityKind::Balance, total = QuantityKind::BucketTotal, account = QuantityKind::AccountTotal, fact = QuantityKind::Fact;
  const std::vector<Row> rows = {
      {kWallet, kMargin, 0, balance_of(Side::From), "balance(Client.wallet[from.0]) in USDC"},
      {kWallet, kMargin, 0, balance_of(Side::To), "balance(Client.margin[from.0,to.1]) in USDC"},
      {kWallet, kMargin, 1, balance_of(Side::To), "balance(Client.margin[to.0,to.1]) in USDC"},
      // Just one of the endpoints: that endpoint's, also when the other side has another client.
      {kWallet, kMargin, 1, of(balance, kWallet), "balance(Client.wallet[from.0]) in USDC"},
      {kWallet, kMargin, 1, of(balance, kMargin), "balance(Client.margin[to.0,to.1]) in USDC"},
      {kWallet, kMargin, 1, of(fact, kMaintenance), "fact(maintenance[to.0,to.1])"},
      // Neither endpoint: open where the ids differ, unless the side is written.
      {kWallet, kMargin, 0, of(fact, kFeeDue), "fact(fee_due[from.0])"},
      {kWallet, kMargin, 1, of(fact, kFeeDue), "ambiguous Client"},
      {kWallet, kMargin, 1, of(fact, kFeeDue, Side::To), "fact(fee_due[to.0])"},
      {kWallet, kMargin, 0, of(fact, kFeeDue, Side::To), "fact(fee_due[from.0])"},
      {kWallet, kMargin, 1, of(fact, kFeeDue, Side::From), "fact(fee_due[from.0])"},
      {kWallet, kMargin, 0, of(fact, kRate), "fact(rate[])"},
      // Both endpoints are the same bucket: open on the keys that differ.
      {kMargin, kMargin, 2, of(fact, kMaintenance), "ambiguous Position"},
      {kMargin, kMargin, 2, of(fact, kMaintenance, Side::To), "fact(maintenance[from.0,to.1])"},
      {kMargin, kMargin, 2, of(total, kMargin, Side::Either, {false, true}), "total(Client.margin[from.0,*]) in USDC"},
      {kMargin, kMargin, 1, of(total, kMargin, Side::Either, {false, true}), "ambiguous Client"},
      // Keys in another order on the other side.
      {kMargin, kBook, 0, balance_of(Side::To), "balance(Position.book[from.1,from.0]) in USDC"},
      {kMargin, kBook, 2, balance_of(Side::To), "balance(Position.book[to.0,from.0]) in USDC"},
      {kBook, kMargin, 1, balance_of(Side::To), "balance(Client.margin[from.1,to.1]) in USDC"},
      // A key from the side that has it.
      {kFees, kMargin, 0, of(fact, kFeeDue), "fact(fee_due[to.0])"},
      {kWallet, kFees, 0, of(balance, kMargin), "unknown Position"},
      {kWallet, kFees, 0, of(total, kMargin, Side::Either, {false, true}), "total(Client.margin[from.0,*]) in USDC"},
      // Totals: nothing summed is a balance; an account's ids; externals.
      {kWallet, kMargin, 0, of(total, kWallet, Side::Either, {false}), "balance(Client.wallet[from.0]) in USDC"},
      {kWallet, kFees, 0, of(total, kWallet, Side::Either, {true}), "total(Client.wallet[*]) in USDC"},
      {kWallet, kFees, 0, of(account, kMoney), "total(House.money[]) in USDC"},
      {kFees, kMargin, 0, of(account, kVault), "total(Client.vault[to.0]) in USDC"},
      {kWallet, kMargin, 1, of(account, kVault), "ambiguous Client"},
      {kFees, kDesk, 0, of(account, kVault), "unknown Client"},
      {kBank, kWallet, 0, balance_of(Side::From), "external"},
      {kBank, kWallet, 0, of(balance, kBank), "external"},
      {kWallet, kFees, 0, of(QuantityKind::Amount, kNone), "amount"},
      {kWallet, kFees, 0, of(QuantityKind::TimeOfDay, kNone), "time_of_day"},
  };
  for (const Row& row : rows) {
    CAPTURE(v.buckets[row.from].name, v.buckets[row.to].name, unsigned{row.relation}, row.expected);
    CHECK(shown(resolve(v, move_site(v, row.from, row.to, row.relation, kUsdc), row.quantity)) == row.expected);
  }
}

TEST_CASE("A named asset replaces the transfer's", "[resolve]") {
  Quantity quantity = balance_of(Side::From);
  quantity.asset = kEur;
  CHECK(shown(resolve(v, move_site(v, kWallet, kFees, 0, kUsdc), quantity)) == "balance(Client.wallet[from.0]) in EUR");
}

TEST_CASE("A mode belongs to the machine's subject, as a fact does", "[resolve]") {
  const auto mode = [](Index from, Index to, Relation relation, Index machine, Side side) {
    return shown(resolve_mode(v, move_site(v, from, to, relation, kUsdc), {false, machine, side, {}}));
  };
  CHECK(mode(kWallet, kMargin, 1, kMarginMode, Side::Either) == "mode(Client.margin[to.0,to.1])");
  CHECK(mode(kWallet, kMargin, 1, kClientMode, Side::Either) == "ambiguous Client");
  CHECK(mode(kWallet, kMargin, 1, kClientMode, Side::To) == "mode(Client[to.0])");
  CHECK(mode(kWallet, kMargin, 1, kSystemMode, Side::Either) == "mode(system[])");
}

TEST_CASE("A floor knows the source's ids only, a transition its subject's, and nothing is transferred there", "[resolve]") {
  const Site floor = floor_site(v, kMargin, kUsdc);
  CHECK(shown(resolve(v, floor, of(QuantityKind::Fact, kMaintenance))) == "fact(maintenance[from.0,from.1])");
  CHECK(shown(resolve(v, floor, balance_of(Side::From))) == "balance(Client.margin[from.0,from.1]) in USDC");
  CHECK(shown(resolve(v, floor, balance_of(Side::To))) == "no transfer");
  const Site change = transition_site(v.machines[kMarginMode].subject);
  Quantity balance = of(QuantityKind::Balance, kMargin);
  CHECK(shown(resolve(v, change, balance)) == "no asset");
  balance.asset = kEur;
  CHECK(shown(resolve(v, change, balance)) == "balance(Client.margin[from.0,from.1]) in EUR");
  balance.after = true;
  CHECK(shown(resolve(v, change, balance)) == "no transfer");
  CHECK(shown(resolve(v, change, of(QuantityKind::Amount, kNone))) == "no transfer");
  CHECK(shown(resolve(v, transition_site(v.machines[kClientMode].subject), of(QuantityKind::Fact, kMaintenance))) == "unknown Position");
  CHECK(shown(resolve_mode(v, change, {false, kClientMode, Side::Either, {}})) == "mode(Client[from.0])");
}

TEST_CASE("A limit's ids come from the source where it has the key, else from the destination", "[resolve]") {
  const std::array<Index, 1> client = {kClient};
  CHECK(shown(resolve_used(move_site(v, kWallet, kMargin, 1, kUsdc), 3, kUsdc, client)) == "used(limit 3[from.0]) in USDC");
  CHECK(shown(resolve_used(move_site(v, kFees, kMargin, 0, kUsdc), 3, kUsdc, client)) == "used(limit 3[to.0]) in USDC");
  CHECK(shown(resolve_used(move_site(v, kFees, kDesk, 0, kUsdc), 3, kUsdc, client)) == "unknown Client");
}

TEST_CASE("A pair stands for the relations that its words allow, never for an instance and itself", "[resolve]") {
  const auto same = Match::Same, other = Match::Other, any = Match::Any;
  CHECK(relations_of(v, {kMargin, kBook, {same, same}}) == std::vector<Relation>{0});
  CHECK(relations_of(v, {kMargin, kBook, {other, any}}) == std::vector<Relation>{1, 3});
  CHECK(relations_of(v, {kMargin, kBook, {any, any}}) == std::vector<Relation>{0, 1, 2, 3});
  CHECK(relations_of(v, {kMargin, kMargin, {any, same}}) == std::vector<Relation>{1});
  CHECK(relations_of(v, {kMargin, kMargin, {same, same}}).empty());
  CHECK(relations_of(v, {kFees, kFees, {}}).empty());
  CHECK(relations_of(v, {kFees, kDesk, {}}) == std::vector<Relation>{0});
}

TEST_CASE("Every reason that there is no slot has a message and help", "[resolve]") {
  for (unsigned why = 0; why <= static_cast<unsigned>(Unresolved::NoAsset); ++why) {
    const ResolveError error{static_cast<Unresolved>(why), why < 2 ? Index{kPosition} : kNone};
    CHECK_FALSE(message(v, error).empty());
    CHECK_FALSE(help(v, error).empty());
  }
  CHECK(message(v, {Unresolved::KeyUnknown, kPosition}).find("`Position`") != std::string::npos);
}

// ---- against instances with ids filled in

using Ids = std::vector<int>;
/// Ids of both ends, all different except where the relation makes them equal.
std::pair<Ids, Ids> fill_in(Index from, Index to, Relation relation) {
  const auto shared = shared_keys(v.buckets[from], v.buckets[to]);
  std::map<Index, int> source;
  for (const Index key : v.buckets[from].keys) source[key] = static_cast<int>(key) + 10;
  Ids from_ids, to_ids;
  for (const Index key : v.buckets[from].keys) from_ids.push_back(source[key]);
  for (const Index key : v.buckets[to].keys) {
    const Index bit = key_position(shared, key);
    to_ids.push_back(bit != kNone && (relation >> bit & 1) == 0 ? source[key] : static_cast<int>(key) + 20);
  }
  return {from_ids, to_ids};
}

constexpr int kAll = -1;
Ids ids_of(const Slot& slot, const std::pair<Ids, Ids>& ends) {
  Ids ids;
  for (const KeySource& key : slot.keys)
    ids.push_back(key.from == KeySource::From::Summed ? kAll : key.from == KeySource::From::Source ? ends.first[key.position] : ends.second[key.position]);
  return ids;
}

/// Whether the slot's balance or total includes this bucket instance, by looking at the ids.
bool includes(const Slot& slot, const Ids& slot_ids, Index bucket, const Ids& ids) {
  const Bucket& b = v.buckets[bucket];
  const bool account = slot.kind == SlotKind::AccountTotal;
  if (b.external || slot.target != (account ? b.account : bucket)) return false;
  const auto& keys = account ? v.accounts[slot.target].keys : b.keys;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (slot_ids[i] != kAll && slot_ids[i] != ids[key_position(b.keys, keys[i])]) return false;
  return true;
}

std::vector<Quantity> all_money() {
  std::vector<Quantity> all;
  for (const Side side : {Side::From, Side::To, Side::Either}) {
    if (side != Side::Either) all.push_back(balance_of(side));
    for (Index bucket = 0; bucket < v.buckets.size(); ++bucket)
      for (unsigned sums = 0; sums < 1u << v.buckets[bucket].keys.size(); ++sums) {
        std::vector<bool> summed;
        for (std::size_t i = 0; i < v.buckets[bucket].keys.size(); ++i) summed.push_back((sums >> i & 1) != 0);
        all.push_back(of(QuantityKind::BucketTotal, bucket, side, summed));
      }
    for (Index account = 0; account < v.accounts.size(); ++account) all.push_back(of(QuantityKind::AccountTotal, account, side));
  }
  return all;
}

TEST_CASE("On every move, slots are equal exactly when their instances are, and the effect is what the ids say", "[resolve]") {
  std::size_t resolved_count = 0;
  for (Index from = 0; from < v.buckets.size(); ++from)
    for (Index to = 0; to < v.buckets.size(); ++to) {
      Pair pair{from, to, {}};
      pair.matches.assign(shared_keys(v.buckets[from], v.buckets[to]).size(), Match::Any);
      for (const Relation relation : relations_of(v, pair)) {
        const Site site = move_site(v, from, to, relation, kUsdc);
        const auto ends = fill_in(from, to, relation);
        std::map<std::tuple<SlotKind, Index, Ids>, std::string> printed;
        std::set<std::string> prints;
        for (const Quantity& quantity : all_money()) {
          const Resolved resolved = resolve(v, site, quantity);
          if (!std::holds_alternative<Slot>(resolved)) continue;
          const Slot& slot = std::get<Slot>(resolved);
          const Ids ids = ids_of(slot, ends);
          CAPTURE(v.buckets[from].name, v.buckets[to].name, unsigned{relation}, print(v, slot));
          const auto [entry, is_new] = printed.insert({{slot.kind, slot.target, ids}, print(v, slot)});
          REQUIRE(entry->second == print(v, slot));
          REQUIRE(prints.insert(print(v, slot)).second == is_new);
          const int effect = int{includes(slot, ids, to, ends.second)} - int{includes(slot, ids, from, ends.first)};
          REQUIRE(effect_on(v, site, slot) == effect);
          REQUIRE(effect_on(v, move_site(v, from, to, relation, kEur), slot) == 0);
          ++resolved_count;
        }
      }
    }
  REQUIRE(resolved_count > 1000);
}

}  // namespace
}  // namespace ringfence
