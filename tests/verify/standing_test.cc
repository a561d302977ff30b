// SPDX-License-Identifier: Apache-2.0
// What is asked of every policy: for each property a table where it holds and one, often damaged by hand, where it does not.
#include <algorithm>
#include <functional>

#include "tests/verify/proof.h"
#include "verify/row_slots.h"
#include "verify/standing.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kRules = R"(
bucket House.advance in Bank.pool may overdraw
allow pay   Client.bank   -> Client.wallet by trader
allow pay   Client.wallet -> Client.bank by trader when amount <= 5 USDC
allow lend  Client.wallet -> other Client.wallet by trader, officer passing title
allow sweep House.transit -> House.fees by officer
allow sweep House.advance -> House.suppliers by officer
)";

Moves moves_of(const std::string& rest) { return decode(table_of(with_world(rest))); }

Move& row_from(Moves& moves, const std::string& bucket, const std::string& to) {
  for (Move& move : moves.moves)
    if (moves.vocabulary.buckets[move.from].name == bucket && moves.vocabulary.buckets[move.to].name == to) return move;
  FAIL("no row from " << bucket << " to " << to);
  return moves.moves.front();
}

constexpr std::uint32_t kTimeout = 10'000;

}  // namespace

TEST_CASE("verify gives each property that is asked of every policy once", "[standing]") {
  const Verdict verdict = verify(table_of(with_world(kRules)));
  std::vector<PropertyKind> kinds;
  for (const PropertyVerdict& property : verdict.properties) {
    kinds.push_back(property.kind);
    CHECK(property.claim == property_claim(property.kind));
  }
  CHECK(std::is_sorted(kinds.begin(), kinds.end()));
  CHECK(std::adjacent_find(kinds.begin(), kinds.end()) == kinds.end());
}

TEST_CASE("conservation: a row that takes from or gives to another balance is found", "[standing]") {
  Moves moves = moves_of(kRules);
  const PropertyVerdict good = prove_conservation(moves);
  CHECK(good.answer == Answer::Proved);
  CHECK(good.obligations == moves.moves.size());

  const Moves whole = moves;
  const auto refuted = [&](const std::function<void(Moves&)>& damage) {
    Moves damaged = whole;
    damage(damaged);
    const PropertyVerdict verdict = prove_conservation(damaged);
    CHECK(verdict.answer == Answer::Refuted);
    CHECK(verdict.details.size() == 1);
  };
  refuted([](Moves& m) { row_from(m, "House.transit", "House.fees").to_slot = kNone; });
  refuted([](Moves& m) { std::swap(row_from(m, "House.transit", "House.fees").to_slot, row_from(m, "House.transit", "House.fees").from_slot); });
  refuted([](Moves& m) { row_from(m, "Client.wallet", "Client.wallet").to_slot = row_from(m, "Client.wallet", "Client.wallet").from_slot; });
  refuted([](Moves& m) { row_from(m, "Client.bank", "Client.wallet").from_slot = row_from(m, "Client.bank", "Client.wallet").to_slot; });
  refuted([](Moves& m) { row_from(m, "Client.wallet", "Client.wallet").slots[row_from(m, "Client.wallet", "Client.wallet").to_slot].keys[0] = {KeySource::From::Source, 0}; });
  refuted([](Moves& m) { row_from(m, "House.advance", "House.suppliers").from_slot = row_from(m, "House.advance", "House.suppliers").funds_slot; });
}

TEST_CASE("conservation: the asset counts", "[standing]") {
  Moves moves = moves_of("asset BTC decimals 8\nallow pay Client.wallet -> Client.margin of USDC by trader when balance(from in BTC) > 0 BTC");
  CHECK(prove_conservation(moves).answer == Answer::Proved);
  Move& row = moves.moves.at(0);
  const Slot other{SlotKind::Balance, row.from, 1, 0, row.slots[row.from_slot].keys};
  REQUIRE(slot_position(row.slots, other) != kNone);
  row.from_slot = slot_position(row.slots, other);
  CHECK(prove_conservation(moves).answer == Answer::Refuted);
}

TEST_CASE("funds: what pays must have it", "[standing]") {
  Moves moves = moves_of(kRules);
  CHECK(prove_funds(Arena(moves), kTimeout).answer == Answer::Proved);
  const auto refuted = [&](Index Move::*slot, const char* from, const char* to, Index value) {
    Moves damaged = moves;
    row_from(damaged, from, to).*slot = value;
    const PropertyVerdict verdict = prove_funds(Arena(damaged), kTimeout);
    CHECK(verdict.answer == Answer::Refuted);
    CHECK(verdict.details.size() == 1);
  };
  refuted(&Move::funds_slot, "House.transit", "House.fees", kNone);
  refuted(&Move::funds_slot, "House.transit", "House.fees", row_from(moves, "House.transit", "House.fees").to_slot);
  refuted(&Move::funds_slot, "House.advance", "House.suppliers", kNone);
  refuted(&Move::funds_slot, "House.advance", "House.suppliers", row_from(moves, "House.advance", "House.suppliers").from_slot);
  refuted(&Move::funds_slot, "Client.wallet", "Client.wallet", row_from(moves, "Client.wallet", "Client.wallet").to_slot);
}

TEST_CASE("funds: a guard can stand in for them", "[standing]") {
  Moves moves = moves_of("allow pay Client.wallet -> Client.bank by trader when balance after(from) >= 1 USDC");
  moves.moves.at(0).funds_slot = kNone;
  CHECK(prove_funds(Arena(moves), kTimeout).answer == Answer::Proved);
}

TEST_CASE("one decision: two rows for one role are found", "[standing]") {
  Moves moves = moves_of(kRules);
  CHECK(prove_one_decision(moves).answer == Answer::Proved);
  Move again = row_from(moves, "Client.wallet", "Client.wallet");
  again.roles = 1;
  moves.moves.push_back(again);
  CHECK(prove_one_decision(moves).answer == Answer::Refuted);
  moves.moves.back().roles = Mask{1} << 2;
  CHECK(prove_one_decision(moves).answer == Answer::Proved);
}
