// SPDX-License-Identifier: Apache-2.0
#include "verify/guess.h"

#include <algorithm>
#include <bit>

#include "verify/times.h"

namespace ringfence {
namespace {

/// One choice: each bit takes the low or the high value of a kind of slot.
struct Choice {
  bool large_amount, low_balances, low_facts, no_approvals, no_evidence, at_midnight;
};
constexpr unsigned kChoices = 64;
constexpr Choice choice(unsigned bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0};
}

constexpr Int128 kLargeAmount = Int128{1} << 40, kHighBalance = Int128{1} << 90, kHighTotal = Int128{1} << 95;

class Guess {
 public:
  Guess(const Arena& arena, const std::vector<Mask>& possible, const Move& move, const SlotKnowledge& known)
      : arena_(arena), possible_(possible), move_(move), known_(known), values_(move.slots.size()) {}

  bool allows(const Guarded& allow, const Choice& how) {
    amount_ = std::max<Int128>(how.large_amount ? kLargeAmount : 1, known_.taken);
    for (Index i = 0; i < values_.size(); ++i)
      if (!is_total(i)) values_[i] = simple_value(i, how);
    for (Index i = 0; i < values_.size(); ++i)
      if (is_total(i)) values_[i] = total(i, how);
    return funds_suffice() && holds(allow) && std::none_of(move_.denies.begin(), move_.denies.end(), [&](const Guarded& deny) { return holds(deny); }) &&
           std::all_of(move_.limits.begin(), move_.limits.end(), [&](const Guarded& limit) { return holds(limit); }) && !overflowed_;
  }

 private:
  bool is_total(Index slot) const { return move_.slots[slot].kind == SlotKind::BucketTotal || move_.slots[slot].kind == SlotKind::AccountTotal; }

  Int128 simple_value(Index index, const Choice& how) const {
    const Slot& slot = move_.slots[index];
    switch (slot.kind) {
      case SlotKind::Amount: return amount_;
      case SlotKind::TimeOfDay: return how.at_midnight ? 0 : kNoonSecond;
      case SlotKind::Now: return kFirstDayMs + (how.at_midnight ? 0 : kNoonSecond * 1'000);
      case SlotKind::Evidence: return how.no_evidence ? 0 : 1;
      case SlotKind::Approvals: return how.no_approvals ? 0 : static_cast<Int128>(kApprovalsMax);   // by persons who hold every role
      case SlotKind::Fact: return how.low_facts ? arena_.moves.vocabulary.facts[slot.target].min : arena_.moves.vocabulary.facts[slot.target].max;
      case SlotKind::Mode: return known_.mode[index] >= 0 ? Int128{known_.mode[index]} : Int128{std::countr_zero(possible_[slot.target])};
      case SlotKind::Balance: return how.low_balances ? least_balance(index) : kHighBalance;
      default: return 0;
    }
  }

  Int128 least_balance(Index index) const {
    return std::max<Int128>(known_.coins[index], index == move_.funds_slot ? amount_ + known_.left_at_source : 0);
  }

  Int128 total(Index index, const Choice& how) const {
    Int128 sum = known_.beyond[index];
    for (const Index balance : included_balances(arena_, move_.slots, index)) sum += values_[balance];
    sum = std::max<Int128>(sum, known_.coins[index]);
    return how.low_balances ? std::max<Int128>(sum, index == move_.funds_slot || index == move_.account_slot ? amount_ : 0) : std::max(sum, kHighTotal);
  }

  bool funds_suffice() const {
    if (known_.beyond_balance > 0 && amount_ - values_[move_.from_slot] < known_.beyond_balance) return false;
    if (move_.account_slot != kNone && values_[move_.account_slot] < amount_) return false;
    if (move_.funds_slot == kNone) return true;
    const bool is_account = is_total(move_.funds_slot);
    return values_[move_.funds_slot] - amount_ >= (is_account ? 0 : known_.left_at_source);
  }

  bool holds(const Guarded& guarded) {
    return std::all_of(guarded.clauses.begin(), guarded.clauses.end(), [&](const Clause& clause) {
      Index at = clause.nodes.empty() ? kTrue : 0;
      while (at != kTrue && at != kFalse) at = test_holds(clause.nodes[at].test) ? clause.nodes[at].if_true : clause.nodes[at].if_false;
      return at == kTrue;
    });
  }

  bool test_holds(const Test& test) {
    if (test.kind == TestKind::InSet) return (test.set >> static_cast<unsigned>(values_[test.terms[0].slot]) & 1) != 0;
    Int128 sum = test.constant;
    for (const Term& term : test.terms) {
      Int128 product = 0;
      overflowed_ |= __builtin_mul_overflow(Int128{term.coefficient}, values_[term.slot], &product);
      overflowed_ |= __builtin_add_overflow(sum, product, &sum);
    }
    return test.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
  }

  const Arena& arena_;
  const std::vector<Mask>& possible_;
  const Move& move_;
  const SlotKnowledge& known_;
  std::vector<Int128> values_;
  Int128 amount_ = 1;
  bool overflowed_ = false;
};

}  // namespace

bool some_values_allow(const Arena& arena, const std::vector<Mask>& possible, const Move& move, const SlotKnowledge& known, Index allow) {
  Guess guess(arena, possible, move, known);
  for (unsigned bits = 0; bits < kChoices; ++bits)
    if (guess.allows(move.allows[allow], choice(bits))) return true;
  return false;
}

}  // namespace ringfence
