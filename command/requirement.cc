// SPDX-License-Identifier: Apache-2.0
// See requirement.h. Sums are exact fractions; what leaves 128 bits is not known.
#include "command/requirement.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "command/values.h"
#include "compiler/lower_guard.h"
#include "compiler/resolve.h"

namespace ringfence {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

struct Fraction { Int128 numerator = 0; Int128 denominator = 1; };

Int128 floor_of(const Fraction& value) {
  const Int128 whole = value.numerator / value.denominator;
  return value.numerator % value.denominator < 0 ? whole - 1 : whole;
}
Int128 ceiling_of(const Fraction& value) { return -floor_of({-value.numerator, value.denominator}); }

std::optional<Fraction> added(const Fraction& a, const Fraction& b, int sign) {
  Int128 left = 0, right = 0, denominator = 0, sum = 0;
  if (__builtin_mul_overflow(a.numerator, b.denominator, &left) || __builtin_mul_overflow(b.numerator * sign, a.denominator, &right) ||
      __builtin_mul_overflow(a.denominator, b.denominator, &denominator) || __builtin_add_overflow(left, right, &sum))
    return std::nullopt;
  Int128 x = sum < 0 ? -sum : sum, y = denominator;
  while (y != 0) x = std::exchange(y, x % y);   // greatest common divisor
  return Fraction{sum / x, denominator / x};
}

/// What guards and sums read, for one subject whose keys act as the source's.
class Reader {
 public:
  Reader(const LoadedPolicy& policy, const Books& books, std::span<const Gate::Holding> holdings, std::int64_t at_ms, Site site, const Instance& subject)
      : policy_(policy), books_(books), holdings_(holdings), at_ms_(at_ms), site_(std::move(site)), subject_(subject) {}

  std::optional<Fraction> sum(const LinearSum& sum) {
    std::optional<Fraction> total = Fraction{sum.constant_numerator, sum.constant_denominator};
    for (const LinearTerm& term : sum.terms) {
      const Resolved resolved = resolve(policy_.moves.vocabulary, site_, term.quantity);
      const auto held = value(std::get<Slot>(resolved));   // `check` has resolved it
      if (!held) return std::nullopt;
      Int128 numerator = 0;
      if (__builtin_mul_overflow(*held, Int128{term.coefficient.numerator}, &numerator)) return too_large();
      total = added(*total, {numerator, term.coefficient.denominator}, 1);
      if (!total) return too_large();
    }
    return total;
  }

  std::optional<bool> holds(const Guard& guard) {
    GuardReader reader(policy_.moves.vocabulary, site_);
    const Formula formula = reader.read(guard);
    std::vector<Value> values;
    for (const Slot& slot : reader.slots()) {
      const auto held = value(slot);
      if (!held) return std::nullopt;
      values.push_back({*held, 0, true});
    }
    return ringfence::holds(Clause{"", lay_out(formula)}, values);
  }

  /// Nothing: one that could make it false is not known.
  std::optional<bool> all_hold(const std::vector<Condition>& conditions) {
    bool known = true;
    for (const Condition& condition : conditions) {
      const auto is_true = holds(condition.guard);
      if (is_true && !*is_true) return false;
      known = known && is_true;
    }
    return known ? std::optional(true) : std::nullopt;
  }

  const std::string& unknown() const { return unknown_; }

 private:
  std::optional<Int128> value(const Slot& slot) {
    switch (slot.kind) {
      case SlotKind::TimeOfDay: return at_ms_ % kDayMs / 1'000;
      case SlotKind::Now: return at_ms_;
      case SlotKind::BucketTotal: return bucket_total(slot);
      case SlotKind::Fact: return fact(slot);
      default: break;
    }
    return is_supplied(slot.kind) ? fetched(slot).number : Int128{0};   // nobody approves, nothing is shown
  }

  Value fetched(const Slot& slot) const {
    std::array<std::uint8_t, kKeysMax> keys{};
    for (std::size_t i = 0; i < slot.keys.size(); ++i) keys[i] = slot.keys[i].from == KeySource::From::Summed ? kKeySummed : slot.keys[i].position;
    const SlotView view{slot.kind, slot.target, slot.asset, slot.roles, std::span(keys).first(slot.keys.size())};
    Needs needed;
    needed.slots = std::span(&view, 1);
    return books_.gate().fetch(needed, subject_, subject_, at_ms_).front();
  }

  Int128 bucket_total(const Slot& slot) const {
    Int128 total = 0;
    for (const Gate::Holding& holding : holdings_) {
      if (holding.bucket.target != slot.target || holding.asset != slot.asset) continue;
      bool counts = true;
      for (std::size_t i = 0; i < slot.keys.size(); ++i)
        counts = counts && (slot.keys[i].from == KeySource::From::Summed || holding.bucket.ids[i] == subject_.ids[slot.keys[i].position]);
      if (counts) total += holding.balance;
    }
    return total;
  }

  std::optional<Int128> fact(const Slot& slot) {
    const Fact& declared = policy_.moves.vocabulary.facts[slot.target];
    const Value held = fetched(slot);
    const bool stale = declared.fresh_within_ms != 0 && (at_ms_ < held.observed_ms || at_ms_ - held.observed_ms > declared.fresh_within_ms);
    const char* why = !held.present ? "is not known" : stale ? "is stale" : held.number < declared.min || held.number > declared.max ? "is out of its range" : nullptr;
    if (why == nullptr) return held.number;
    std::vector<std::string> ids;
    for (const KeySource& key : slot.keys) ids.push_back(books_.names().id_of(subject_.ids[key.position]));
    unknown_ = fmt::format("{} {}", print_instance(declared.name, ids), why);
    return std::nullopt;
  }

  std::nullopt_t too_large() {
    unknown_ = "a value in it is too large";
    return std::nullopt;
  }

  const LoadedPolicy& policy_;
  const Books& books_;
  std::span<const Gate::Holding> holdings_;
  std::int64_t at_ms_;
  Site site_;
  const Instance& subject_;
  std::string unknown_;
};

const char* bound_of(Comparator comparator) {
  switch (comparator) {
    case Comparator::Less: return "less than";
    case Comparator::LessEqual: return "at most";
    case Comparator::Equal: return "exactly";
    case Comparator::NotEqual: return "other than";
    case Comparator::GreaterEqual: return "at least";
    case Comparator::Greater: break;
  }
  return "more than";
}

bool is_met(Comparator comparator, const Fraction& difference) {
  switch (comparator) {
    case Comparator::Less: return difference.numerator < 0;
    case Comparator::LessEqual: return difference.numerator <= 0;
    case Comparator::Equal: return difference.numerator == 0;
    case Comparator::NotEqual: return difference.numerator != 0;
    case Comparator::GreaterEqual: return difference.numerator >= 0;
    case Comparator::Greater: break;
  }
  return difference.numerator > 0;
}

std::optional<Measure> measured(Comparator comparator, const Fraction& left, const Fraction& right) {
  const auto difference = added(left, right, -1);
  if (!difference) return std::nullopt;
  const bool at_most = comparator == Comparator::Less || comparator == Comparator::LessEqual;
  const Int128 excess = at_most ? floor_of({-difference->numerator, difference->denominator}) : floor_of(*difference);
  return Measure{at_most ? ceiling_of(left) : floor_of(left), at_most ? floor_of(right) : ceiling_of(right), excess, is_met(comparator, *difference)};
}

/// The asset that a side is measured in; kNone: no money, or it can't be told from this side.
Index asset_of(const Vocabulary& vocabulary, const LinearSum& sum) {
  for (const LinearTerm& term : sum.terms) {
    const Quantity& quantity = term.quantity;
    const Index asset = quantity.kind == QuantityKind::Fact ? vocabulary.facts[quantity.reference.target].asset : quantity.asset;
    if (asset != kNone) return asset;
    if (quantity.kind != QuantityKind::Fact && vocabulary.assets.size() == 1) return 0;
  }
  return kNone;
}

void measure_condition(const Vocabulary& vocabulary, const Condition& condition, Reader& reader, Requirement& required) {
  const Guard& guard = condition.guard;
  if (guard.kind != GuardKind::Compare) {
    const auto holds = reader.holds(guard);
    required.met = holds.value_or(false);
    if (!holds) required.unknown = reader.unknown();
    return;
  }
  required.bound = bound_of(guard.comparator);
  required.asset = asset_of(vocabulary, guard.left);
  if (required.asset == kNone) required.asset = asset_of(vocabulary, guard.right);
  const auto left = reader.sum(guard.left), right = reader.sum(guard.right);
  if (left && right) required.measure = measured(guard.comparator, *left, *right);
  if (!required.measure) required.unknown = reader.unknown().empty() ? "a value in it is too large" : reader.unknown();
  required.met = required.measure && required.measure->met;
}

/// Whether `unless` lifts it; a value that is not known leaves that open, and is then said.
void lift(const std::vector<Condition>& unless, Reader& reader, Requirement& required) {
  const auto lifted = unless.empty() ? std::optional(false) : reader.all_hold(unless);
  required.lifted = lifted.value_or(false);
  if (!lifted) required.unknown = reader.unknown();
}

/// Where an `unless` is open, it only matters when the bound is not met.
Requirement settled(Requirement required) {
  if (required.met) required.unknown.clear();
  else if (!required.unknown.empty()) required.measure.reset();
  return required;
}

const std::vector<Index>& keys_of(const Books::Known& known, const Vocabulary& vocabulary) {
  switch (known.kind) {
    case Books::Kind::Bucket: return vocabulary.buckets[known.target].keys;
    case Books::Kind::Fact: return vocabulary.facts[known.target].subject.keys;
    case Books::Kind::Machine: break;
  }
  return vocabulary.machines[known.target].subject.keys;
}

/// The ids for these keys that something known has together.
std::set<Ids> members_of(const std::vector<Index>& keys, const Vocabulary& vocabulary, const Books& books) {
  if (keys.empty()) return {Ids{}};
  std::set<Ids> members;
  for (const Books::Known& known : books.known()) {
    const std::vector<Index>& known_keys = keys_of(known, vocabulary);
    const auto has = [&](Index key) { return key_position(known_keys, key) != kNone; };
    if (!std::all_of(keys.begin(), keys.end(), has)) continue;
    Ids ids{};
    for (std::size_t i = 0; i < keys.size(); ++i) ids[i] = known.ids[key_position(known_keys, keys[i])];
    members.insert(ids);
  }
  return members;
}

/// "Client alice, Position p1".
std::string in_words(const Instance& member, const std::vector<Index>& keys, const Vocabulary& vocabulary, const Interner& names) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) text += fmt::format("{}{} {}", i == 0 ? "" : ", ", vocabulary.entities[keys[i]].name, names.id_of(member.ids[i]));
  return text;
}

}  // namespace

std::vector<Requirement> Requirements::floors(const Instance& bucket, Index asset) const {
  std::vector<Requirement> all;
  for (const TypedFloor& floor : policy_.typed->floors) {
    if (floor.bucket != bucket.target || !std::binary_search(floor.assets.begin(), floor.assets.end(), asset)) continue;
    Reader reader(policy_, books_, holdings_, at_ms_, floor_site(policy_.moves.vocabulary, bucket.target, asset), bucket);
    Requirement required{floor.words.line, floor.words.text, "", "at least", asset, false, std::nullopt, true, ""};
    lift(floor.unless, reader, required);
    if (!required.lifted) {
      const auto minimum = reader.sum(floor.minimum);
      if (minimum) required.measure = measured(Comparator::GreaterEqual, {books_.gate().balance(bucket, asset), 1}, *minimum);
      if (!required.measure && required.unknown.empty()) required.unknown = reader.unknown();
      required.met = required.measure && required.measure->met;
    }
    all.push_back(settled(std::move(required)));
  }
  return all;
}

std::vector<Requirement> Requirements::invariants() const {
  const Vocabulary& vocabulary = policy_.moves.vocabulary;
  std::vector<Requirement> all;
  for (const TypedInvariant& invariant : policy_.typed->invariants) {
    const Subject subject{SubjectKind::System, kNone, invariant.keys};
    for (const Ids& ids : members_of(invariant.keys, vocabulary, books_)) {
      const Instance member{kNone, static_cast<std::uint8_t>(invariant.keys.size()), ids};
      for (const Condition& condition : invariant.holds) {
        Reader reader(policy_, books_, holdings_, at_ms_, transition_site(subject), member);
        Requirement required{invariant.words.line, condition.text, in_words(member, invariant.keys, vocabulary, books_.names()), "", kNone, false, std::nullopt, true, ""};
        lift(invariant.unless, reader, required);
        if (!required.lifted) measure_condition(vocabulary, condition, reader, required);
        all.push_back(settled(std::move(required)));
      }
    }
  }
  return all;
}

}  // namespace ringfence
