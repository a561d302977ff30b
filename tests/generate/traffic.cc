// SPDX-License-Identifier: Apache-2.0
// Traffic is drawn from the policy's own rules, so that most of it reaches the guards, and is then spoilt now and then.
#include "tests/generate/traffic.h"

#include <algorithm>

namespace ringfence::generate {
namespace {

Int128 random_amount(Random& random) {
  switch (random.below(40)) {
    case 0: return 0;
    case 1: return kAmountMax;
    case 2: return kAmountMax + 1;
    case 3: return kAmountMax - 1;
    case 4: return -1;
    default: return 1 + random.below(random.chance(70) ? 4 : 12);
  }
}

Mask random_mask(Random& random, std::size_t count) {
  Mask mask = 0;
  for (std::size_t i = 0; i < count; ++i)
    if (random.chance(50)) mask |= Mask{1} << i;
  return mask;
}

Index first_of(Mask mask, unsigned skip) {
  Index found = kNone;
  for (Index i = 0; i < 64; ++i)
    if (((mask >> i) & 1) != 0) {
      found = i;
      if (skip-- == 0) return i;
    }
  return found;
}

void fill_authority(Random& random, const Vocabulary& vocabulary, Mask roles, std::int64_t now_ms, Authority& authority,
                    std::vector<Approval>& approvals) {
  authority.person = 1 + random.below(3);
  authority.role = random.chance(2) ? static_cast<Index>(vocabulary.roles.size()) : first_of(roles, random.below(3));
  authority.evidence = random.chance(40) ? (Mask{1} << vocabulary.evidence.size()) - 1 : random_mask(random, vocabulary.evidence.size());
  authority.time_ms = now_ms;
  std::size_t count = random.chance(30) ? 0 : random.below(4);
  if (random.chance(1)) count = kApprovalsMax + random.below(2);
  for (std::size_t i = 0; i < count; ++i)
    approvals.push_back({1 + std::uint64_t{random.below(4)}, random_mask(random, vocabulary.roles.size())});
}

// Ids of a pair that is to satisfy its relations: start from the source, copy or change what is shared.
void relate(Random& random, const Vocabulary& vocabulary, const Pair& pair, Transfer& transfer) {
  const std::vector<Index>&from = vocabulary.buckets[pair.from].keys, &to = vocabulary.buckets[pair.to].keys;
  std::size_t shared = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Index in_to = reference::position(to, from[i]);
    if (in_to == kNone) continue;
    const Match match = pair.matches.at(shared++);
    std::uint64_t& id = transfer.to.ids[in_to];
    if (match == Match::Same) id = transfer.from.ids[i];
    else if (match == Match::Other && id == transfer.from.ids[i]) id = id % kIdCount + 1;
  }
  if (transfer.from == transfer.to && random.chance(90) && transfer.to.id_count > 0) transfer.to.ids[0] = transfer.to.ids[0] % kIdCount + 1;
}

void spoil(Random& random, Transfer& transfer) {
  switch (random.below(8)) {
    case 0: transfer.purpose = 77; break;
    case 1: transfer.asset = 77; break;
    case 2: transfer.from.target = 77; break;
    case 3: transfer.to.target = kNone; break;
    case 4: transfer.from.id_count = static_cast<std::uint8_t>(transfer.from.id_count == 0 ? 1 : transfer.from.id_count - 1); break;
    case 5: transfer.to.id_count = 5; break;
    case 6: transfer.to = transfer.from; break;
    default: transfer.authority.role = kNone; break;
  }
}

std::string digits(Int128 number) { return to_string(number); }

std::string print(const Authority& authority) {
  std::string text = " by person " + std::to_string(authority.person) + " role " + std::to_string(authority.role) + " evidence " +
                     std::to_string(authority.evidence) + " time " + std::to_string(authority.time_ms) + " approvals";
  for (const Approval& approval : authority.approvals) text += " " + std::to_string(approval.person) + ":" + std::to_string(approval.roles);
  return text;
}

std::string print_ids(const Instance& instance) {
  std::string text = "(";
  for (std::size_t i = 0; i < instance.id_count && i < kKeysMax; ++i) text += (i == 0 ? "" : ",") + std::to_string(instance.ids[i]);
  return text + ")";
}

}  // namespace

Instance random_instance(Random& random, Index target, std::size_t key_count) {
  Instance instance{target, static_cast<std::uint8_t>(key_count), {}};
  for (std::size_t i = 0; i < key_count; ++i) instance.ids[i] = 1 + random.below(kIdCount);
  return instance;
}

reference::State random_state(Random& random, const TypedPolicy& policy) {
  reference::State state;
  const Vocabulary& vocabulary = policy.vocabulary;
  for (Index b = 0; b < vocabulary.buckets.size(); ++b)
    for (unsigned i = 0; i < 6 && !vocabulary.buckets[b].external; ++i) {
      const Instance bucket = random_instance(random, b, vocabulary.buckets[b].keys.size());
      const Index asset = random.below(vocabulary.assets.size());
      if (state.balance(bucket, asset) == 0) state.add(bucket, asset, random.chance(3) ? kAmountMax - random.below(3) : random.below(10));
    }
  for (Index m = 0; m < vocabulary.machines.size(); ++m)
    for (unsigned i = 0; i < 3; ++i)
      state.set_mode(random_instance(random, m, vocabulary.machines[m].subject.keys.size()), random.below(vocabulary.machines[m].modes.size()),
                     kStartMs - random.pick(std::vector<std::int64_t>{0, 1, 9'999, 10'000, 3'600'000}));
  for (std::size_t i = 0; i < vocabulary.facts.size() * 12; ++i) {
    const reference::KnownFact fact = random_fact(random, policy, kStartMs);
    state.set_fact(fact.subject, fact.number, fact.observed_ms);
  }
  return state;
}

reference::KnownFact random_fact(Random& random, const TypedPolicy& policy, std::int64_t now_ms) {
  const Index chosen = random.below(policy.vocabulary.facts.size());
  const Fact& fact = policy.vocabulary.facts[chosen];
  const Int128 span = fact.max - fact.min < 12 ? fact.max - fact.min + 1 : fact.type == FactType::Ratio ? 1'000'001 : 12;
  Int128 number = fact.min + (span > 1000 ? Int128{random.below(11)} * 100'000 : Int128{random.below(static_cast<std::size_t>(span))});
  static const std::vector<std::int64_t> around{-86'400'000, -10'000, -1, 0, 0, 1, 10'000, 3'600'000, 86'400'000};
  if (span == 12 && fact.type == FactType::Instant) number = std::max(fact.min, Int128{now_ms} + random.pick(around));
  if (span == 12 && fact.type == FactType::Duration) number = std::max(fact.min, Int128{random.pick(around)} + random.below(2));
  if (number > fact.max) number = fact.max;
  if (random.chance(2)) number = fact.max < kAmountMax ? fact.max + 1 : fact.min - 1;
  static const std::vector<std::int64_t> ages{0, 0, 0, 1, 400, 500, 501, 9'999, 10'000, 10'001, -1};
  return {random_instance(random, chosen, fact.subject.keys.size()), number, now_ms - random.pick(ages)};
}

Request random_transfer(Random& random, const TypedPolicy& policy, std::int64_t now_ms) {
  const Vocabulary& vocabulary = policy.vocabulary;
  Request request;
  Transfer& transfer = request.transfer;
  const TypedRule& rule = policy.rules[random.below(policy.rules.size())];
  const bool by_rule = !rule.pairs.empty() && random.chance(85);
  Mask roles = (Mask{1} << vocabulary.roles.size()) - 1;
  Index from = random.below(vocabulary.buckets.size()), to = random.below(vocabulary.buckets.size());
  transfer.purpose = random.below(vocabulary.purposes.size());
  transfer.asset = random.below(vocabulary.assets.size());
  const Pair* pair = nullptr;
  if (by_rule) {
    pair = &rule.pairs[random.below(rule.pairs.size())];
    from = pair->from;
    to = pair->to;
    transfer.purpose = random.pick(rule.purposes);
    transfer.asset = random.pick(rule.assets);
    roles = rule.roles;
  }
  transfer.from = random_instance(random, from, vocabulary.buckets[from].keys.size());
  transfer.to = random_instance(random, to, vocabulary.buckets[to].keys.size());
  if (pair != nullptr && random.chance(92)) relate(random, vocabulary, *pair, transfer);
  transfer.amount = random_amount(random);
  fill_authority(random, vocabulary, roles, now_ms, transfer.authority, request.approvals);
  if (random.chance(2)) spoil(random, transfer);
  return request;
}

ChangeRequest random_change(Random& random, const TypedPolicy& policy, std::int64_t now_ms) {
  ChangeRequest request;
  const Index machine = random.below(policy.vocabulary.machines.size());
  request.change.subject = random_instance(random, machine, policy.vocabulary.machines[machine].subject.keys.size());
  request.change.to_mode = random.below(policy.vocabulary.machines[machine].modes.size());
  Mask roles = (Mask{1} << policy.vocabulary.roles.size()) - 1;
  for (const TypedTransition& transition : policy.transitions)
    if (transition.machine == machine && random.chance(60)) {
      request.change.to_mode = transition.to_mode;
      roles = transition.roles;
    }
  fill_authority(random, policy.vocabulary, roles, now_ms, request.change.authority, request.approvals);
  if (random.chance(3)) request.change.to_mode = 63;
  if (random.chance(2)) request.change.subject.target = 77;
  if (random.chance(2)) request.change.subject.id_count = static_cast<std::uint8_t>(request.change.subject.id_count + 1);
  return request;
}

std::int64_t random_later(Random& random, std::int64_t now_ms) {
  constexpr std::int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;
  switch (random.below(30)) {
    case 0: return now_ms + 10'000;
    case 1: return now_ms + 9'999;
    case 2: return now_ms + kHourMs;
    case 3: return now_ms + kDayMs;
    case 4: return now_ms + kDayMs - 1;
    case 5: return now_ms - now_ms % kDayMs + kDayMs;       // the first instant of the next day
    case 6: return now_ms - now_ms % kDayMs + kDayMs - 1;   // the last of this one
    case 7: return now_ms + kHourMs * random.below(24);
    case 8: return now_ms - 1;
    case 9: return now_ms - now_ms % kHourMs + kHourMs - 1;
    default: return now_ms + random.below(300);
  }
}

std::string print(const Vocabulary& vocabulary, const Instance& instance) {
  const bool known = instance.target < vocabulary.buckets.size();
  return (known ? vocabulary.buckets[instance.target].name : "unknown " + std::to_string(instance.target)) + print_ids(instance);
}

std::string print(const Vocabulary& vocabulary, const Transfer& transfer) {
  return "purpose " + std::to_string(transfer.purpose) + " " + digits(transfer.amount) + " of asset " + std::to_string(transfer.asset) +
         " from " + print(vocabulary, transfer.from) + " to " + print(vocabulary, transfer.to) + print(transfer.authority);
}

std::string print(const Vocabulary&, const ModeChange& change) {
  return "machine " + std::to_string(change.subject.target) + print_ids(change.subject) + " to mode " + std::to_string(change.to_mode) +
         print(change.authority);
}

std::string print(const Vocabulary& vocabulary, const reference::State& state) {
  std::string text;
  for (const reference::Holding& holding : state.holdings)
    text += "  " + print(vocabulary, holding.bucket) + " holds " + digits(holding.balance) + " of asset " + std::to_string(holding.asset) + "\n";
  for (const reference::KnownFact& fact : state.facts)
    text += "  " + vocabulary.facts[fact.subject.target].name + print_ids(fact.subject) + " = " + digits(fact.number) + " observed at " +
            std::to_string(fact.observed_ms) + "\n";
  for (const reference::KnownMode& known : state.modes)
    text += "  machine " + std::to_string(known.subject.target) + print_ids(known.subject) + " is in mode " + std::to_string(known.mode) + " since " +
            std::to_string(known.entered_ms) + "\n";
  for (const reference::Moved& moved : state.history)
    text += "  moved " + digits(moved.amount) + " from " + print(vocabulary, moved.from) + " to " + print(vocabulary, moved.to) + " at " +
            std::to_string(moved.time_ms) + "\n";
  return text;
}

}  // namespace ringfence::generate
