// SPDX-License-Identifier: Apache-2.0
// Language reference 6 and 7, for any guard at all: random trees over every kind of condition, lowered, and the program run beside the
// tree on random values. They must agree, and every jump must go forward.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "tests/compiler/typed_sample.h"

namespace ringfence {
namespace {

using namespace small;

/// Values of the few quantities that random guards read; `after` by its definition.
struct Values { Int128 amount = 0, from = 0, to = 0, due = 0, price = 0, approvals = 0, seconds = 0, now = 0; unsigned mode = 0; Mask evidence = 0; bool consent = false; };

Int128 value_of(const Quantity& q, const Values& x) {
  if (q.kind == QuantityKind::Amount) return x.amount;
  if (q.kind == QuantityKind::Now) return x.now;
  if (q.kind == QuantityKind::Fact) return q.reference.target == kFeeDue ? x.due : x.price;
  const bool source = q.reference.side == Side::From;
  return (source ? x.from : x.to) + (q.after ? (source ? -x.amount : x.amount) : 0);
}

constexpr Int128 kCommon = 2 * 2 * 3 * 5 * 7;   // of all denominators that random guards have
Int128 sum_of(const LinearSum& sum, const Values& x) {
  Int128 total = sum.constant_numerator * (kCommon / sum.constant_denominator);
  for (const LinearTerm& term : sum.terms) total += term.coefficient.numerator * (kCommon / term.coefficient.denominator) * value_of(term.quantity, x);
  return total;
}

bool holds(const Guard& g, const Values& x) {
  const auto part_holds = [&](const Guard& part) { return holds(part, x); };
  switch (g.kind) {
    case GuardKind::All: return std::all_of(g.parts.begin(), g.parts.end(), part_holds);
    case GuardKind::AnyOf: return std::any_of(g.parts.begin(), g.parts.end(), part_holds);
    case GuardKind::Not: return !holds(g.parts[0], x);
    case GuardKind::Flag: return x.consent;
    case GuardKind::ModeIs: return (g.modes >> x.mode & 1) != 0;
    case GuardKind::Approved: return x.approvals >= g.count;
    case GuardKind::HasEvidence: return (g.evidence & ~x.evidence) == 0;
    case GuardKind::TimeBetween:
      return g.start_second <= g.end_second ? x.seconds >= g.start_second && x.seconds < g.end_second : x.seconds >= g.start_second || x.seconds < g.end_second;
    case GuardKind::Compare: break;
  }
  const Int128 left = sum_of(g.left, x), right = sum_of(g.right, x);
  switch (g.comparator) {
    case Comparator::Less: return left < right;
    case Comparator::LessEqual: return left <= right;
    case Comparator::Equal: return left == right;
    case Comparator::NotEqual: return left != right;
    case Comparator::GreaterEqual: return left >= right;
    case Comparator::Greater: return left > right;
  }
  return false;
}

Int128 value_of(const Slot& slot, const Values& x) {
  switch (slot.kind) {
    case SlotKind::Amount: return x.amount;
    case SlotKind::TimeOfDay: return x.seconds;
    case SlotKind::Now: return x.now;
    case SlotKind::Approvals: return x.approvals;
    case SlotKind::Evidence: return (x.evidence >> slot.target & 1) != 0 ? 1 : 0;
    case SlotKind::Balance: return slot.target == kWallet ? x.from : x.to;
    case SlotKind::Fact: return slot.target == kFeeDue ? x.due : slot.target == kPrice ? x.price : x.consent ? 1 : 0;
    case SlotKind::Mode: return static_cast<Int128>(x.mode);
    case SlotKind::BucketTotal: case SlotKind::AccountTotal: case SlotKind::Used: break;
  }
  FAIL("a slot that no random guard reads");
  return 0;
}

bool runs_true(const Clause& clause, const std::vector<Slot>& slots, const Values& x) {
  Index at = clause.nodes.empty() ? kTrue : 0;
  while (at != kTrue && at != kFalse) {
    const Node& node = clause.nodes.at(at);
    Int128 sum = node.test.constant;
    for (const Term& term : node.test.terms) sum += term.coefficient * value_of(slots.at(term.slot), x);
    const bool passed = node.test.kind == TestKind::AtLeastZero ? sum >= 0 : node.test.kind == TestKind::IsZero ? sum == 0 : (node.test.set >> static_cast<unsigned>(sum) & 1) != 0;
    const Index next = passed ? node.if_true : node.if_false;
    REQUIRE(next > at);
    at = next;
  }
  return at == kTrue;
}

class RandomGuards {
 public:
  explicit RandomGuards(std::uint32_t seed) : random_(seed) {}

  Guard guard(unsigned depth) {
    const int kind = depth == 0 ? upto(5) + 3 : upto(8);
    if (kind < 2) return parts(kind == 0 ? GuardKind::All : GuardKind::AnyOf, several(depth));
    if (kind == 2) return parts(GuardKind::Not, {guard(depth - 1)});
    if (kind == 3) return flag(kConsent);
    if (kind == 4) return mode_is(kClientMode, static_cast<Mask>(upto(7)));
    if (kind == 5) return approved(kTreasurer, static_cast<std::uint32_t>(upto(3)));
    if (kind == 6) return evidence(static_cast<Mask>(upto(2)) + 1);
    if (kind == 7) return between(static_cast<std::uint32_t>(upto(9)), static_cast<std::uint32_t>(upto(9)));
    return comparison(sum(), static_cast<Comparator>(upto(5)), sum());
  }

  Values values() {
    return {upto(12) + 1, upto(24) - 4, upto(24) - 4, upto(9), upto(30) - 20, upto(3), upto(9), upto(9), static_cast<unsigned>(upto(2)), static_cast<Mask>(upto(3)), upto(1) == 1};
  }

 private:
  int upto(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  std::vector<Guard> several(unsigned depth) {
    std::vector<Guard> list;
    for (int i = upto(2); i >= 0; --i) list.push_back(guard(depth - 1));
    return list;
  }
  Rational fraction() {
    static constexpr std::int64_t kDenominators[] = {1, 1, 2, 3, 4, 5, 7};
    return {upto(8) - 4, kDenominators[upto(6)]};
  }
  LinearSum sum() {
    const Quantity all[] = {amount(), endpoint(Side::From), endpoint(Side::To), endpoint(Side::From, true), endpoint(Side::To, true), fact(kFeeDue), fact(kPrice),
                            {QuantityKind::Now, {}, kNone, false}};
    const Rational constant = fraction();
    LinearSum s{{}, constant.numerator * 3, constant.denominator};
    for (int i = upto(3); i > 0; --i) s.terms.push_back({fraction(), all[upto(7)]});
    return s;
  }
  std::mt19937 random_;
};

TEST_CASE("The program of any guard says what its tree says", "[lower]") {
  RandomGuards random(20260105);
  std::size_t held = 0, runs = 0;
  for (int i = 0; i < 5000; ++i) {
    const Guard guard = random.guard(4);
    const Moves moves = lowered(policy({allow(kFunding, kTrader, {guard})}));
    const Move& move = moves.moves.at(0);
    for (int j = 0; j < 20; ++j) {
      const Values x = random.values();
      const bool expected = holds(guard, x);
      if (runs_true(move.allows[0].clauses[0], move.slots, x) != expected) FAIL("guard " << i << " says otherwise:\n" << dump(moves));
      held += expected;
      ++runs;
    }
  }
  CHECK(runs == 100'000);
  CHECK(held > runs / 10);          // both answers are met often
  CHECK(held < runs - runs / 10);
}

}  // namespace
}  // namespace ringfence
