// SPDX-License-Identifier: Apache-2.0
// What is asked of every policy: for each property a table where it holds and one, often damaged by hand, where it does not.
#include <algorithm>
#include <functional>

#include "tests/verify/proof.h"
#include "verify/feasible.h"
#include "verify/replay.h"
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
  refuted(&Move::account_slot, "House.transit", "House.fees", kNone);   // House.advance may have spent what is in the account
  refuted(&Move::account_slot, "House.transit", "House.fees", row_from(moves, "House.transit", "House.fees").from_slot);
}

TEST_CASE("funds: an account pays what it has, whoever in it has spent", "[standing]") {
  const auto account_slot = [](const std::string& rule) { return moves_of("bucket House.advance in Bank.pool may overdraw\n" + rule + " by officer\n").moves.at(0).account_slot; };
  CHECK(account_slot("allow sweep House.transit -> House.fees") != kNone);
  CHECK(account_slot("allow sweep House.transit -> House.suppliers") != kNone);
  CHECK(account_slot("allow sweep House.transit -> House.advance") == kNone);   // stays in the account
  CHECK(account_slot("allow sweep House.fees -> House.transit") == kNone);
  CHECK(account_slot("allow sweep House.advance -> House.suppliers") == kNone); // judged on the account's total in place of its own balance
  const std::string keyed = "account Bank.each[Client]\nbucket Client.credit in Bank.each may overdraw\nbucket Client.cash in Bank.each\n";
  const Moves moves = moves_of(keyed + "allow sweep Client.cash -> any Client.cash by officer\nallow sweep Client.cash -> Client.credit by officer\n");
  for (const Move& move : moves.moves) CHECK((move.account_slot != kNone) == (move.relation != 0));   // another client's is another account

  const std::string claim = "bucket House.advance in Bank.pool may overdraw\nallow sweep House.transit -> House.fees by officer\nallow sweep House.advance -> House.suppliers by officer\n"
                            "allow sweep House.fees -> House.transit by officer\ninvariant total(Bank.pool) >= ";
  CHECK(verify(table_of(with_world(claim + "0 USDC\n"))).properties.back().answer == Answer::Proved);
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

TEST_CASE("floors: every row out of a bucket keeps what one of them carries", "[standing]") {
  const Moves moves = moves_of("fact least of Client : amount of USDC\nfloor Client.wallet >= least + 5 USDC\nfloor Client.wallet >= 1 USDC\n" + kRules);
  const PropertyVerdict good = prove_floors(Arena(moves), kTimeout);
  CHECK(good.answer == Answer::Proved);
  CHECK(good.obligations >= 4);
  const auto refuted = [&](const std::function<void(Move&)>& damage) {
    Moves damaged = moves;
    damage(row_from(damaged, "Client.wallet", "Client.bank"));
    const PropertyVerdict verdict = prove_floors(Arena(damaged), kTimeout);
    CHECK(verdict.answer == Answer::Refuted);
    REQUIRE(!verdict.details.empty());
    CHECK(verdict.details[0].text.find("Client.wallet -> Client.bank") != std::string::npos);
  };
  refuted([](Move& row) { row.floors.erase(row.floors.begin()); });
  refuted([](Move& row) { row.floors[0].clauses.at(0).nodes.at(0).test.constant += 1; });
  refuted([](Move& row) { row.from_slot = kNone; });
  // The second floor says less than the first: without it nothing is lost.
  Moves weaker = moves;
  row_from(weaker, "Client.wallet", "Client.bank").floors.erase(row_from(weaker, "Client.wallet", "Client.bank").floors.begin() + 1);
  CHECK(prove_floors(Arena(weaker), kTimeout).answer == Answer::Proved);
}

TEST_CASE("no overflow: sums of guards, and balances", "[standing]") {
  const Moves moves = moves_of("fact rate of Client : number from 0 to 1_000\nallow pay Client.wallet -> Client.margin by trader when 1_000_000_000 * amount > 0 and rate < 5");
  CHECK(prove_no_overflow(Arena(moves), kTimeout).answer == Answer::Proved);
  const auto refuted = [&](const std::function<void(Moves&)>& damage) {
    Moves damaged = moves;
    damage(damaged);
    CHECK(prove_no_overflow(Arena(damaged), kTimeout).answer == Answer::Refuted);
  };
  refuted([](Moves& m) { m.moves[0].allows[0].clauses.at(0).nodes.at(0).test.terms.at(0).coefficient *= 4; });
  refuted([](Moves& m) { m.moves[0].allows[0].clauses.at(0).nodes.at(0).test.constant = kInt128Max; });
  refuted([](Moves& m) {
    for (Node& node : m.moves[0].allows[0].clauses.at(1).nodes) node.test.terms.at(0).coefficient = std::int64_t{1} << 62;
    m.vocabulary.facts[0].max = Int128{1} << 80;
  });
  refuted([](Moves& m) { m.moves[0].to_slot = kNone; });
  refuted([](Moves& m) { m.moves[0].to_slot = m.moves[0].from_slot; });
}

namespace {

PropertyVerdict fire(const std::string& rest) {
  const Moves moves = moves_of(rest);
  const Arena arena(moves);
  std::vector<Mask> possible;
  REQUIRE(modes_possible(arena, kTimeout, possible));
  return prove_rules_fire(arena, possible, kTimeout);
}

void all_fire(const std::string& rest) {
  const PropertyVerdict verdict = fire(rest);
  INFO(rest << "\n" << verdict.reason << (verdict.details.empty() ? "" : verdict.details[0].text));
  CHECK(verdict.answer == Answer::Proved);
}

/// Just the last line of `rest` never decides, and `because` is said of it.
void last_is_dead(const std::string& rest, const std::string& because) {
  const PropertyVerdict verdict = fire(rest);
  INFO(rest);
  REQUIRE(verdict.answer == Answer::Refuted);
  REQUIRE(verdict.details.size() == 1);
  INFO(verdict.details[0].text);
  CHECK(verdict.details[0].line == static_cast<std::uint32_t>(std::count(rest.begin(), rest.end(), '\n') + 16));
  CHECK(verdict.details[0].text.find(because) != std::string::npos);
}

}  // namespace

TEST_CASE("rules: one that denies shadow never decides, and they are named", "[standing]") {
  all_fire("allow pay Client.wallet -> Client.bank by trader when amount <= 5 USDC\ndeny pay Client.wallet -> Client.bank when amount > 3 USDC");
  last_is_dead("deny pay Client.wallet -> Client.bank when amount > 3 USDC\ndeny pay Client.wallet -> Client.bank when balance(from) > 100 USDC\n"
               "allow pay Client.wallet -> Client.bank by officer\nallow pay Client.wallet -> Client.bank by trader when amount > 4 USDC",
               "because of line 16: deny pay Client.wallet -> Client.bank when amount > 3 USDC");
  // It takes both denies; the third has no part in it.
  const PropertyVerdict both = fire("deny pay Client.wallet -> Client.bank when amount > 3 USDC\ndeny pay Client.wallet -> Client.bank when amount <= 3 USDC and balance(from) < 50 USDC\n"
                                    "deny pay Client.wallet -> Client.bank when balance(from) > 70 USDC\nallow pay Client.wallet -> Client.bank by officer\n"
                                    "allow pay Client.wallet -> Client.bank by trader when balance(from) < 40 USDC");
  REQUIRE(both.details.size() == 1);
  CHECK(both.details[0].text.find("line 16") != std::string::npos);
  CHECK(both.details[0].text.find("line 17") != std::string::npos);
  CHECK(both.details[0].text.find("line 18") == std::string::npos);
}

TEST_CASE("rules: contradiction, cover and silence", "[standing]") {
  const std::string allow = "allow pay Client.wallet -> Client.bank by trader when amount <= 5 USDC\n";
  last_is_dead(allow + "allow lend Client.wallet -> Client.margin by trader when amount < 1 USDC and amount > 2 USDC", "its own conditions never hold together");
  last_is_dead(allow + "deny lend Client.wallet -> Client.margin", "no allow rule speaks of");
  last_is_dead(allow + "deny pay Client.wallet -> Client.bank when amount > 5 USDC", "the conditions of the allow rules");
  last_is_dead(allow + "deny pay Client.wallet -> Client.bank when amount > 2 USDC\ndeny pay Client.wallet -> Client.bank when amount > 3 USDC", "line 17");
  last_is_dead(allow + "floor Client.wallet >= 0", "the source's funds");
  last_is_dead(allow + "floor Client.wallet >= 5 USDC\nfloor Client.wallet >= 4 USDC", "line 17");
  last_is_dead(allow + "limit pay per Client 100 USDC per day\nlimit pay per Client 100 USDC per day unless amount < 200 USDC", "because of line 17");
  last_is_dead(allow + "floor House.fees >= 5 USDC", "no allow rule speaks of");
  all_fire(allow + "floor Client.wallet >= 4 USDC\nlimit pay per Client 100 USDC per day\ndeny pay Client.wallet -> Client.bank when balance(from) = 17 USDC");
}

TEST_CASE("rules: changes of mode, and rules that wait for a mode that never comes", "[standing]") {
  const std::string modes = "allow pay Client.wallet -> Client.bank by trader when mode of Client is open\nmode of Client : open, shut, gone\n  open -> shut by trader\n";
  last_is_dead(modes + "  gone -> open by trader", "none of the modes");
  last_is_dead(modes + "allow lend Client.wallet -> Client.margin by trader when mode of Client is gone", "its own conditions never hold together");
  last_is_dead("allow pay Client.wallet -> Client.bank by trader when mode of system is open\nmode of system : open, shut\n"
               "  open -> shut by trader when mode of system is shut",
               "its conditions never hold");
}

TEST_CASE("fences: one that nothing can break is found", "[standing]") {
  const auto bite = [](const std::string& rest) { return prove_fences_bite(moves_of(rest)).answer; };
  const std::string pay = "allow pay Client.bank -> Client.wallet by trader\n";
  CHECK(bite(pay + "allow pay Client.wallet -> House.fees by trader passing title\nsegregate Client from House") == Answer::Proved);
  CHECK(bite(pay + "segregate Client from House") == Answer::Refuted);
  CHECK(bite(pay + "segregate each Client") == Answer::Proved);
  CHECK(bite(pay + "segregate each Position") == Answer::Refuted);
  CHECK(bite(pay + "segregate each Client in custody") == Answer::Proved);
  CHECK(bite(pay + "segregate each Client in Client.margin in custody") == Answer::Refuted);
  CHECK(bite(pay + "segregate Client from House in custody") == Answer::Proved);
  CHECK(bite("allow pay Client.wallet -> Client.bank by trader\nsegregate Client from House in custody") == Answer::Refuted);
  CHECK(bite(pay) == Answer::Proved);
  // What an overdrawn bucket pays with is its neighbours' money.
  const std::string line = "bucket Client.pooled in Bank.pool\nallow pay House.line -> House.transit by trader\nbucket House.line in Bank.pool";
  for (const std::string fence : {"segregate Client from House", "segregate each Client in House.transit in custody"}) {
    INFO(fence);
    CHECK(bite(fence + "\n" + line) == Answer::Refuted);
    CHECK(bite(fence + "\n" + line + " may overdraw\n") == Answer::Proved);
  }
}

namespace {

PropertyVerdict home(const std::string& rest) {
  const RuleTable table = table_of(with_world(rest));
  const Moves moves = decode(table);
  const Arena arena(moves);
  std::vector<Mask> possible;
  REQUIRE(modes_possible(arena, kTimeout, possible));
  const VerifyOptions options;
  const PropertyVerdict verdict = prove_owners_home({table, arena, &possible, options});
  if (verdict.answer == Answer::Refuted) {
    REQUIRE(verdict.trace);
    CHECK(replay(table, moves, *verdict.trace).empty());
  }
  return verdict;
}

void gets_home(const std::string& rest) {
  const PropertyVerdict verdict = home(rest);
  INFO(rest << "\n" << verdict.reason << (verdict.details.empty() ? "" : verdict.details[0].text));
  CHECK(verdict.answer == Answer::Proved);
  CHECK(verdict.obligations > 0);
}

void is_trapped(const std::string& rest, const std::string& where, std::size_t traps = 1) {
  const PropertyVerdict verdict = home(rest);
  INFO(rest << "\n" << verdict.reason << (verdict.details.empty() ? "" : verdict.details[0].text));
  REQUIRE(verdict.answer == Answer::Refuted);
  CHECK(verdict.details.size() == traps);
  CHECK(verdict.details[0].text.find(where) != std::string::npos);
}

const std::string kIn = "allow pay Client.bank -> Client.wallet by trader\n", kOut = "allow pay Client.wallet -> Client.bank by trader";

}  // namespace

TEST_CASE("home: money that comes in can leave again, or is trapped", "[standing]") {
  gets_home(kIn + kOut);
  is_trapped(kIn, "Client in Client.wallet");
  is_trapped(kIn + kOut + " when amount > 2 USDC and amount < 1 USDC", "Client in Client.wallet");
  is_trapped(kIn + kOut + "\ndeny pay Client.wallet -> Client.bank when balance after(from) >= 0", "Client in Client.wallet");
  is_trapped(kIn + kOut + "\nallow lend Client.wallet -> Client.margin by trader", "Client in Client.margin");
  gets_home(kIn + kOut + "\nallow lend Client.wallet -> Client.margin by trader\nallow lend Client.margin -> Client.wallet by officer when amount <= 1 USDC");
}

TEST_CASE("home: it is the owner's own, after title has passed too", "[standing]") {
  gets_home(kIn + kOut + "\nallow sweep Client.wallet -> House.fees by officer passing title\nallow sweep House.fees -> House.suppliers by officer");
  is_trapped(kIn + kOut + "\nallow sweep Client.wallet -> House.fees by officer passing title", "House in House.fees");
  // Without `passing title` it is the client's, and the house's supplier is not its home.
  is_trapped(kIn + kOut + "\nallow sweep Client.wallet -> House.fees by officer\nallow sweep House.fees -> House.suppliers by officer", "Client in House.fees");
  gets_home(kIn + kOut + "\nallow lend Client.wallet -> other Client.wallet by trader");
  is_trapped(kIn + kOut + "\nallow lend Client.wallet -> other Client.margin by trader\nallow pay Client.margin -> Client.bank by trader", "of another Client");
  gets_home("bucket Bank.box\nallow pay Client.wallet -> Client.bank by trader\n" + kIn + "allow sweep Bank.box -> House.fees by officer passing title\n"
            "allow sweep House.fees -> House.suppliers by officer");   // the bank has no external: nothing is asked of its money
}

TEST_CASE("home: a mode can shut the way for good", "[standing]") {
  const std::string mode = "\nmode of Client : open, shut\n  open -> shut by officer";
  is_trapped(kIn + kOut + " when mode of Client is open" + mode, "Client is shut");
  gets_home(kIn + kOut + " when mode of Client is open" + mode + "\n  shut -> open by officer when approved by 2 of trader");
  is_trapped(kIn + kOut + " when mode of Client is open" + mode + "\n  shut -> open by officer when amount_due < 0 USDC\nfact amount_due of Client : amount of USDC", "Client is shut");
}
