// SPDX-License-Identifier: Apache-2.0
// What the guards read is collected first; then every combination of values that stand for all of them.
#include "tests/reference/choices.h"

#include <algorithm>
#include <map>
#include <set>

namespace ringfence::reference {
namespace {

constexpr std::int64_t kNoonMs = 12 * 3'600'000;

struct Reads {
  Mask approval_roles = 0, evidence = 0;
  std::uint32_t approvals_max = 0;
  std::set<std::uint32_t> seconds;
  std::set<Index> facts;
  bool now = false;
};

void collect(const LinearSum& sum, Reads& reads) {
  for (const LinearTerm& term : sum.terms) {
    if (term.quantity.kind == QuantityKind::Fact) reads.facts.insert(term.quantity.reference.target);
    reads.now = reads.now || term.quantity.kind == QuantityKind::Now;
  }
}

void collect(const Guard& guard, Reads& reads) {
  for (const Guard& part : guard.parts) collect(part, reads);
  switch (guard.kind) {
    case GuardKind::Compare:
      collect(guard.left, reads);
      collect(guard.right, reads);
      break;
    case GuardKind::Flag: reads.facts.insert(guard.reference.target); break;
    case GuardKind::Approved:
      reads.approval_roles |= guard.roles;
      reads.approvals_max = std::max(reads.approvals_max, guard.count);
      break;
    case GuardKind::HasEvidence: reads.evidence |= guard.evidence; break;
    case GuardKind::TimeBetween: reads.seconds.insert({guard.start_second, guard.end_second}); break;
    case GuardKind::All:
    case GuardKind::AnyOf:
    case GuardKind::Not:
    case GuardKind::ModeIs: break;
  }
}

void collect(const std::vector<Condition>& conditions, Reads& reads) {
  for (const Condition& condition : conditions) collect(condition.guard, reads);
}

bool reads_now(const TypedPolicy& policy) {
  Reads reads;
  for (const TypedRule& rule : policy.rules) collect(rule.conditions, reads);
  for (const TypedTransition& transition : policy.transitions) collect(transition.conditions, reads);
  return reads.now;
}

// ---- values that stand for all values of a fact

constexpr Int128 kAllOfRange = 10;

void add_constants(const LinearSum& sum, std::set<Int128>& values) {
  const Int128 constant = sum.constant_numerator / sum.constant_denominator;
  for (const Int128 number : {constant - 1, constant, constant + 1}) values.insert(number);
}

void add_constants(const Guard& guard, std::set<Int128>& values) {
  for (const Guard& part : guard.parts) add_constants(part, values);
  if (guard.kind != GuardKind::Compare) return;
  add_constants(guard.left, values);
  add_constants(guard.right, values);
}

std::vector<Int128> representatives(const TypedPolicy& policy, const Fact& fact) {
  std::set<Int128> values{fact.min, fact.max};
  if (fact.max - fact.min <= kAllOfRange) {
    for (Int128 number = fact.min; number <= fact.max; ++number) values.insert(number);
  } else {
    for (const TypedRule& rule : policy.rules)
      for (const Condition& condition : rule.conditions) add_constants(condition.guard, values);
    for (const TypedTransition& transition : policy.transitions)
      for (const Condition& condition : transition.conditions) add_constants(condition.guard, values);
  }
  std::vector<Int128> within;
  for (const Int128 number : values)
    if (number >= fact.min && number <= fact.max) within.push_back(number);
  return within;
}

// ---- times that stand for all times

constexpr Int128 kDayMs = 86'400'000, kFirstInstant = 1'000'000'000'000;   // constants beyond are instants, others are durations
constexpr Int128 kTimesMax = 200;

/// The instants, and the longest duration, that `now` is compared with.
struct Marks { std::set<Int128> instants; Int128 longest = 0; };

void add_marks(const LinearSum& sum, Marks& marks) {
  const Int128 constant = sum.constant_numerator / sum.constant_denominator, magnitude = constant < 0 ? -constant : constant;   // an instant may be taken away
  if (magnitude >= kFirstInstant) marks.instants.insert(magnitude);
  else marks.longest = std::max(marks.longest, magnitude);
}

bool is_of_time(const TypedPolicy& policy, const LinearSum& sum) {
  return std::any_of(sum.terms.begin(), sum.terms.end(), [&](const LinearTerm& term) {
    if (term.quantity.kind != QuantityKind::Fact) return term.quantity.kind == QuantityKind::Now;
    const FactType type = policy.vocabulary.facts[term.quantity.reference.target].type;
    return type == FactType::Instant || type == FactType::Duration;
  });
}

void add_marks(const TypedPolicy& policy, const Guard& guard, Marks& marks) {
  for (const Guard& part : guard.parts) add_marks(policy, part, marks);
  if (guard.kind != GuardKind::Compare || !(is_of_time(policy, guard.left) || is_of_time(policy, guard.right))) return;
  add_marks(guard.left, marks);
  add_marks(guard.right, marks);
}

Marks marks_of(const TypedPolicy& policy) {
  Marks marks;
  for (const TypedRule& rule : policy.rules)
    for (const Condition& condition : rule.conditions) add_marks(policy, condition.guard, marks);
  for (const TypedTransition& transition : policy.transitions)
    for (const Condition& condition : transition.conditions) add_marks(policy, condition.guard, marks);
  for (const Fact& fact : policy.vocabulary.facts) {
    if (fact.type == FactType::Instant) marks.instants.insert({fact.min, fact.max});
    if (fact.type == FactType::Duration) marks.longest = std::max({marks.longest, fact.max, -fact.min});
  }
  return marks;
}

struct Time { std::int64_t ms = 0; std::uint8_t order = 0; };

/// Every time at which a comparison with `now` changes, or next to it, in their order; and each time of day that matters on a day before all of these, and on
/// one after. There are many such days, so that among themselves these have no order. Nothing where they would be too many.
std::optional<std::vector<Time>> times(const TypedPolicy& policy, const Reads& reads) {
  std::set<std::uint32_t> seconds = reads.seconds;
  if (seconds.empty()) seconds.insert(static_cast<std::uint32_t>(kNoonMs / 1000));
  std::vector<Time> listed;
  const auto add_days = [&](Int128 day, std::uint8_t order) {
    for (const std::uint32_t second : seconds) listed.push_back({static_cast<std::int64_t>(day * kDayMs + Int128{second} * 1000), order});
  };
  const Marks marks = marks_of(policy);
  if (!reads_now(policy) || marks.instants.empty()) {
    add_days(0, 0);
    return listed;
  }
  const Int128 reach = 2 * marks.longest + 1, first = *marks.instants.begin() - reach, last = *marks.instants.rbegin() + reach;
  if (last - first > kTimesMax) return std::nullopt;
  add_days(first / kDayMs - 1, 0);
  for (Int128 time = first; time <= last; ++time) listed.push_back({static_cast<std::int64_t>(time), static_cast<std::uint8_t>(1 + time - first)});
  add_days(last / kDayMs + 1, static_cast<std::uint8_t>(2 + last - first));
  return listed;
}

// ---- combinations

using Entities = std::map<Index, std::set<std::uint64_t>>;   ///< the ids that the transfer names

void note_ids(const std::vector<Index>& keys, const Instance& instance, Entities& entities) {
  for (std::size_t i = 0; i < keys.size(); ++i) entities[keys[i]].insert(instance.ids[i]);
}

std::vector<Instance> instances_of(const TypedPolicy& policy, Index fact, const Entities& entities) {
  const std::vector<Index>& keys = policy.vocabulary.facts[fact].subject.keys;
  std::vector<Instance> instances{{fact, static_cast<std::uint8_t>(keys.size()), {}}};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::vector<Instance> longer;
    const auto ids = entities.find(keys[i]);
    for (const Instance& instance : instances)
      if (ids != entities.end())
        for (const std::uint64_t id : ids->second) {
          longer.push_back(instance);
          longer.back().ids[i] = id;
        }
    instances = std::move(longer);
  }
  return instances;
}

/// Every choice with every one of `options` put in by `put`; false when they would be too many.
template <class Option, class Put>
bool multiply(std::vector<Choice>& choices, const std::vector<Option>& options, std::size_t most, Put put) {
  if (choices.size() * options.size() > most) return false;
  std::vector<Choice> product;
  for (const Choice& choice : choices)
    for (const Option& option : options) {
      product.push_back(choice);
      put(product.back(), option);
    }
  choices = std::move(product);
  return true;
}

// Kinds of approver: each role alone, each pair (or all three) in one person; up to `approvals_max` persons of each kind.
std::vector<std::vector<Approval>> approval_options(const Reads& reads) {
  std::vector<Mask> kinds;
  for (Index role = 0; role < kRolesMax; ++role)
    if (((reads.approval_roles >> role) & 1) != 0) kinds.push_back(Mask{1} << role);
  if (kinds.size() > 1) kinds.push_back(reads.approval_roles);
  std::vector<std::vector<Approval>> options{{}};
  for (const Mask kind : kinds) {
    const std::vector<std::vector<Approval>> before = options;
    std::vector<std::vector<Approval>> extended = before;
    for (std::uint32_t count = 1; count <= reads.approvals_max; ++count)
      for (std::vector<Approval> option : before) {
        for (std::uint32_t i = 0; i < count; ++i) option.push_back({kInitiator + 1 + option.size(), kind});
        extended.push_back(option);
      }
    options = std::move(extended);
  }
  return options;
}

std::optional<std::vector<Choice>> combine(const TypedPolicy& policy, const Reads& reads, const Entities& entities, std::size_t most) {
  std::vector<Choice> choices{{0, kNoonMs, 0, {}, {}}};
  std::vector<Mask> shown{0};
  for (Index kind = 0; kind < kEvidenceMax; ++kind)
    if (((reads.evidence >> kind) & 1) != 0)
      for (std::size_t i = 0, count = shown.size(); i < count; ++i) shown.push_back(shown[i] | Mask{1} << kind);
  const auto moments = times(policy, reads);
  bool fits = moments && multiply(choices, shown, most, [](Choice& choice, Mask mask) { choice.evidence = mask; }) &&
              multiply(choices, *moments, most, [](Choice& choice, const Time& time) { choice.time_ms = time.ms, choice.order = time.order; }) &&
              multiply(choices, approval_options(reads), most,
                       [](Choice& choice, const std::vector<Approval>& approvals) { choice.approvals = approvals; });
  for (const Index fact : reads.facts)
    for (const Instance& subject : instances_of(policy, fact, entities))
      fits = fits && multiply(choices, representatives(policy, policy.vocabulary.facts[fact]), most, [&](Choice& choice, Int128 number) {
               choice.facts.push_back({subject, number, choice.time_ms});
             });
  if (!fits) return std::nullopt;
  return choices;
}

bool has_pair(const std::vector<Pair>& pairs, Index from, Index to) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.from == from && pair.to == to; });
}

}  // namespace

std::optional<std::vector<Choice>> choices(const TypedPolicy& policy, const Transfer& transfer, std::size_t most) {
  Reads reads;
  for (const TypedRule& rule : policy.rules)
    if (has_pair(rule.pairs, transfer.from.target, transfer.to.target)) collect(rule.conditions, reads);
  for (const TypedFloor& floor : policy.floors)
    if (floor.bucket == transfer.from.target) {
      collect(floor.minimum, reads);
      collect(floor.unless, reads);
    }
  for (const TypedLimit& limit : policy.limits)
    if (has_pair(limit.pairs, transfer.from.target, transfer.to.target)) {
      collect(limit.cap, reads);
      collect(limit.unless, reads);
    }
  Entities entities;
  note_ids(policy.vocabulary.buckets[transfer.from.target].keys, transfer.from, entities);
  note_ids(policy.vocabulary.buckets[transfer.to.target].keys, transfer.to, entities);
  return combine(policy, reads, entities, most);
}

std::optional<std::vector<Choice>> choices(const TypedPolicy& policy, const ModeChange& change, std::size_t most) {
  Reads reads;
  for (const TypedTransition& transition : policy.transitions)
    if (transition.machine == change.subject.target && transition.to_mode == change.to_mode) collect(transition.conditions, reads);
  Entities entities;
  note_ids(policy.vocabulary.machines[change.subject.target].subject.keys, change.subject, entities);
  return combine(policy, reads, entities, most);
}

std::vector<Index> different_roles(const TypedPolicy& policy) {
  std::set<std::vector<bool>> seen;
  std::vector<Index> different;
  for (Index role = 0; role < policy.vocabulary.roles.size(); ++role) {
    std::vector<bool> signature;
    for (const TypedRule& rule : policy.rules) signature.push_back(((rule.roles >> role) & 1) != 0);
    for (const TypedTransition& transition : policy.transitions) signature.push_back(((transition.roles >> role) & 1) != 0);
    if (seen.insert(signature).second) different.push_back(role);
  }
  return different;
}

std::vector<Index> different_purposes(const TypedPolicy& policy) {
  std::set<std::vector<bool>> seen;
  std::vector<Index> different;
  for (Index purpose = 0; purpose < policy.vocabulary.purposes.size(); ++purpose) {
    std::vector<bool> signature;
    const auto note = [&](const std::vector<Index>& purposes) {
      signature.push_back(std::find(purposes.begin(), purposes.end(), purpose) != purposes.end());
    };
    for (const TypedRule& rule : policy.rules) note(rule.purposes);
    for (const TypedLimit& limit : policy.limits) note(limit.purposes);
    if (seen.insert(signature).second) different.push_back(purpose);
  }
  return different;
}

}  // namespace ringfence::reference
