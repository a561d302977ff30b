// SPDX-License-Identifier: Apache-2.0
// Language reference 4 to 8 as rows and programs: typed policies made by hand, and the dump of the moves that they lower to. Where
// a limit is proved, it is tested exactly at it and one past it.
#include <catch2/catch.hpp>

#include <fmt/core.h>

#include "tests/compiler/typed_sample.h"

namespace ringfence {
namespace {

using namespace small;

/// The dump from the first move on.
std::string moves_of(const TypedPolicy& p) {
  const std::string text = dump(lowered(p));
  const std::size_t begin = std::min(text.find("\nmove "), text.find("\ntransition "));
  const std::size_t end = text.find("\ndigest");
  return begin == std::string::npos || begin >= end ? "" : text.substr(begin + 1, end - begin);
}

/// The codes of the diagnostics, or "ok".
std::string codes_of(const TypedPolicy& p, const Limits& limits = {}) {
  const Passed<Moves> passed = lower(p, limits);
  std::string codes;
  for (const Diagnostic& d : passed.diagnostics) codes += (codes.empty() ? "" : " ") + d.code;
  CHECK(passed.artefact.has_value() == codes.empty());
  return codes.empty() ? "ok" : codes;
}

/// The nodes of one guard on the move wallet -> margin of one client, one a line; a slot is named by its kind.
std::string program_of(Guard guard, Pair pair = kFunding) {
  const Moves moves = lowered(policy({allow(std::move(pair), kTrader, {std::move(guard)})}));
  const Move& move = moves.moves.at(0);
  std::string out;
  const auto target = [](Index t) { return t == kTrue ? std::string("T") : t == kFalse ? std::string("F") : std::to_string(t); };
  for (const Node& node : move.allows.at(0).clauses.at(0).nodes) {
    for (const Term& term : node.test.terms) out += fmt::format("{} {}, ", term.coefficient, print(moves.vocabulary, move.slots[term.slot]));
    const char* kind = node.test.kind == TestKind::AtLeastZero ? ">=0" : node.test.kind == TestKind::IsZero ? "=0" : "in";
    out += fmt::format("{} {}{} ? {} : {}\n", to_string(node.test.constant), kind, node.test.kind == TestKind::InSet ? std::to_string(node.test.set) : "",
                       target(node.if_true), target(node.if_false));
  }
  return out;
}

TEST_CASE("A rule becomes rows with the balances that every decision needs", "[lower]") {
  CHECK(moves_of(policy({allow(kFunding, kTrader | kRisk)})) ==
        "move allocate Client.wallet -> Client.margin same Client of USDC by trader,risk\n"
        "  s0 balance(Client.wallet[from.0]) in USDC\n"
        "  s1 balance(Client.margin[from.0,to.1]) in USDC\n"
        "  s2 total(House.money[]) in USDC\n"                       // House.desk may overdraw that account
        "  funds 0 and 2 from 0 to 1\n"
        "  allow statement 0\n");
  CHECK(moves_of(policy({allow({kBank, kFees, {}}, kTrader)})) ==
        "move allocate Client.bank -> House.fees of USDC by trader\n"
        "  s0 balance(House.fees[]) in USDC\n"
        "  funds - from - to 0\n"
        "  allow statement 0\n");
  CHECK(moves_of(policy({allow({kDesk, kBank, {}}, kTrader)})) ==
        "move allocate House.desk -> Client.bank of USDC by trader\n"
        "  s0 balance(House.desk[]) in USDC\n"
        "  s1 total(House.money[]) in USDC\n"
        "  funds 1 from 0 to -\n"
        "  allow statement 0\n");
}

TEST_CASE("Rows are the product of relations, purposes and assets, without moves of an instance to itself", "[lower]") {
  TypedRule all = allow({kMargin, kMargin, {Match::Any, Match::Any}}, kTrader);
  all.purposes = {0, 1};
  all.assets = {kUsdc, kEur};
  const Moves moves = lowered(policy({all}));
  REQUIRE(moves.moves.size() == 3 * 2 * 2);
  std::vector<std::array<Index, 3>> seen;
  for (const Move& move : moves.moves) seen.push_back({move.relation, move.purpose, move.asset});
  CHECK(std::is_sorted(seen.begin(), seen.end()));
  CHECK(seen.front() == std::array<Index, 3>{1, 0, 0});
  CHECK(moves_of(policy({allow({kFees, kFees, {}}, kTrader)})).empty());
  CHECK(moves_of(policy({allow({kMargin, kMargin, {Match::Same, Match::Same}}, kTrader)})).empty());
}

TEST_CASE("Roles that the same rules speak of share a row; others are split off", "[lower]") {
  TypedRule wide = allow(kFunding, kTrader | kRisk | kTreasurer), passing = allow(kFunding, kRisk);
  passing.passing_title = true;
  CHECK(moves_of(policy({wide, passing, deny(kFunding, kTreasurer | kRisk)})) ==
        "move allocate Client.wallet -> Client.margin same Client of USDC by trader\n"
        "  s0 balance(Client.wallet[from.0]) in USDC\n  s1 balance(Client.margin[from.0,to.1]) in USDC\n  s2 total(House.money[]) in USDC\n  funds 0 and 2 from 0 to 1\n"
        "  allow statement 0\n"
        "move allocate Client.wallet -> Client.margin same Client of USDC by risk\n"
        "  s0 balance(Client.wallet[from.0]) in USDC\n  s1 balance(Client.margin[from.0,to.1]) in USDC\n  s2 total(House.money[]) in USDC\n  funds 0 and 2 from 0 to 1\n"
        "  allow statement 0\n  allow statement 1 passing title\n  deny statement 2\n"
        "move allocate Client.wallet -> Client.margin same Client of USDC by treasurer\n"
        "  s0 balance(Client.wallet[from.0]) in USDC\n  s1 balance(Client.margin[from.0,to.1]) in USDC\n  s2 total(House.money[]) in USDC\n  funds 0 and 2 from 0 to 1\n"
        "  allow statement 0\n  deny statement 2\n");
}

TEST_CASE("Only an allow makes a row: a deny beyond it is dropped, and one for other words does not touch it", "[lower]") {
  TypedRule elsewhere = deny({kWallet, kFees, {}}, kTrader), other_purpose = deny(kFunding, kTrader), other_asset = deny(kFunding, kTrader);
  other_purpose.purposes = {1};
  other_asset.assets = {kEur};
  const TypedRule other_client = deny({kWallet, kMargin, {Match::Other}}, kTrader), other_role = deny(kFunding, kRisk);
  const Moves moves = lowered(policy({allow(kFunding, kTrader), elsewhere, other_purpose, other_asset, other_client, other_role}));
  REQUIRE(moves.moves.size() == 1);
  CHECK(moves.moves[0].denies.empty());
  CHECK(moves.statements.size() == 6);
}

TEST_CASE("A comparison becomes whole numbers against zero", "[lower]") {
  struct Row { LinearSum left; Comparator comparator; LinearSum right; const char* expected; };
  using enum Comparator;
  LinearSum twice = quantity(amount());
  twice.terms.push_back({{1, 1}, fact(kFeeDue)});
  twice.terms.push_back({{-3, 1}, amount()});
  LinearSum cancelled = quantity(amount());
  cancelled.terms.push_back({{-1, 1}, amount()});
  const std::vector<Row> rows = {
      {quantity(amount()), LessEqual, number(7), "-1 amount, 7 >=0 ? T : F\n"},
      {quantity(amount()), Less, number(7), "-1 amount, 6 >=0 ? T : F\n"},
      {quantity(amount()), GreaterEqual, number(7), "1 amount, -7 >=0 ? T : F\n"},
      {quantity(amount()), Greater, number(7), "1 amount, -8 >=0 ? T : F\n"},
      {quantity(amount()), Equal, number(7), "1 amount, -7 =0 ? T : F\n"},
      {quantity(amount()), NotEqual, number(7), "1 amount, -7 =0 ? F : T\n"},
      // Fractions: by the common denominator, and `<` afterwards.
      {quantity(amount(), 1, 4), Less, quantity(fact(kFeeDue), 1, 6), "-3 amount, 2 fact(fee_due[from.0]), -1 >=0 ? T : F\n"},
      {quantity(amount(), 1, 3), GreaterEqual, number(5, 2), "2 amount, -15 >=0 ? T : F\n"},
      {quantity(amount(), 3, 1), LessEqual, number(1, 2), "-6 amount, 1 >=0 ? T : F\n"},
      // Like terms are one term; what cancels is gone.
      {twice, GreaterEqual, number(0), "-2 amount, 1 fact(fee_due[from.0]), 0 >=0 ? T : F\n"},
      {cancelled, GreaterEqual, number(0), ""},
      {cancelled, Greater, number(0), "-1 >=0 ? T : F\n"},
      {number(3), NotEqual, number(6, 2), "-1 >=0 ? T : F\n"},
      {number(3), Less, number(10, 3), ""},
  };
  for (const Row& row : rows) CHECK(program_of(comparison(row.left, row.comparator, row.right)) == row.expected);
}

TEST_CASE("`after` is the value before and this transfer's part in it", "[lower]") {
  struct Row { Pair pair; Quantity quantity; const char* expected; };
  const auto total = [](QuantityKind kind, Index target, std::vector<bool> summed, Index asset = kNone) {
    return Quantity{kind, {false, target, Side::Either, std::move(summed)}, asset, true};
  };
  const Pair within{kMargin, kBook, {Match::Same, Match::Other}}, out{kWallet, kBank, {Match::Same}}, mates{kWallet, kDesk, {}};
  const auto bucket = QuantityKind::BucketTotal, account = QuantityKind::AccountTotal;
  const std::vector<Row> rows = {
      {kFunding, endpoint(Side::From, true), "-1 amount, 1 balance(Client.wallet[from.0]) in USDC, 0 >=0 ? T : F\n"},
      {kFunding, endpoint(Side::To, true), "1 amount, 1 balance(Client.margin[from.0,to.1]) in USDC, 0 >=0 ? T : F\n"},
      {kFunding, total(bucket, kWallet, {true}), "-1 amount, 1 total(Client.wallet[*]) in USDC, 0 >=0 ? T : F\n"},
      {kFunding, total(bucket, kWallet, {false}), "-1 amount, 1 balance(Client.wallet[from.0]) in USDC, 0 >=0 ? T : F\n"},
      {kFunding, total(bucket, kMargin, {false, true}), "1 amount, 1 total(Client.margin[from.0,*]) in USDC, 0 >=0 ? T : F\n"},
      {kFunding, total(bucket, kMargin, {false, true}, kEur), "1 total(Client.margin[from.0,*]) in EUR, 0 >=0 ? T : F\n"},
      {kFunding, total(account, kVault, {}), "1 amount, 1 total(Client.vault[from.0]) in USDC, 0 >=0 ? T : F\n"},
      {within, total(account, kVault, {}), "1 total(Client.vault[from.0]) in USDC, 0 >=0 ? T : F\n"},
      {mates, total(account, kMoney, {}), "1 total(House.money[]) in USDC, 0 >=0 ? T : F\n"},
      {out, total(account, kMoney, {}), "-1 amount, 1 total(House.money[]) in USDC, 0 >=0 ? T : F\n"},
  };
  for (const Row& row : rows) CHECK(program_of(comparison(quantity(row.quantity), Comparator::GreaterEqual, number(0)), row.pair) == row.expected);
}

TEST_CASE("Every kind of condition has its test", "[lower]") {
  CHECK(program_of(mode_is(kClientMode, 5)) == "1 mode(Client[from.0]), 0 in5 ? T : F\n");
  CHECK(program_of(flag(kConsent)) == "1 fact(consent[from.0]), -1 >=0 ? T : F\n");
  CHECK(program_of(approved(kRisk | kTreasurer, 2)) == "1 approvals{risk,treasurer}, -2 >=0 ? T : F\n");
  CHECK(program_of(evidence(3)) == "1 evidence(notice), -1 >=0 ? 1 : F\n1 evidence(proof), -1 >=0 ? T : F\n");
  CHECK(program_of(between(100, 200)) == "1 time_of_day, -100 >=0 ? 1 : F\n-1 time_of_day, 199 >=0 ? T : F\n");
  CHECK(program_of(between(200, 100)) == "1 time_of_day, -200 >=0 ? T : 1\n-1 time_of_day, 99 >=0 ? T : F\n");
}

TEST_CASE("And, or and not become forward jumps", "[lower]") {
  const Guard a = mode_is(kSystemMode, 1), b = flag(kConsent), c = mode_is(kClientMode, 2), yes = comparison(number(1), Comparator::Less, number(2));
  const std::string ta = "1 mode(system[]), 0 in1 ? ", tb = "1 fact(consent[from.0]), -1 >=0 ? ", tc = "1 mode(Client[from.0]), 0 in2 ? ";
  const Guard no = parts(GuardKind::Not, {yes});
  const auto all = GuardKind::All, any = GuardKind::AnyOf, negation = GuardKind::Not;
  CHECK(program_of(parts(all, {parts(any, {a, b}), c})) == ta + "2 : 1\n" + tb + "2 : F\n" + tc + "T : F\n");
  CHECK(program_of(parts(any, {parts(all, {a, b}), c})) == ta + "1 : 2\n" + tb + "T : 2\n" + tc + "T : F\n");
  CHECK(program_of(parts(negation, {parts(all, {a, b})})) == ta + "1 : T\n" + tb + "F : T\n");
  CHECK(program_of(parts(negation, {parts(any, {a, parts(negation, {b})})})) == ta + "F : 1\n" + tb + "T : F\n");
  CHECK(program_of(parts(negation, {between(1, 2)})) == "1 time_of_day, -1 >=0 ? 1 : T\n-1 time_of_day, 1 >=0 ? F : T\n");
  // Constants are folded away, and a program that is constant is empty or one failing test.
  CHECK(program_of(parts(all, {yes, a})) == ta + "T : F\n");
  CHECK(program_of(parts(any, {no, a, no, b})) == ta + "T : 1\n" + tb + "T : F\n");
  CHECK(program_of(parts(any, {a, yes})).empty());
  CHECK(program_of(parts(all, {a, no})) == "-1 >=0 ? T : F\n");
}

TEST_CASE("A floor reads the source's balance and its own ids, and lets through what `unless` holds for", "[lower]") {
  TypedPolicy p = policy({allow({kMargin, kMargin, {Match::Any, Match::Any}}, kTrader)});
  TypedFloor floor{{2, "floor", "", "", 0}, {30, 40}, kMargin, {kUsdc}, quantity(fact(kMaintenance)), when({mode_is(kMarginMode, 2), flag(kConsent)})};
  TypedFloor other_asset = floor, plain = floor;
  other_asset.assets = {kEur};
  plain.unless.clear();
  plain.minimum = number(5);
  TypedFloor other_bucket = plain;
  other_bucket.bucket = kWallet;
  p.floors = {floor, other_asset, other_bucket, plain};
  p.rules[0].pairs[0].matches = {Match::Same, Match::Other};
  CHECK(moves_of(p) ==
        "move allocate Client.margin -> Client.margin same Client other Position of USDC by trader\n"
        "  s0 balance(Client.margin[from.0,from.1]) in USDC\n"
        "  s1 balance(Client.margin[from.0,to.1]) in USDC\n"
        "  s2 fact(maintenance[from.0,from.1])\n"
        "  s3 fact(consent[from.0])\n"
        "  s4 mode(Client.margin[from.0,from.1])\n"
        "  funds 0 from 0 to 1\n"
        "  allow statement 0\n"
        "  floor statement 1\n"
        "    clause \"floor\"\n"
        "      0: 1*s4 + 0 in 0x2 ? 1 : 2\n"
        "      1: 1*s3 + -1 >= 0 ? true : 2\n"
        "      2: 1*s0 + -1*s2 + 0 >= 0 ? true : false\n"
        "  floor statement 4\n"
        "    clause \"floor\"\n"
        "      0: 1*s0 + -5 >= 0 ? true : false\n");
}

TEST_CASE("A limit bounds what is counted with this amount, in its asset, purposes and pairs", "[lower]") {
  TypedPolicy p = policy({allow(kFunding, kTrader)});
  TypedLimit limit{{3, "limit", "", "", 0}, {50, 60}, {0, 1}, {{kWallet, kMargin, {Match::Any}}, {kFees, kWallet, {}}}, kUsdc, {kClient, kPosition}, number(900), 0,
                   when({approved(kTreasurer, 1)})};
  TypedLimit in_total = limit, other_purpose = limit, other_asset = limit;
  in_total.per.clear();
  in_total.unless.clear();
  in_total.window_ms = 1000;
  other_purpose.purposes = {1};
  other_asset.asset = kEur;
  p.limits = {limit, other_purpose, other_asset, in_total};
  CHECK(moves_of(p) ==
        "move allocate Client.wallet -> Client.margin same Client of USDC by trader\n"
        "  s0 amount\n"
        "  s1 approvals{treasurer}\n"
        "  s2 balance(Client.wallet[from.0]) in USDC\n"
        "  s3 balance(Client.margin[from.0,to.1]) in USDC\n"
        "  s4 total(House.money[]) in USDC\n"
        "  s5 used(limit 0[from.0,to.1]) in USDC\n"
        "  s6 used(limit 3[]) in USDC\n"
        "  funds 2 and 4 from 2 to 3\n"
        "  allow statement 0\n"
        "  limit statement 1\n"
        "    clause \"limit\"\n"
        "      0: 1*s1 + -1 >= 0 ? true : 1\n"
        "      1: -1*s0 + -1*s5 + 900 >= 0 ? true : false\n"
        "  limit statement 4\n"
        "    clause \"limit\"\n"
        "      0: -1*s0 + -1*s6 + 900 >= 0 ? true : false\n");
  const Moves moves = lowered(p);
  REQUIRE(moves.limits.size() == 4);
  CHECK(moves.limits[3] == LimitWindow{4, kUsdc, {}, 1000});
}

TEST_CASE("A transition reads its subject's values", "[lower]") {
  TypedPolicy p = policy({});
  Quantity balance{QuantityKind::Balance, {false, kMargin, Side::Either, {}}, kUsdc, false};
  p.transitions = {{{4, "normal -> called", "", "", 0}, {70, 80}, kMarginMode, 1, 1, kRisk,
                    when({comparison(quantity(balance), Comparator::Less, quantity(fact(kMaintenance))), mode_is(kClientMode, 1)}), {}}};
  CHECK(moves_of(p) ==
        "transition of Client.margin: normal -> called by risk\n"
        "  s0 balance(Client.margin[from.0,from.1]) in USDC\n"
        "  s1 fact(maintenance[from.0,from.1])\n"
        "  s2 mode(Client[from.0])\n"
        "  when statement 0\n"
        "    clause \"c\"\n"
        "      0: -1*s0 + 1*s1 + -1 >= 0 ? true : false\n"
        "    clause \"c\"\n"
        "      0: 1*s2 + 0 in 0x1 ? true : false\n");
}

TEST_CASE("A comparison compiles exactly as long as it can't overflow", "[lower]") {
  constexpr std::int64_t kWide = std::int64_t{1} << 31;   // 2^31 * (2^96 - 1) = 2^127 - 2^31
  const auto codes = [](LinearSum left, Comparator comparator, LinearSum right) {
    return codes_of(policy({allow(kFunding, kTrader, {comparison(std::move(left), comparator, std::move(right))})}));
  };
  using enum Comparator;
  CHECK(codes(quantity(amount(), kWide), GreaterEqual, number(-(kWide - 1))) == "ok");
  CHECK(codes(quantity(amount(), kWide), GreaterEqual, number(-kWide)) == "E0401");
  CHECK(codes(quantity(amount(), kWide), GreaterEqual, number(kWide - 1)) == "ok");
  CHECK(codes(quantity(amount(), kWide), Greater, number(kWide - 1)) == "E0401");       // `>` takes one more
  CHECK(codes(quantity(amount(), kWide), Greater, number(kWide - 2)) == "ok");
  CHECK(codes(quantity(amount(), kWide + 1), GreaterEqual, number(0)) == "E0401");
  CHECK(codes(quantity(amount(), kWide, 3), GreaterEqual, number(1, 3)) == "ok");
  CHECK(codes(quantity(amount(), kWide, 3), GreaterEqual, number(1, 6)) == "E0401");     // scaled by 6, not by 3
  CHECK(codes(number(kInt128Max), GreaterEqual, number(0)) == "ok");
  CHECK(codes(number(kInt128Max), GreaterEqual, number(-1)) == "E0402");
  CHECK(codes(number(-kInt128Max - 1), GreaterEqual, number(0)) == "E0401");
  CHECK(codes(number(0), GreaterEqual, number(-kInt128Max - 1)) == "E0401");
}

TEST_CASE("A fact's range bounds it, by its larger end", "[lower]") {
  constexpr Int128 kHalf = Int128{1} << 126;
  const auto codes = [](Int128 min, Int128 max) {
    TypedPolicy p = policy({allow(kFunding, kTrader, {comparison(quantity(fact(kPrice), 2), Comparator::GreaterEqual, number(-1))})});
    p.vocabulary.facts[kPrice].min = min;
    p.vocabulary.facts[kPrice].max = max;
    return codes_of(p);
  };
  CHECK(codes(0, kHalf - 1) == "ok");
  CHECK(codes(0, kHalf) == "E0401");
  CHECK(codes(-kHalf + 1, 5) == "ok");
  CHECK(codes(-kHalf, 5) == "E0401");
}

TEST_CASE("A factor compiles up to 2^62", "[lower]") {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  const auto codes = [](std::int64_t numerator, std::int64_t denominator, LinearSum right) {
    return codes_of(policy({allow(kFunding, kTrader, {comparison(quantity(fact(kPrice), numerator, denominator), Comparator::GreaterEqual, std::move(right))})}));
  };
  CHECK(codes(kMost, 1, number(0)) == "ok");
  CHECK(codes(-kMost, 1, number(0)) == "ok");
  CHECK(codes(kMost - 1, kMost - 3, quantity(fact(kPrice), 1, 7)) == "E0402");
  CHECK(codes(kMost, 1, quantity(fact(kPrice), -1, 1)) == "E0402");
  CHECK(codes(1, kMost - 1, quantity(fact(kFeeDue), 1, kMost - 3)) == "ok");
  CHECK(codes(1, kMost - 1, quantity(fact(kFeeDue), 1, kMost)) == "ok");
  CHECK(codes(1, kMost - 1, number(1, kMost - 3)) == "ok");
}

/// A vocabulary with `count` facts of the client, numbered 0 to count - 1.
TypedPolicy with_facts(std::size_t count) {
  TypedPolicy p = policy({allow(kFunding, kTrader)});
  const Fact like = p.vocabulary.facts[kConsent];
  p.vocabulary.facts.assign(count, like);
  return p;
}

TEST_CASE("A comparison has at most 32 terms, a move at most 64 values", "[lower]") {
  const auto terms = [](std::size_t count) {
    TypedPolicy p = with_facts(count);
    LinearSum sum;
    for (Index i = 0; i < count; ++i) sum.terms.push_back({{1, 1}, fact(i)});
    p.rules[0].conditions = when({comparison(sum, Comparator::GreaterEqual, number(1))});
    return codes_of(p);
  };
  CHECK(terms(kTermsMax) == "ok");
  CHECK(terms(kTermsMax + 1) == "E0403");
  const auto values = [](std::size_t count, std::size_t rules) {
    TypedPolicy p = with_facts(count);
    p.rules.assign(rules, p.rules[0]);
    for (Index i = 0; i < count; ++i) p.rules[i % rules].conditions.push_back({flag(i), "c", {10, 20}});
    return codes_of(p);
  };
  CHECK(values(kSlotsMax - 3, 1) == "ok");      // the two balances and the total of the account are values too
  CHECK(values(kSlotsMax - 2, 1) == "E0404");
  CHECK(values(kSlotsMax + 1, 1) == "E0404");
  CHECK(values(kSlotsMax - 3, 3) == "ok");
  CHECK(values(kSlotsMax - 2, 3) == "E0404");
}

TEST_CASE("The number of moves is limited, and so is the work to find them", "[lower]") {
  TypedRule all = allow({kMargin, kMargin, {Match::Any, Match::Any}}, kTrader);
  all.purposes = {0, 1};
  all.assets = {kUsdc, kEur};
  Limits limits;
  limits.moves = 12;
  CHECK(codes_of(policy({all}), limits) == "ok");
  limits.moves = 11;
  CHECK(codes_of(policy({all}), limits) == "E0405");
  limits.moves = 12;
  CHECK(codes_of(policy(std::vector<TypedRule>(100, all)), limits) == "E0405");
}

TEST_CASE("A problem is reported once, at its condition, and only so many are", "[lower]") {
  const Guard bad = comparison(quantity(amount(), std::int64_t{1} << 40), Comparator::GreaterEqual, number(0));
  TypedPolicy p = policy({allow({kMargin, kMargin, {Match::Any, Match::Any}}, kTrader, {bad})});
  const Passed<Moves> passed = lower(p);
  REQUIRE(passed.diagnostics.size() == 1);
  CHECK(passed.diagnostics[0].range == SourceRange{10, 20});
  CHECK(passed.diagnostics[0].message.find("1099511627776 * `amount`") != std::string::npos);
  for (std::uint32_t i = 0; i < 150; ++i) {
    p.rules.push_back(p.rules[0]);
    p.rules.back().conditions[0].where = {100 + i, 200 + i};
  }
  CHECK(lower(p).diagnostics.size() == Limits{}.diagnostics);
}

TEST_CASE("A statement that no move needs must compile all the same", "[lower]") {
  const Guard bad = comparison(quantity(amount(), std::int64_t{1} << 40), Comparator::GreaterEqual, number(0));
  CHECK(codes_of(policy({deny({kWallet, kFees, {}}, kTrader, {bad})})) == "E0401");
  TypedPolicy p = policy({});
  p.floors = {{{2, "floor", "", "", 0}, {30, 40}, kMargin, {kUsdc}, quantity(fact(kMaintenance), std::int64_t{1} << 40), {}}};
  CHECK(codes_of(p) == "E0401");
  p.floors.clear();
  p.limits = {{{3, "limit", "", "", 0}, {50, 60}, {0}, {kFunding}, kUsdc, {}, quantity(fact(kMaintenance), std::int64_t{1} << 40), 0, {}}};
  CHECK(codes_of(p) == "E0401");
}

TEST_CASE("A reference that is open on some relation is reported, not guessed", "[lower]") {
  const Guard due = comparison(quantity(amount()), Comparator::LessEqual, quantity(fact(kFeeDue)));
  CHECK(codes_of(policy({allow(kFunding, kTrader, {due})})) == "ok");
  CHECK(codes_of(policy({allow({kWallet, kMargin, {Match::Any}}, kTrader, {due})})) == "E0305");
}

}  // namespace
}  // namespace ringfence
