// SPDX-License-Identifier: Apache-2.0
// Each function names the clause of the language reference that it is.
#include "tests/reference/guard.h"

#include <algorithm>
#include <set>

namespace ringfence::reference {
namespace {

constexpr std::int64_t kSecondMs = 1000, kDaySeconds = 86'400;

std::int64_t second_of_day(std::int64_t time_ms) {
  const std::int64_t second = time_ms >= 0 ? time_ms / kSecondMs : -((-time_ms + kSecondMs - 1) / kSecondMs);
  return ((second % kDaySeconds) + kDaySeconds) % kDaySeconds;
}

// 6.4: a key is known from the side that has it; where both have it, from the side that is written; without a side, ids must agree.
std::uint64_t id_of(const Moment& moment, Index entity, Side side) {
  const Index in_from = moment.from.present ? position(moment.from.keys, entity) : kNone;
  const Index in_to = moment.to.present ? position(moment.to.keys, entity) : kNone;
  if (in_from == kNone && in_to == kNone) throw std::logic_error("a guard names a key that the move does not know");
  if (in_to == kNone) return moment.from.instance.ids[in_from];
  if (in_from == kNone) return moment.to.instance.ids[in_to];
  const std::uint64_t from = moment.from.instance.ids[in_from], to = moment.to.instance.ids[in_to];
  if (side == Side::From) return from;
  if (side == Side::To) return to;
  if (from != to) throw std::logic_error("a guard names a key that differs between the sides, and no side");
  return from;
}

// 6.4: a subject that is just one of the two endpoints is that endpoint's, when no side is written.
Side effective_side(const Moment& moment, const Reference& reference, Index bucket) {
  if (reference.side != Side::Either || bucket == kNone) return reference.side;
  const bool is_from = moment.from.present && moment.from.bucket == bucket;
  const bool is_to = moment.to.present && moment.to.bucket == bucket;
  if (is_from == is_to) return Side::Either;
  return is_from ? Side::From : Side::To;
}

Instance instance_of(const Moment& moment, const Reference& reference, Index target, const std::vector<Index>& keys, Index bucket) {
  const Side side = effective_side(moment, reference, bucket);
  Instance instance{target, static_cast<std::uint8_t>(keys.size()), {}};
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (i >= reference.summed.size() || !reference.summed[i]) instance.ids[i] = id_of(moment, keys[i], side);
  return instance;
}

Index bucket_of(const Subject& subject) { return subject.kind == SubjectKind::Bucket ? subject.index : kNone; }

// 6.3: money is in the transfer's asset, unless one is named. A mode change has none; then the policy has only one.
Index asset_of(const Moment& moment, const Quantity& quantity) {
  if (quantity.asset != kNone) return quantity.asset;
  if (moment.asset != kNone) return moment.asset;
  if (moment.vocabulary.assets.size() == 1) return 0;
  throw std::logic_error("a quantity of money has no asset");
}

// 6.3: `after` adds this transfer's effect: the source loses the amount, the destination gains it.
template <class Covers>
Int128 effect(const Moment& moment, const Quantity& quantity, Index asset, Covers covers) {
  if (!quantity.after || asset != moment.asset) return 0;
  Int128 change = 0;
  if (moment.from.present && covers(moment.from.instance)) change -= moment.amount;
  if (moment.to.present && covers(moment.to.instance)) change += moment.amount;
  return change;
}

Reading money(Int128 before, Int128 change) {
  if (!within_range(before, -kAmountMax, kAmountMax)) return {Reason::ValueOutOfRange, 0};
  return {Reason::Allowed, before + change};
}

Reading read_bucket(const Moment& moment, const Quantity& quantity) {
  const Reference& reference = quantity.reference;
  Instance wanted;
  if (reference.endpoint) {
    wanted = reference.side == Side::To ? moment.to.instance : moment.from.instance;
  } else {
    const Bucket& bucket = moment.vocabulary.buckets[reference.target];
    wanted = instance_of(moment, reference, reference.target, bucket.keys, reference.target);
  }
  const auto covers = [&](const Instance& instance) {
    if (instance.target != wanted.target) return false;
    for (std::size_t i = 0; i < instance.id_count; ++i)
      if ((i >= reference.summed.size() || !reference.summed[i]) && instance.ids[i] != wanted.ids[i]) return false;
    return true;
  };
  const Index asset = asset_of(moment, quantity);
  Int128 sum = 0;
  for (const Holding& holding : moment.state.holdings)
    if (holding.asset == asset && covers(holding.bucket)) sum += holding.balance;
  return money(sum, effect(moment, quantity, asset, covers));
}

Reading read_account(const Moment& moment, const Quantity& quantity) {
  const Index account = quantity.reference.target;
  const Instance wanted = instance_of(moment, quantity.reference, account, moment.vocabulary.accounts[account].keys, kNone);
  const Index asset = asset_of(moment, quantity);
  const auto covers = [&](const Instance& bucket) {
    return moment.vocabulary.buckets[bucket.target].account == account && account_ids(moment.vocabulary, bucket) == wanted.ids;
  };
  const Int128 sum = account_total(moment.vocabulary, moment.state, account, wanted.ids, asset);
  return money(sum, effect(moment, quantity, asset, covers));
}

// 2.10: within its range, and fresh: not older than the duration, and not observed after the transfer.
Reading read_fact(const Moment& moment, const Reference& reference) {
  const Fact& fact = moment.vocabulary.facts[reference.target];
  const KnownFact* known =
      moment.state.fact(instance_of(moment, reference, reference.target, fact.subject.keys, bucket_of(fact.subject)));
  if (known == nullptr) return {Reason::ValueMissing, 0};
  if (fact.fresh_within_ms != 0) {
    const Int128 age = Int128{moment.authority.time_ms} - known->observed_ms;
    if (age < 0 || age > fact.fresh_within_ms) return {Reason::ValueStale, 0};
  }
  if (!within_range(known->number, fact.min, fact.max)) return {Reason::ValueOutOfRange, 0};
  return {Reason::Allowed, known->number};
}

// 6.6: the machine is settled by the typed policy; which instance of it, by 6.4.
Index mode_of(const Moment& moment, const Reference& reference) { return moment.state.mode(subject_of(moment, reference)); }

Reading read(const Moment& moment, const Quantity& quantity) {
  switch (quantity.kind) {
    case QuantityKind::Amount: return {Reason::Allowed, moment.amount};
    case QuantityKind::TimeOfDay: return {Reason::Allowed, second_of_day(moment.authority.time_ms)};
    case QuantityKind::Now:   // 6.10: an instant that can be written
      if (!within_range(moment.authority.time_ms, kInstantMin, kInstantMax)) return {Reason::ValueOutOfRange, 0};
      return {Reason::Allowed, moment.authority.time_ms};
    case QuantityKind::Balance:
    case QuantityKind::BucketTotal: return read_bucket(moment, quantity);
    case QuantityKind::AccountTotal: return read_account(moment, quantity);
    case QuantityKind::Fact: return read_fact(moment, quantity.reference);
  }
  throw std::logic_error("no such quantity");
}

// 6.7: different persons, none the initiator, each with one of the roles.
bool approved(const Authority& authority, Mask roles, std::uint32_t count) {
  std::set<std::uint64_t> persons;
  for (const Approval& approval : authority.approvals)
    if (approval.person != authority.person && (approval.roles & roles) != 0) persons.insert(approval.person);
  return persons.size() >= count;
}

bool compare(Comparator comparator, int sign) {
  switch (comparator) {
    case Comparator::Less: return sign < 0;
    case Comparator::LessEqual: return sign <= 0;
    case Comparator::Equal: return sign == 0;
    case Comparator::NotEqual: return sign != 0;
    case Comparator::GreaterEqual: return sign >= 0;
    case Comparator::Greater: return sign > 0;
  }
  throw std::logic_error("no such comparator");
}

// 6.9: from the first, up to but not including the second; across midnight when the first is later.
bool time_between(std::int64_t second, std::uint32_t start, std::uint32_t end) {
  if (start <= end) return second >= start && second < end;
  return second >= start || second < end;
}

End end_of(const Vocabulary& vocabulary, const Instance& instance) {
  return {true, instance.target, vocabulary.buckets[instance.target].keys, instance};
}

}  // namespace

Instance subject_of(const Moment& moment, const Reference& machine) {
  const Subject& subject = moment.vocabulary.machines[machine.target].subject;
  return instance_of(moment, machine, machine.target, subject.keys, bucket_of(subject));
}

bool within_range(Int128 number, Int128 min, Int128 max) { return number >= min && number <= max; }

Ids account_ids(const Vocabulary& vocabulary, const Instance& bucket) {
  const Bucket& declared = vocabulary.buckets[bucket.target];
  const std::vector<Index>& keys = vocabulary.accounts[declared.account].keys;
  Ids ids{};
  for (std::size_t i = 0; i < keys.size(); ++i) ids[i] = bucket.ids[position(declared.keys, keys[i])];
  return ids;
}

Int128 account_total(const Vocabulary& vocabulary, const State& state, Index account, const Ids& ids, Index asset) {
  Int128 sum = 0;
  for (const Holding& holding : state.holdings)
    if (holding.asset == asset && vocabulary.buckets[holding.bucket.target].account == account &&
        account_ids(vocabulary, holding.bucket) == ids)
      sum += holding.balance;
  return sum;
}

Moment moment_of(const Vocabulary& vocabulary, const State& state, const Transfer& transfer) {
  return {vocabulary,     state,           end_of(vocabulary, transfer.from), end_of(vocabulary, transfer.to),
          transfer.asset, transfer.amount, transfer.authority};
}

Moment moment_of(const Vocabulary& vocabulary, const State& state, const ModeChange& change) {
  const Subject& subject = vocabulary.machines[change.subject.target].subject;
  return {vocabulary, state, {true, bucket_of(subject), subject.keys, change.subject}, {}, kNone, 0, change.authority};
}

Moment source_only(Moment moment) {
  moment.to = {};
  return moment;
}

Reason unreadable(const Moment& moment, const LinearSum& sum) {
  for (const LinearTerm& term : sum.terms)
    if (const Reading reading = read(moment, term.quantity); reading.reason != Reason::Allowed) return reading.reason;
  return Reason::Allowed;
}

Reason unreadable(const Moment& moment, const Guard& guard) {
  for (const Guard& part : guard.parts)
    if (const Reason reason = unreadable(moment, part); reason != Reason::Allowed) return reason;
  if (guard.kind == GuardKind::ModeIs && mode_of(moment, guard.reference) == kModeNotKnown) return Reason::ValueMissing;   // 2.13
  if (guard.kind == GuardKind::Flag) return read_fact(moment, guard.reference).reason;
  if (guard.kind != GuardKind::Compare) return Reason::Allowed;
  const Reason left = unreadable(moment, guard.left);
  return left != Reason::Allowed ? left : unreadable(moment, guard.right);
}

Reason unreadable(const Moment& moment, const std::vector<Condition>& conditions) {
  for (const Condition& condition : conditions)
    if (const Reason reason = unreadable(moment, condition.guard); reason != Reason::Allowed) return reason;
  return Reason::Allowed;
}

// 6.2, 7.1: exact fractions.
Fraction value_of(const Moment& moment, const LinearSum& sum) {
  Fraction value(sum.constant_numerator, sum.constant_denominator);
  for (const LinearTerm& term : sum.terms)
    value = value + Fraction(term.coefficient.numerator, term.coefficient.denominator) * Fraction(read(moment, term.quantity).number);
  return value;
}

bool holds(const Moment& moment, const Guard& guard) {
  const auto part_holds = [&](const Guard& part) { return holds(moment, part); };
  switch (guard.kind) {
    case GuardKind::All: return std::all_of(guard.parts.begin(), guard.parts.end(), part_holds);    // 6.1
    case GuardKind::AnyOf: return std::any_of(guard.parts.begin(), guard.parts.end(), part_holds);  // 6.1
    case GuardKind::Not: return !holds(moment, guard.parts.front());                                // 6.1
    case GuardKind::Compare:                                                                        // 6.2
      return compare(guard.comparator, (value_of(moment, guard.left) - value_of(moment, guard.right)).sign());
    case GuardKind::Flag: return read_fact(moment, guard.reference).number == 1;                    // 6.5
    case GuardKind::ModeIs: return ((guard.modes >> mode_of(moment, guard.reference)) & 1) != 0;    // 6.6
    case GuardKind::Approved: return approved(moment.authority, guard.roles, guard.count);          // 6.7
    case GuardKind::HasEvidence: return (guard.evidence & ~moment.authority.evidence) == 0;         // 6.8
    case GuardKind::TimeBetween:                                                                    // 6.9
      return time_between(second_of_day(moment.authority.time_ms), guard.start_second, guard.end_second);
  }
  throw std::logic_error("no such guard");
}

Index first_failing(const Moment& moment, const std::vector<Condition>& conditions) {
  for (Index i = 0; i < conditions.size(); ++i)
    if (!holds(moment, conditions[i].guard)) return i;
  return kNone;
}

}  // namespace ringfence::reference
