// SPDX-License-Identifier: Apache-2.0
// Normal forms: a sum is divided by its common factor and its first coefficient made positive (s >= 0 is the same as not -s - 1 >= 0, for
// integers), a comparison of one value with a number that its range decides is decided, and equality with an end of the range is a bound.
#include "verify/guard_diagram.h"

#include <algorithm>

namespace ringfence::equivalence {
namespace {

constexpr std::size_t kComparisonsMax = 10'000;   // bounds the depth of diagrams, and so of recursion
constexpr std::size_t kFewEntries = 4'096;

/// Rounds down, as `divisor` > 0.
Int128 floor_division(Int128 number, Int128 divisor) {
  const Int128 quotient = number / divisor;
  return number % divisor < 0 ? quotient - 1 : quotient;
}

Mask modes_below(Int128 count) { return count >= 64 ? ~Mask{0} : (Mask{1} << static_cast<unsigned>(count)) - 1; }

void put(std::string& key, const void* data, std::size_t size) { key.append(static_cast<const char*>(data), size); }

std::string key_of(const Comparison& comparison) {
  std::string key(1, static_cast<char>(comparison.kind));
  put(key, &comparison.set, sizeof comparison.set);
  put(key, &comparison.sum.constant, sizeof comparison.sum.constant);
  for (const auto& [value, coefficient] : comparison.sum.terms) {
    put(key, &value, sizeof value);
    put(key, &coefficient, sizeof coefficient);
  }
  return key;
}

template <class Map>
void forget(Map& map) {
  if (map.bucket_count() > kFewEntries) map = Map();   // clearing a large table costs its size each time
  else map.clear();
}

}  // namespace

Int128 common_divisor(Int128 a, Int128 b) noexcept {
  while (b != 0) a = std::exchange(b, a % b);
  return a < 0 ? -a : a;
}

std::size_t GuardDiagrams::TripleHash::operator()(const Triple& triple) const noexcept {
  std::uint64_t hash = triple.a * 0x9E37'79B9'7F4A'7C15u;
  hash = (hash ^ triple.b) * 0xBF58'476D'1CE4'E5B9u;
  hash = (hash ^ hash >> 31 ^ triple.c) * 0x94D0'49BB'1331'11EBu;
  return static_cast<std::size_t>(hash ^ hash >> 29);
}

GuardDiagrams::GuardDiagrams(const Vocabulary& vocabulary, std::size_t choices_max) : vocabulary_(vocabulary), choices_max_(choices_max) { clear(); }

void GuardDiagrams::clear() {
  slots_.clear();
  at_end_ = kNone;
  comparisons_.clear();
  comparison_index_.clear();
  choices_.assign(2, {});
  forget(placed_);
  forget(chosen_);
  problem_.clear();
}

Index GuardDiagrams::value(const Slot& slot) {
  for (Index i = 0; i < slots_.size(); ++i)
    if (i != at_end_ && slots_[i] == slot) return i;
  slots_.push_back(slot);
  return static_cast<Index>(slots_.size() - 1);
}

Index GuardDiagrams::balance_at_end() {
  if (at_end_ != kNone) return at_end_;
  at_end_ = static_cast<Index>(slots_.size());
  slots_.push_back({SlotKind::Balance, kNone, kNone, 0, {}});
  return at_end_;
}

ValueRange GuardDiagrams::range(Index value) const {
  if (value == at_end_) return {-kAmountMax, kAmountMax};   // 8.7
  const Slot& slot = slots_[value];
  const auto overdraws = [&](const Bucket& bucket) { return bucket.may_overdraw && bucket.account == slot.target; };
  switch (slot.kind) {
    case SlotKind::Amount: return {1, kAmountMax};
    case SlotKind::TimeOfDay: return {0, 86'399};
    case SlotKind::Now: return {kInstantMin, kInstantMax};
    case SlotKind::Approvals: return {0, static_cast<Int128>(kApprovalsMax)};
    case SlotKind::Evidence: return {0, 1};
    case SlotKind::Balance:
    case SlotKind::BucketTotal: return {vocabulary_.buckets[slot.target].may_overdraw ? -kAmountMax : Int128{0}, kAmountMax};
    case SlotKind::AccountTotal: return {std::any_of(vocabulary_.buckets.begin(), vocabulary_.buckets.end(), overdraws) ? -kAmountMax : Int128{0}, kAmountMax};
    case SlotKind::Fact: return {vocabulary_.facts[slot.target].min, vocabulary_.facts[slot.target].max};
    case SlotKind::Mode: return {0, static_cast<Int128>(vocabulary_.machines[slot.target].modes.size()) - 1};
    case SlotKind::Used: return {0, kAmountMax};
  }
  return {};
}

/// Like terms merged, zeros gone, by value. False when a coefficient leaves 128 bits.
bool GuardDiagrams::tidy(WeightedSum& sum) {
  std::sort(sum.terms.begin(), sum.terms.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::pair<Index, Int128>> merged;
  bool fits = true;
  for (const auto& [value, coefficient] : sum.terms) {
    if (merged.empty() || merged.back().first != value) merged.emplace_back(value, coefficient);
    else if (__builtin_add_overflow(merged.back().second, coefficient, &merged.back().second)) fits = false;
  }
  std::erase_if(merged, [](const auto& term) { return term.second == 0; });
  sum.terms = std::move(merged);
  // Signs can be turned, and one taken off, without leaving 128 bits.
  for (const auto& [value, coefficient] : sum.terms) fits = fits && coefficient >= -kInt128Max;
  fits = fits && sum.constant > -kInt128Max && sum.constant < kInt128Max;
  if (!fits) set_problem("a comparison does not fit in 128 bits");
  return fits;
}

Diagram GuardDiagrams::at_least_zero(WeightedSum sum) {
  if (!tidy(sum)) return kNever;
  if (sum.terms.empty()) return sum.constant >= 0 ? kAlways : kNever;
  Int128 divisor = 0;
  for (const auto& [value, coefficient] : sum.terms) divisor = common_divisor(divisor, coefficient);
  const bool turned = sum.terms.front().second < 0;
  for (auto& [value, coefficient] : sum.terms) coefficient = coefficient / (turned ? -divisor : divisor);
  sum.constant = floor_division(sum.constant, divisor);
  if (turned) sum.constant = -sum.constant - 1;
  Diagram diagram = kNever;
  const ValueRange known = range(sum.terms.front().first);
  if (sum.terms.size() == 1 && -sum.constant <= known.min) diagram = kAlways;
  else if (sum.terms.size() > 1 || -sum.constant <= known.max) diagram = test({TestKind::AtLeastZero, std::move(sum), 0});
  return turned ? negation(diagram) : diagram;
}

Diagram GuardDiagrams::is_zero(WeightedSum sum) {
  if (!tidy(sum)) return kNever;
  if (sum.terms.empty()) return sum.constant == 0 ? kAlways : kNever;
  Int128 divisor = 0;
  for (const auto& [value, coefficient] : sum.terms) divisor = common_divisor(divisor, coefficient);
  if (sum.constant % divisor != 0) return kNever;
  if (sum.terms.front().second < 0) divisor = -divisor;
  for (auto& [value, coefficient] : sum.terms) coefficient /= divisor;
  sum.constant /= divisor;
  if (sum.terms.size() > 1) return test({TestKind::IsZero, std::move(sum), 0});
  const Index value = sum.terms.front().first;
  const ValueRange known = range(value);
  const Int128 wanted = -sum.constant;
  if (wanted < known.min || wanted > known.max) return kNever;
  if (wanted == known.max) return at_least_zero({{{value, 1}}, -wanted});
  if (wanted == known.min) return negation(at_least_zero({{{value, 1}}, -wanted - 1}));
  return test({TestKind::IsZero, std::move(sum), 0});
}

Diagram GuardDiagrams::in_set(Index value, Mask modes) {
  const Mask all = modes_below(range(value).max + 1);
  modes &= all;
  if (modes == 0 || modes == all) return modes == 0 ? kNever : kAlways;
  if ((modes & 1) != 0) return negation(in_set(value, all & ~modes));
  return test({TestKind::InSet, {{{value, 1}}, 0}, modes});
}

Diagram GuardDiagrams::test(Comparison comparison) {
  const auto [known, is_new] = comparison_index_.try_emplace(key_of(comparison), static_cast<Index>(comparisons_.size()));
  if (is_new) comparisons_.push_back(std::move(comparison));
  if (comparisons_.size() > kComparisonsMax) {
    set_problem("the rules of one move make more than " + std::to_string(kComparisonsMax) + " different comparisons");
    return kNever;
  }
  return place({known->second, kAlways, kNever});
}

Diagram GuardDiagrams::place(const Choice& choice) {
  if (choice.if_true == choice.if_false) return choice.if_true;
  const auto [known, is_new] = placed_.try_emplace({choice.comparison, choice.if_true, choice.if_false}, static_cast<Diagram>(choices_.size()));
  if (is_new) choices_.push_back(choice);
  if (choices_.size() > choices_max_) set_problem("a decision diagram has more than " + std::to_string(choices_max_) + " choices");
  return known->second;
}

Diagram GuardDiagrams::branch(Diagram diagram, Index comparison, bool taken) const {
  const Choice& choice = choices_[diagram];
  if (choice.comparison != comparison) return diagram;
  return taken ? choice.if_true : choice.if_false;
}

Diagram GuardDiagrams::choose(Diagram condition, Diagram if_true, Diagram if_false) {
  if (condition <= kAlways) return condition == kAlways ? if_true : if_false;
  if (if_true == if_false) return if_true;
  if (if_true == kAlways && if_false == kNever) return condition;
  if (!problem_.empty()) return kNever;
  if (const auto known = chosen_.find({condition, if_true, if_false}); known != chosen_.end()) return known->second;
  const Index first = std::min({choices_[condition].comparison, choices_[if_true].comparison, choices_[if_false].comparison});
  const Diagram taken = choose(branch(condition, first, true), branch(if_true, first, true), branch(if_false, first, true));
  const Diagram other = choose(branch(condition, first, false), branch(if_true, first, false), branch(if_false, first, false));
  const Diagram made = place({first, taken, other});
  if (!problem_.empty()) return kNever;   // not to be remembered
  chosen_.emplace(Triple{condition, if_true, if_false}, made);
  return made;
}

std::optional<bool> GuardDiagrams::holds(Diagram diagram, const std::vector<Int128>& values) const {
  while (diagram > kAlways) {
    const Comparison& comparison = comparisons_[choices_[diagram].comparison];
    Int128 sum = comparison.sum.constant;
    bool overflows = false;
    for (const auto& [value, coefficient] : comparison.sum.terms) {
      Int128 product = 0;
      overflows = overflows || __builtin_mul_overflow(coefficient, values[value], &product) || __builtin_add_overflow(sum, product, &sum);
    }
    if (overflows) return std::nullopt;
    const bool held = comparison.kind == TestKind::AtLeastZero ? sum >= 0
                      : comparison.kind == TestKind::IsZero    ? sum == 0
                                                               : (comparison.set >> static_cast<unsigned>(sum) & 1) != 0;
    diagram = held ? choices_[diagram].if_true : choices_[diagram].if_false;
  }
  return diagram == kAlways;
}

}  // namespace ringfence::equivalence
