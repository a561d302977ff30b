// SPDX-License-Identifier: Apache-2.0
// In: a sum of fractions of slots. Out: the integer test that has the same truth, like terms merged and constants folded, or why
// there is none: a coefficient beyond +-2^62, too many terms, or a value that could leave +-(2^127-1). Every step is checked.
#include "compiler/lower_compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

namespace ringfence {
namespace {

constexpr Int128 kCoefficientMax = Int128{1} << 62;
constexpr Int128 kSecondsMax = 86'399;

UInt128 magnitude(Int128 value) { return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value); }

Int128 greatest_common_divisor(Int128 a, Int128 b) {
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// sum(coefficient * slot) + constant, all integers.
struct IntegerSum {
  std::vector<std::pair<Index, Int128>> terms;   // by slot, none twice, none zero
  Int128 constant = 0;
};

/// Empty when the common denominator or a scaled coefficient is not an Int128.
std::optional<IntegerSum> scale(const std::vector<Part>& parts) {
  Int128 common = 1;
  for (const Part& part : parts)
    if (__builtin_mul_overflow(common, part.denominator / greatest_common_divisor(common, part.denominator), &common)) return std::nullopt;
  IntegerSum sum;
  for (const Part& part : parts) {
    Int128 scaled = 0;
    if (__builtin_mul_overflow(part.numerator, common / part.denominator, &scaled)) return std::nullopt;
    const auto same = std::find_if(sum.terms.begin(), sum.terms.end(), [&](const auto& term) { return term.first == part.slot; });
    if (part.slot != kNone && same == sum.terms.end()) {
      sum.terms.emplace_back(part.slot, scaled);
      continue;
    }
    Int128& total = part.slot == kNone ? sum.constant : same->second;
    if (__builtin_add_overflow(total, scaled, &total)) return std::nullopt;
  }
  std::erase_if(sum.terms, [](const auto& term) { return term.second == 0; });
  std::sort(sum.terms.begin(), sum.terms.end());
  return sum;
}

/// As the text names it.
std::string name_of(const Vocabulary& vocabulary, const Slot& slot) {
  switch (slot.kind) {
    case SlotKind::Amount: return "amount";
    case SlotKind::TimeOfDay: return "time";
    case SlotKind::Approvals: return "approved";
    case SlotKind::Evidence: return "evidence";
    case SlotKind::Balance: return "balance(" + vocabulary.buckets[slot.target].name + ")";
    case SlotKind::BucketTotal: return "total(any " + vocabulary.buckets[slot.target].name + ")";
    case SlotKind::AccountTotal: return "total(" + vocabulary.accounts[slot.target].name + ")";
    case SlotKind::Fact: return vocabulary.facts[slot.target].name;
    case SlotKind::Mode: return "mode";
    case SlotKind::Used: return "the limit's sum";
    case SlotKind::Now: return "now";
  }
  return {};
}

Problem coefficient_problem(const std::string& what) {
  return {"E0402", fmt::format("written in whole numbers, this comparison multiplies {} by more than 2^62", what),
          "use factors with fewer digits, or divide both sides by a common factor"};
}

Problem overflow_problem(const std::string& what) {
  return {"E0401", fmt::format("this comparison could overflow: with {}, its terms can add up to more than 2^127-1", what),
          "use factors with fewer digits, or give the fact a smaller range with `from A to B`"};
}

/// Whether sum |coefficient| * bound + |constant| stays within 2^127-1; if not, which term is the largest.
std::optional<Problem> prove_no_overflow(const Vocabulary& vocabulary, const std::vector<Slot>& slots, const IntegerSum& sum) {
  UInt128 total = magnitude(sum.constant), largest = total;
  std::string what = "the number " + to_string(sum.constant);
  bool overflows = false;
  for (const auto& [slot, coefficient] : sum.terms) {
    UInt128 reach = 0;
    if (__builtin_mul_overflow(magnitude(coefficient), magnitude(bound_of(vocabulary, slots[slot])), &reach)) reach = ~UInt128{0};
    if (__builtin_add_overflow(total, reach, &total)) overflows = true;
    if (reach > largest) {
      largest = reach;
      what = fmt::format("{} * `{}`", to_string(coefficient < 0 ? -coefficient : coefficient), name_of(vocabulary, slots[slot]));
    }
  }
  if (!overflows && total <= magnitude(kInt128Max)) return std::nullopt;
  return overflow_problem(what);
}

std::optional<Problem> find_problem(const Vocabulary& vocabulary, const std::vector<Slot>& slots, const IntegerSum& sum) {
  for (const auto& [slot, coefficient] : sum.terms)
    if (magnitude(coefficient) > magnitude(kCoefficientMax)) return coefficient_problem("`" + name_of(vocabulary, slots[slot]) + "`");
  if (sum.terms.size() > kTermsMax)
    return Problem{"E0403", fmt::format("this comparison has {} different terms, {} at most are possible", sum.terms.size(), kTermsMax),
                   "split it, or supply part of the sum as one fact"};
  return prove_no_overflow(vocabulary, slots, sum);
}

}  // namespace

std::variant<Formula, Problem> compare(const Vocabulary& vocabulary, const std::vector<Slot>& slots, const std::vector<Part>& parts,
                                       Against against, bool holds) {
  std::optional<IntegerSum> sum = scale(parts);
  if (!sum) return coefficient_problem("a term");
  if (against == Against::AboveZero && __builtin_sub_overflow(sum->constant, Int128{1}, &sum->constant)) return overflow_problem("its constants");
  if (const std::optional<Problem> problem = find_problem(vocabulary, slots, *sum)) return *problem;
  if (sum->terms.empty()) return constant((against == Against::Zero ? sum->constant == 0 : sum->constant >= 0) == holds);
  Test test{against == Against::Zero ? TestKind::IsZero : TestKind::AtLeastZero, {}, sum->constant, 0};
  for (const auto& [slot, coefficient] : sum->terms) test.terms.push_back({static_cast<std::int64_t>(coefficient), slot});
  return leaf(std::move(test), holds);
}

Int128 bound_of(const Vocabulary& vocabulary, const Slot& slot) {
  switch (slot.kind) {
    case SlotKind::Amount: case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: case SlotKind::Used: return kAmountMax;
    case SlotKind::TimeOfDay: return kSecondsMax;
    case SlotKind::Now: return kInstantMax;
    case SlotKind::Approvals: return static_cast<Int128>(kApprovalsMax);
    case SlotKind::Evidence: return 1;
    case SlotKind::Fact: {
      const Fact& fact = vocabulary.facts[slot.target];
      return std::max(fact.max < 0 ? -fact.max : fact.max, fact.min < 0 ? -fact.min : fact.min);
    }
    case SlotKind::Mode: return static_cast<Int128>(vocabulary.machines[slot.target].modes.size()) - 1;
  }
  return kAmountMax;
}

}  // namespace ringfence
