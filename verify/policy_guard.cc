// SPDX-License-Identifier: Apache-2.0
// Each function names the clause of the language reference that it is.
#include "verify/policy_guard.h"

#include <algorithm>

namespace ringfence::equivalence {
namespace {

std::size_t position_in(std::span<const Index> keys, Index entity) {
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), entity) - keys.begin());
}

KeySource source_id(std::size_t position) { return {KeySource::From::Source, static_cast<std::uint8_t>(position)}; }

Index bucket_of(const Subject& subject) { return subject.kind == SubjectKind::Bucket ? subject.index : kNone; }

}  // namespace

Index PolicyGuardReader::number(const Slot& slot) {
  reads_.push_back(diagrams_.value(slot));
  if (floor_ && slot == balance_of(Side::From)) return diagrams_.balance_at_end();
  return reads_.back();
}

// ---- 6.4: whose

/// A key is known from the side that has it; where both have it, from the side that is written; without one, the ids must agree.
KeySource PolicyGuardReader::id_of(Index entity, Side side) {
  const std::size_t source = position_in(setting_.from_keys, entity), destination = position_in(setting_.to_keys, entity);
  const bool at_source = source != setting_.from_keys.size(), at_destination = destination != setting_.to_keys.size();
  if (!at_source && !at_destination) diagrams_.set_problem("a guard names a key that the move does not know");
  if (!at_destination) return source_id(source);
  const KeySource there = destination_id(setting_, destination);
  if (!at_source || side == Side::To) return there;
  if (side == Side::Either && there != source_id(source)) diagrams_.set_problem("a guard names a key that differs between the sides, and no side");
  return source_id(source);
}

/// A subject that is just one of the two endpoints is that endpoint's, when no side is written.
Side PolicyGuardReader::side_of(Index bucket, Side written) const {
  if (written != Side::Either || bucket == kNone) return written;
  const bool is_from = bucket == setting_.from, is_to = bucket == setting_.to;
  if (is_from == is_to) return Side::Either;
  return is_from ? Side::From : Side::To;
}

std::vector<KeySource> PolicyGuardReader::ids_of(std::span<const Index> keys, Side side, const std::vector<bool>& summed) {
  std::vector<KeySource> ids;
  for (std::size_t i = 0; i < keys.size(); ++i)
    ids.push_back(i < summed.size() && summed[i] ? KeySource{KeySource::From::Summed, 0} : id_of(keys[i], side));
  return ids;
}

Slot PolicyGuardReader::balance_of(Side side) const {
  Slot slot{SlotKind::Balance, side == Side::From ? setting_.from : setting_.to, setting_.asset, 0, {}};
  const std::size_t count = side == Side::From ? setting_.from_keys.size() : setting_.to_keys.size();
  for (std::size_t i = 0; i < count; ++i) slot.keys.push_back(side == Side::From ? source_id(i) : destination_id(setting_, i));
  return slot;
}

Slot PolicyGuardReader::account_total_of_source() const {
  const Index account = vocabulary_.buckets[setting_.from].account;
  Slot slot{SlotKind::AccountTotal, account, setting_.asset, 0, {}};
  for (const Index entity : vocabulary_.accounts[account].keys) slot.keys.push_back(source_id(position_in(setting_.from_keys, entity)));
  return slot;
}

// ---- 6.3: what

/// Money is in the transfer's asset, unless one is named.
Slot PolicyGuardReader::money_slot(const Quantity& quantity) {
  const Reference& reference = quantity.reference;
  Index asset = quantity.asset != kNone ? quantity.asset : setting_.asset;
  if (asset == kNone && vocabulary_.assets.size() == 1) asset = 0;
  if (asset == kNone) diagrams_.set_problem("a balance or total names no asset");
  if (quantity.kind == QuantityKind::AccountTotal)
    return {SlotKind::AccountTotal, reference.target, asset, 0, ids_of(vocabulary_.accounts[reference.target].keys, reference.side)};
  const Index target = !reference.endpoint ? reference.target : reference.side == Side::To ? setting_.to : setting_.from;
  if (target == kNone || vocabulary_.buckets[target].external) {
    diagrams_.set_problem("a guard reads a balance where there is none");
    return {};
  }
  const bool sums = std::find(reference.summed.begin(), reference.summed.end(), true) != reference.summed.end();
  return {sums ? SlotKind::BucketTotal : SlotKind::Balance, target, asset, 0,
          ids_of(vocabulary_.buckets[target].keys, side_of(target, reference.side), reference.summed)};
}

Slot PolicyGuardReader::slot_of(const Quantity& quantity) {
  switch (quantity.kind) {
    case QuantityKind::Amount: return {SlotKind::Amount, kNone, kNone, 0, {}};
    case QuantityKind::TimeOfDay: return {SlotKind::TimeOfDay, kNone, kNone, 0, {}};
    case QuantityKind::Now: return {SlotKind::Now, kNone, kNone, 0, {}};
    case QuantityKind::Fact: {
      const Subject& subject = vocabulary_.facts[quantity.reference.target].subject;
      return {SlotKind::Fact, quantity.reference.target, kNone, 0, ids_of(subject.keys, side_of(bucket_of(subject), quantity.reference.side))};
    }
    case QuantityKind::Balance:
    case QuantityKind::BucketTotal:
    case QuantityKind::AccountTotal: break;
  }
  return money_slot(quantity);
}

/// `after`: what this transfer adds, in amounts: the source loses one, the destination gains one, where the slot counts them.
int PolicyGuardReader::effect_on(const Slot& slot) const {
  if (slot.asset != setting_.asset || setting_.asset == kNone) return 0;
  const bool account = slot.kind == SlotKind::AccountTotal;
  const std::vector<Index>& keys = account ? vocabulary_.accounts[slot.target].keys : vocabulary_.buckets[slot.target].keys;
  const auto counts = [&](Index end, Side side) {
    if (end == kNone || (account ? vocabulary_.buckets[end].account : end) != slot.target) return false;
    const std::span<const Index> end_keys = side == Side::From ? setting_.from_keys : setting_.to_keys;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (slot.keys[i].from == KeySource::From::Summed) continue;
      const std::size_t position = position_in(end_keys, keys[i]);
      if (slot.keys[i] != (side == Side::From ? source_id(position) : destination_id(setting_, position))) return false;
    }
    return true;
  };
  return (counts(setting_.to, Side::To) ? 1 : 0) - (counts(setting_.from, Side::From) ? 1 : 0);
}

// ---- 6.2, 7.1: exact

void PolicyGuardReader::add(const LinearSum& sum, int sign, std::vector<Fraction>& fractions) {
  for (const LinearTerm& term : sum.terms) {
    const Slot slot = slot_of(term.quantity);
    if (!diagrams_.problem().empty()) return;
    const Int128 numerator = Int128{term.coefficient.numerator} * sign;
    fractions.push_back({number(slot), numerator, term.coefficient.denominator});
    if (!term.quantity.after) continue;
    if (const int effect = effect_on(slot); effect != 0)
      fractions.push_back({number({SlotKind::Amount, kNone, kNone, 0, {}}), numerator * effect, term.coefficient.denominator});
  }
  if (sum.constant_numerator < -kInt128Max) diagrams_.set_problem("a constant does not fit in 128 bits");
  else fractions.push_back({kNone, sum.constant_numerator * sign, sum.constant_denominator});
}

/// All times their common denominator, which changes no comparison with zero.
WeightedSum PolicyGuardReader::scale(const std::vector<Fraction>& fractions) {
  Int128 denominator = 1;
  bool fits = true;
  for (const Fraction& fraction : fractions)
    fits = fits && !__builtin_mul_overflow(denominator, fraction.denominator / common_divisor(denominator, fraction.denominator), &denominator);
  WeightedSum sum;
  for (const Fraction& fraction : fractions) {
    Int128 scaled = 0;
    fits = fits && !__builtin_mul_overflow(fraction.numerator, denominator / fraction.denominator, &scaled);
    if (fraction.value == kNone) fits = fits && !__builtin_add_overflow(sum.constant, scaled, &sum.constant);
    else sum.terms.emplace_back(fraction.value, scaled);
  }
  if (!fits) diagrams_.set_problem("a comparison does not fit in 128 bits");
  return sum;
}

Diagram PolicyGuardReader::compare(const Guard& guard) {
  // left - right, or right - left where the left is to be the smaller
  const bool turned = guard.comparator == Comparator::LessEqual || guard.comparator == Comparator::Greater;
  std::vector<Fraction> fractions;
  add(guard.left, turned ? -1 : 1, fractions);
  add(guard.right, turned ? 1 : -1, fractions);
  if (!diagrams_.problem().empty()) return kNever;
  WeightedSum sum = scale(fractions);
  switch (guard.comparator) {
    case Comparator::LessEqual:
    case Comparator::GreaterEqual: return diagrams_.at_least_zero(std::move(sum));
    case Comparator::Less:
    case Comparator::Greater: return diagrams_.negation(diagrams_.at_least_zero(std::move(sum)));
    case Comparator::Equal: return diagrams_.is_zero(std::move(sum));
    case Comparator::NotEqual: break;
  }
  return diagrams_.negation(diagrams_.is_zero(std::move(sum)));
}

// ---- 6.1, 6.5 to 6.9

/// Read from the first on, joined from the last on: then each step ends where the parts before begin.
Diagram PolicyGuardReader::join(const std::vector<Guard>& parts, bool all) {
  std::vector<Diagram> read_parts;
  for (const Guard& part : parts) read_parts.push_back(read(part));
  Diagram joined = all ? kAlways : kNever;
  for (std::size_t i = read_parts.size(); i-- > 0;) joined = all ? diagrams_.both(read_parts[i], joined) : diagrams_.either(read_parts[i], joined);
  return joined;
}

Slot PolicyGuardReader::subject_slot(SlotKind kind, const Reference& reference, const Subject& subject) {
  return {kind, reference.target, kNone, 0, ids_of(subject.keys, side_of(bucket_of(subject), reference.side))};
}

Index PolicyGuardReader::mode_value(const Reference& reference) { return number(subject_slot(SlotKind::Mode, reference, vocabulary_.machines[reference.target].subject)); }

Diagram PolicyGuardReader::read(const Guard& guard) {
  const auto at_least = [&](Index value, Int128 least) { return diagrams_.at_least_zero({{{value, 1}}, -least}); };
  switch (guard.kind) {
    case GuardKind::All:
    case GuardKind::AnyOf: return join(guard.parts, guard.kind == GuardKind::All);
    case GuardKind::Not: return diagrams_.negation(read(guard.parts.front()));
    case GuardKind::Compare: return compare(guard);
    case GuardKind::Flag:
      return diagrams_.is_zero({{{number(subject_slot(SlotKind::Fact, guard.reference, vocabulary_.facts[guard.reference.target].subject)), 1}}, -1});
    case GuardKind::ModeIs:
      return diagrams_.in_set(mode_value(guard.reference), guard.modes);
    case GuardKind::Approved: return at_least(number({SlotKind::Approvals, kNone, kNone, guard.roles, {}}), guard.count);
    case GuardKind::HasEvidence: {
      Diagram shown = kAlways;
      for (Index kind = 0; kind < kEvidenceMax; ++kind)
        if ((guard.evidence >> kind & 1) != 0) shown = diagrams_.both(shown, at_least(number({SlotKind::Evidence, kind, kNone, 0, {}}), 1));
      return shown;
    }
    case GuardKind::TimeBetween: break;
  }
  const Index second = number({SlotKind::TimeOfDay, kNone, kNone, 0, {}});
  const Diagram begun = at_least(second, guard.start_second), ended = at_least(second, guard.end_second);
  const Diagram not_ended = diagrams_.negation(ended);
  return guard.start_second <= guard.end_second ? diagrams_.both(begun, not_ended) : diagrams_.either(begun, not_ended);
}

Diagram PolicyGuardReader::read(const std::vector<Condition>& conditions) {
  std::vector<Diagram> parts;
  for (const Condition& condition : conditions) parts.push_back(read(condition.guard));
  Diagram all = kAlways;
  for (std::size_t i = parts.size(); i-- > 0;) all = diagrams_.both(parts[i], all);
  return all;
}

// ---- 5

Diagram PolicyGuardReader::read_floor(const LinearSum& minimum) {
  std::vector<Fraction> fractions{{number(balance_of(Side::From)), 1, 1}};
  add(minimum, -1, fractions);
  return diagrams_.problem().empty() ? diagrams_.at_least_zero(scale(fractions)) : kNever;
}

/// The ids come from the source where it has the key, else from the destination.
Diagram PolicyGuardReader::read_limit(Index index, const TypedLimit& limit) {
  const Index used = number({SlotKind::Used, index, limit.asset, 0, ids_of(limit.per, Side::From)});
  std::vector<Fraction> fractions{{used, -1, 1}, {number({SlotKind::Amount, kNone, kNone, 0, {}}), -1, 1}};
  add(limit.cap, 1, fractions);
  return diagrams_.problem().empty() ? diagrams_.at_least_zero(scale(fractions)) : kNever;
}

}  // namespace ringfence::equivalence
