// SPDX-License-Identifier: Apache-2.0
// What a change of policy is said to change: the shipped policies against themselves and against mutants, each kind of change by a small
// pair, what can't be compared, and flows.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/shipped_policies.h"
#include "tests/verify/proof.h"
#include "verify/diff.h"
#include "verify/diff_words.h"

using namespace ringfence;
using test::table_of;
using test::with_world;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  INFO("looking for " << what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

Difference compare(const std::string& older, const std::string& newer) { return diff(table_of(older), table_of(newer)); }

std::vector<const ChangeClass*> of_kind(const Difference& difference, Change change) {
  std::vector<const ChangeClass*> found;
  for (const ChangeClass& each : difference.classes)
    if (each.change == change) found.push_back(&each);
  return found;
}

/// The one class that there is.
const ChangeClass& only(const Difference& difference, Change change) {
  REQUIRE(difference.classes.size() == 1);
  const ChangeClass& found = difference.classes[0];
  INFO(found.unknown);
  CHECK(found.change == change);
  REQUIRE(found.example);
  return found;
}

const std::string kWallets = R"(
allow pay  Client.bank -> Client.wallet by trader
allow lend Client.wallet -> Client.bank by trader when amount <= 10 USDC
)";

}  // namespace

TEST_CASE("each shipped policy is the same as itself", "[diff]") {
  for (const test::ShippedPolicy& policy : test::shipped_policies()) {
    const RuleTable table = test::table_of(policy);
    const Difference same = diff(table, table);
    INFO(policy.path);
    CHECK(same.same());
    CHECK(same.permits_no_more);
    CHECK(same.equal_moves > 0);
  }
}

TEST_CASE("a guard of a shipped policy widened by one is one class, with the transfer at the boundary", "[diff]") {
  const std::string text = test::shipped_policy("isolated_margin/policy.rf").text;
  const Difference wider = compare(text, replaced(text, "when amount <= 100_000 USDC or", "when amount <= 100_000.000001 USDC or"));
  const ChangeClass& found = only(wider, Change::Allowed);
  CHECK(found.example->amount == 100'000'000'001);
  CHECK(found.covers.size() == 1);
  CHECK(found.conditions[kNewer][0].size() == 1);
  CHECK_FALSE(wider.permits_no_more);
  CHECK(wider.flows.empty());
  const Difference narrower = compare(text, replaced(text, "when amount <= 100_000 USDC or", "when amount <= 99_999.999999 USDC or"));
  CHECK(only(narrower, Change::Denied).example->amount == 100'000'000'000);
  CHECK(narrower.permits_no_more);
  CHECK(narrower.obligations > 0);
}

TEST_CASE("other text of equal meaning is the same", "[diff]") {
  const std::string reordered = R"(
# the same rules the other way round, and a condition written otherwise
allow lend Client.wallet -> Client.bank by trader when not amount > 10 USDC
allow pay  Client.bank -> Client.wallet by trader cite "somewhere"
)";
  const Difference same = compare(with_world(kWallets), with_world(reordered));
  CHECK(same.same());
  CHECK(same.permits_no_more);
}

TEST_CASE("declarations in another order are the same", "[diff]") {
  const std::string rest = "bucket House.x may overdraw in Bank.pool\nfact due of Client : amount of USDC\nmode of Client : a, b\n  a -> b by trader\n"
                           "allow pay Client.wallet -> House.x by trader, officer when amount <= due and mode is b and approved by officer\n"
                           "limit pay per Client 5 USDC per day\nfloor Client.wallet >= due\nsegregate Client from House\n";
  const std::string one = with_world(replaced(rest, "may overdraw in Bank.pool", "in Bank.pool may overdraw"));
  std::string two = replaced(one, "role trader, officer, liquidator", "role liquidator, officer, trader");
  two = replaced(two, "bucket Client.wallet\nbucket Client.margin[Position]\n", "bucket Client.margin[Position]\nbucket Client.wallet\n");
  two = replaced(two, "entity Client many\nentity Position many\n", "entity Position many\nentity Client many\n");
  two = replaced(two, "purpose pay, lend, sweep", "purpose sweep, pay, lend");
  two = replaced(two, "segregate Client from House", "segregate House from Client");
  CHECK(compare(one, two).same());
}

TEST_CASE("a rule that is new, and one that is gone", "[diff]") {
  const std::string more = kWallets + "allow sweep Client.wallet -> House.fees by officer passing title when evidence slip\nevidence slip\n";
  const Difference added = compare(with_world(kWallets), with_world(more));
  const ChangeClass& found = only(added, Change::Allowed);
  CHECK(found.statements[kOlder].empty());
  CHECK(found.statements[kNewer].size() == 1);
  CHECK(found.example->evidence == 1);
  CHECK(found.example->decisions[kOlder].reason == Reason::NoRule);   // of the evidence the older is told nothing
  const Difference removed = compare(with_world(more), with_world(kWallets));
  only(removed, Change::Denied);
  CHECK(removed.permits_no_more);
}

TEST_CASE("a role more and a role less", "[diff]") {
  const Difference more = compare(with_world(kWallets), with_world(replaced(kWallets, "Client.wallet by trader", "Client.wallet by trader, officer")));
  const ChangeClass& found = only(more, Change::Allowed);
  CHECK(roles_in_words(more.joint.vocabulary(kNewer), found.covers[0].roles) == "officer");
  const Difference renamed = compare(with_world(kWallets), replaced(with_world(replaced(kWallets, "Client.wallet by trader", "Client.wallet by clerk")), "liquidator", "clerk"));
  CHECK(of_kind(renamed, Change::Allowed).size() == 1);
  CHECK(of_kind(renamed, Change::Denied).size() == 1);
  CHECK(std::any_of(renamed.declarations.begin(), renamed.declarations.end(), [](const DeclarationChange& each) { return each.words == "role clerk"; }));
}

TEST_CASE("title that is now kept, or passed", "[diff]") {
  const std::string fee = "allow sweep Client.wallet -> House.fees by officer";
  const Difference kept = compare(with_world(fee + " passing title"), with_world(fee));
  const ChangeClass& found = only(kept, Change::TitleMore);
  CHECK(found.example->passes[kOlder]);
  CHECK(found.example->keeps[kNewer]);
  CHECK_FALSE(kept.permits_no_more);
  REQUIRE(kept.flows.size() == 1);
  CHECK(kept.flows[0].added);
  REQUIRE(kept.flows[0].trace);
  CHECK(in_words(kept.joint, kept.flows[0].flow) == "USDC held for Client.wallet in House.fees");
  // Where either rule lets it through the proof assumes the worse, so that one rule less is one way less.
  const Difference less = compare(with_world(fee + " passing title\n" + fee), with_world(fee));
  only(less, Change::TitleLess);
  CHECK(less.permits_no_more);
}

TEST_CASE("a flow over two moves, each of which was there before in part", "[diff]") {
  const std::string before = "allow lend Client.wallet -> House.transit by trader\n";
  const std::string after = before + "allow sweep House.transit -> other Client.wallet by trader\n";
  const Difference more = compare(with_world(before), with_world(replaced(after, "House.transit -> other Client.wallet", "House.transit -> Client.wallet")));
  const auto crossing = std::find_if(more.flows.begin(), more.flows.end(), [&](const FlowChange& flow) {
    return in_words(more.joint, flow.flow) == "USDC held for Client.wallet in Client.wallet of another Client";
  });
  REQUIRE(crossing != more.flows.end());
  CHECK(crossing->path.size() == 2);
  CHECK(crossing->trace);
}

TEST_CASE("ranges and freshness: a value out of range denies", "[diff]") {
  const auto policy = [](const std::string& range) {
    return with_world("fact due of Client : amount of USDC " + range + "\nallow pay Client.wallet -> House.fees by trader when amount <= due or amount > 0 USDC\n");
  };
  const Difference wider = compare(policy("from 0 USDC to 5 USDC"), policy("from 0 USDC to 6 USDC"));
  const ChangeClass& found = only(wider, Change::Allowed);
  CHECK(found.example->decisions[kOlder].reason == Reason::ValueOutOfRange);
  CHECK(found.declarations == std::vector<std::string>{"fact due"});
  const Difference fresher = compare(policy("from 0 USDC to 5 USDC"), policy("from 0 USDC to 5 USDC, fresh within 10 s"));
  CHECK(only(fresher, Change::Denied).example->decisions[kNewer].reason == Reason::ValueStale);
  CHECK(fresher.permits_no_more);
}

TEST_CASE("a value that only one policy reads", "[diff]") {
  const std::string fact = "fact due of Client : amount of USDC\n";
  const Difference more = compare(with_world(fact + kWallets), with_world(fact + replaced(kWallets, "amount <= 10 USDC", "amount <= 10 USDC and due >= 0 USDC")));
  CHECK(more.classes.empty());
  CHECK(more.permits_no_more);
  REQUIRE(more.needs.size() == 1);
  CHECK(more.needs[0].added);
  CHECK_FALSE(more.same());
}

TEST_CASE("a mode that only the newer has", "[diff]") {
  const auto policy = [](const std::string& modes) {
    return with_world("mode of Client : " + modes + "\n  open -> shut by trader\nallow pay Client.wallet -> House.fees by trader when mode is not shut\n");
  };
  const Difference more = compare(policy("open, shut"), policy("open, shut, odd"));
  const ChangeClass& found = only(more, Change::Allowed);
  CHECK(found.example->decisions[kOlder].reason == Reason::ValueOutOfRange);
}

TEST_CASE("mode changes", "[diff]") {
  const auto policy = [](const std::string& by) { return with_world("mode of Client : open, shut\n  open -> shut by " + by + "\n"); };
  const Difference more = compare(policy("trader when approved by 2 of officer"), policy("trader when approved by officer"));
  const ChangeClass& found = only(more, Change::Allowed);
  CHECK_FALSE(found.example->kind.is_transfer);
  CHECK(found.example->approvals.size() == 1);
  CHECK(compare(policy("trader"), policy("trader")).same());
}

TEST_CASE("floors and limits", "[diff]") {
  const auto policy = [](const std::string& bound) { return with_world(kWallets + bound + "\n"); };
  CHECK(only(compare(policy("floor Client.wallet >= 1 USDC"), policy("")), Change::Allowed).example->decisions[kOlder].reason == Reason::Floor);
  CHECK(only(compare(policy("limit lend per Client 5 USDC per day"), policy("limit lend per Client 4 USDC per day")), Change::Denied).example->decisions[kNewer].reason == Reason::Limit);
  // The same cap over a longer time, or over more transfers, permits no more; the window is then never emptier.
  const Difference longer = compare(policy("limit lend per Client 5 USDC in any 24 h"), policy("limit lend per Client 5 USDC in any 48 h"));
  CHECK(longer.permits_no_more);
  CHECK(of_kind(longer, Change::Denied).size() == 1);
  CHECK(compare(policy("limit lend per Client 5 USDC per day"), policy("limit lend in total 5 USDC per day")).permits_no_more);
  CHECK(compare(policy("limit lend per Client 5 USDC per day\nlimit lend per Client 4 USDC per day"), policy("limit lend per Client 4 USDC per day")).same());
}

TEST_CASE("fences and accounts are compared by what they mean", "[diff]") {
  const Difference fence = compare(with_world(kWallets + "segregate Client from House\n"), with_world(kWallets + "segregate each Client\n"));
  CHECK(fence.declarations.size() == 2);
  CHECK(fence.permits_no_more);
  const Difference moved = compare(with_world(kWallets), replaced(with_world(kWallets), "bucket House.fees\n", "bucket House.fees in Bank.pool\n"));
  REQUIRE(moved.declarations.size() == 1);
  CHECK(moved.declarations[0].words == "bucket House.fees in Bank.pool (was: bucket House.fees)");
}

TEST_CASE("a bucket with other keys is another bucket", "[diff]") {
  const Difference other = compare(with_world(kWallets), replaced(with_world(kWallets), "bucket Client.wallet\n", "bucket Client.wallet[Position]\n"));
  CHECK(of_kind(other, Change::Denied).size() == 2);
  CHECK(of_kind(other, Change::Allowed).size() == 2);
}

TEST_CASE("more roles than a table can have are not compared", "[diff]") {
  std::string older = "role r0", newer = "role s0";
  for (int i = 1; i < 40; ++i) older += ", r" + std::to_string(i), newer += ", s" + std::to_string(i);
  const Difference refused = compare(with_world(older + "\n"), with_world(newer + "\n"));
  CHECK_FALSE(refused.joint.incomparable.empty());
  CHECK_FALSE(refused.same());
  CHECK_FALSE(refused.permits_no_more);
}
