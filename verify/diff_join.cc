// SPDX-License-Identifier: Apache-2.0
// First the names are paired, in the order in which they depend on each other; then both policies are written anew in joint numbers.
#include "verify/diff_join.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "verify/coin_state.h"
#include "verify/times.h"

namespace ringfence {
namespace {


Index mapped(const std::vector<Index>& to, Index index) { return index == kNone ? kNone : to[index]; }

std::vector<Index> mapped(const std::vector<Index>& to, const std::vector<Index>& all, bool sorted = false) {
  std::vector<Index> result;
  for (const Index each : all) result.push_back(to[each]);
  if (sorted) std::sort(result.begin(), result.end());
  return result;
}

template <class Declared, class Key>
Pairing paired(const std::vector<Declared>& older, const std::vector<Declared>& newer, const Key& key) {
  std::array<std::vector<std::string>, 2> keys;
  for (std::size_t i = 0; i < older.size(); ++i) keys[kOlder].push_back(key(kOlder, older[i]));
  for (std::size_t i = 0; i < newer.size(); ++i) keys[kNewer].push_back(key(kNewer, newer[i]));
  return pair_up(keys[kOlder], keys[kNewer]);
}

/// All declarations in joint order: each policy's own, else the other's. `rename` makes the names in it joint ones.
template <class Declared, class Rename>
std::vector<Declared> combined(const Pairing& pairing, unsigned policy, const std::vector<Declared>& older, const std::vector<Declared>& newer, const Rename& rename) {
  std::vector<Declared> all;
  for (Index i = 0; i < pairing.count(); ++i) {
    const unsigned from = pairing.has(policy, i) ? policy : 1 - policy;
    Declared each = (from == kOlder ? older : newer)[pairing.own[from][i]];
    rename(from, each);
    all.push_back(std::move(each));
  }
  return all;
}

using MoveKey = std::tuple<Index, Index, Relation, Index, Index>;

class Joining {
 public:
  Joining(const Moves& older, const Moves& newer) : own_{&older, &newer} {}

  Joint run() {
    pair_names();
    if (joint_.roles.count() > kRolesMax) joint_.incomparable = "the two policies have more than 64 roles together";
    if (joint_.evidence.count() > kEvidenceMax) joint_.incomparable = "the two policies have more than 64 kinds of evidence together";
    for (const Pairing& modes : joint_.modes)
      if (modes.count() > kModesMax) joint_.incomparable = "some subject has more than 64 modes in the two policies together";
    if (!joint_.incomparable.empty()) return std::move(joint_);
    for (const unsigned policy : {kOlder, kNewer}) joint_.sides[policy].vocabulary = vocabulary(policy);
    pair_limits();
    for (const unsigned policy : {kOlder, kNewer}) rename_moves(policy);
    return std::move(joint_);
  }

 private:
  const Vocabulary& own(unsigned policy) const { return own_[policy]->vocabulary; }

  // ---- pairing

  std::string key_list(unsigned policy, const std::vector<Index>& keys) const {
    return fmt::format("{}", fmt::join(mapped(joint_.entities.joint[policy], keys), ","));
  }

  std::string subject_key(unsigned policy, const Subject& subject) const {
    const Index index = subject.kind == SubjectKind::Bucket ? joint_.buckets.joint[policy][subject.index]
                        : subject.kind == SubjectKind::Entity ? joint_.entities.joint[policy][subject.index] : kNone;
    return fmt::format("{}/{}/{}", static_cast<int>(subject.kind), index, key_list(policy, subject.keys));
  }

  template <class Declared, class Key>
  Pairing pair(std::vector<Declared> Vocabulary::* member, const Key& key) const {
    return paired(own(kOlder).*member, own(kNewer).*member, key);
  }

  void pair_names() {
    const auto by_name = [](unsigned, const auto& declared) { return declared.name; };
    joint_.assets = pair(&Vocabulary::assets, [](unsigned, const Asset& asset) { return fmt::format("{}/{}", asset.name, asset.decimals); });
    joint_.roles = pair(&Vocabulary::roles, by_name);
    joint_.purposes = pair(&Vocabulary::purposes, by_name);
    joint_.evidence = pair(&Vocabulary::evidence, by_name);
    joint_.entities = pair(&Vocabulary::entities, [](unsigned, const Entity& entity) { return fmt::format("{}/{}", entity.name, entity.many); });
    joint_.buckets = pair(&Vocabulary::buckets, [&](unsigned policy, const Bucket& bucket) {
      return fmt::format("{}/{}/{}", bucket.name, bucket.external, key_list(policy, bucket.keys));
    });
    pair_accounts();
    joint_.facts = pair(&Vocabulary::facts, [&](unsigned policy, const Fact& fact) {
      return fmt::format("{}/{}/{}/{}", fact.name, subject_key(policy, fact.subject), static_cast<int>(fact.type), mapped(joint_.assets.joint[policy], fact.asset));
    });
    joint_.machines = pair(&Vocabulary::machines, [&](unsigned policy, const ModeMachine& machine) { return subject_key(policy, machine.subject); });
    for (Index machine = 0; machine < joint_.machines.count(); ++machine) joint_.modes.push_back(pair_modes(machine));
  }

  /// An account with other buckets in it has other totals.
  void pair_accounts() {
    std::array<std::vector<std::string>, 2> keys;
    for (const unsigned policy : {kOlder, kNewer}) {
      std::vector<std::vector<Index>> members(own(policy).accounts.size());
      for (Index i = 0; i < own(policy).buckets.size(); ++i)
        if (const Index account = own(policy).buckets[i].account; account != kNone) members[account].push_back(joint_.buckets.joint[policy][i]);
      for (std::size_t i = 0; i < members.size(); ++i) {
        std::sort(members[i].begin(), members[i].end());
        const Account& account = own(policy).accounts[i];
        keys[policy].push_back(fmt::format("{}/{}/{}", account.name, key_list(policy, account.keys), fmt::join(members[i], ",")));
      }
    }
    joint_.accounts = pair_up(keys[kOlder], keys[kNewer]);
  }

  Pairing pair_modes(Index machine) const {
    std::array<std::vector<std::string>, 2> names;
    for (const unsigned policy : {kOlder, kNewer})
      if (joint_.machines.has(policy, machine)) names[policy] = own(policy).machines[joint_.machines.own[policy][machine]].modes;
    return pair_up(names[kOlder], names[kNewer]);
  }

  // ---- declarations in joint numbers

  void rename_subject(unsigned from, Subject& subject) const {
    if (subject.kind == SubjectKind::Bucket) subject.index = joint_.buckets.joint[from][subject.index];
    if (subject.kind == SubjectKind::Entity) subject.index = joint_.entities.joint[from][subject.index];
    subject.keys = mapped(joint_.entities.joint[from], subject.keys);
  }

  Vocabulary vocabulary(unsigned policy) const {
    const Vocabulary &older = own(kOlder), &newer = own(kNewer);
    const auto as_it_is = [](unsigned, auto&) {};
    const auto owned = [&](unsigned from, auto& place) {
      place.owner = mapped(joint_.entities.joint[from], place.owner);
      place.keys = mapped(joint_.entities.joint[from], place.keys);
    };
    Vocabulary all;
    all.assets = combined(joint_.assets, policy, older.assets, newer.assets, as_it_is);
    all.roles = combined(joint_.roles, policy, older.roles, newer.roles, as_it_is);
    all.purposes = combined(joint_.purposes, policy, older.purposes, newer.purposes, as_it_is);
    all.evidence = combined(joint_.evidence, policy, older.evidence, newer.evidence, as_it_is);
    all.entities = combined(joint_.entities, policy, older.entities, newer.entities, as_it_is);
    all.accounts = combined(joint_.accounts, policy, older.accounts, newer.accounts, owned);
    all.buckets = combined(joint_.buckets, policy, older.buckets, newer.buckets, [&](unsigned from, Bucket& bucket) {
      owned(from, bucket);
      bucket.account = mapped(joint_.accounts.joint[from], bucket.account);
    });
    all.facts = combined(joint_.facts, policy, older.facts, newer.facts, [&](unsigned from, Fact& fact) {
      rename_subject(from, fact.subject);
      fact.asset = mapped(joint_.assets.joint[from], fact.asset);
    });
    all.machines = combined(joint_.machines, policy, older.machines, newer.machines, [&](unsigned from, ModeMachine& machine) { rename_subject(from, machine.subject); });
    for (Index i = 0; i < all.machines.size(); ++i) all.machines[i].modes = joint_modes(i);
    for (Fence fence : own(policy).fences) {
      for (std::vector<Index>* side : {&fence.left, &fence.right, &fence.within}) *side = mapped(joint_.buckets.joint[policy], *side, true);
      fence.entity = mapped(joint_.entities.joint[policy], fence.entity);
      all.fences.push_back(std::move(fence));
    }
    return all;
  }

  std::vector<std::string> joint_modes(Index machine) const {
    const Pairing& modes = joint_.modes[machine];
    std::vector<std::string> names;
    for (Index i = 0; i < modes.count(); ++i) {
      const unsigned from = modes.has(kOlder, i) ? kOlder : kNewer;
      names.push_back(own(from).machines[joint_.machines.own[from][machine]].modes[modes.own[from][i]]);
    }
    return names;
  }

  // ---- limits

  MoveKey joint_key(unsigned policy, const Move& move) const {
    return {joint_.buckets.joint[policy][move.from], joint_.buckets.joint[policy][move.to], move.relation,
            joint_.purposes.joint[policy][move.purpose], joint_.assets.joint[policy][move.asset]};
  }

  void pair_limits() {
    std::map<MoveKey, Index> common;
    if (!own_[kOlder]->limits.empty() || !own_[kNewer]->limits.empty()) {
      std::map<MoveKey, Index> older;
      for (const Move& move : own_[kOlder]->moves) older.emplace(joint_key(kOlder, move), 0);
      for (const Move& move : own_[kNewer]->moves)
        if (const MoveKey key = joint_key(kNewer, move); older.contains(key)) common.emplace(key, 0);
      Index next = 0;
      for (auto& [key, number] : common) number = next++;
    }
    std::array<std::vector<Counted>, 2> counted{counted_by(kOlder, common), counted_by(kNewer, common)};
    joint_.limits = paired(counted[kOlder], counted[kNewer], [](unsigned, const Counted& each) {
      return fmt::format("{}/{}/{}/{}", each.asset, each.window_ms, fmt::join(each.per, ","), fmt::join(each.moves, ","));
    });
    joint_.counted = combined(joint_.limits, kNewer, counted[kOlder], counted[kNewer], [](unsigned, Counted&) {});
  }

  std::vector<Counted> counted_by(unsigned policy, const std::map<MoveKey, Index>& common) const {
    const Moves& moves = *own_[policy];
    std::vector<Counted> all;
    std::unordered_map<Index, Index> of_statement;
    for (const LimitWindow& limit : moves.limits) {
      of_statement.emplace(limit.statement, static_cast<Index>(all.size()));
      all.push_back({joint_.assets.joint[policy][limit.asset], mapped(joint_.entities.joint[policy], limit.per), limit.window_ms, {}});
    }
    for (const Move& move : moves.moves) {
      if (move.limits.empty()) continue;
      const auto place = common.find(joint_key(policy, move));
      for (const Guarded& limit : move.limits)
        if (const auto found = of_statement.find(limit.statement); place != common.end() && found != of_statement.end()) all[found->second].moves.push_back(place->second);
    }
    for (Counted& each : all) {
      std::sort(each.moves.begin(), each.moves.end());
      each.moves.erase(std::unique(each.moves.begin(), each.moves.end()), each.moves.end());
    }
    return all;
  }

  // ---- moves

  /// The slots in joint numbers, sorted, none twice; and where each of the old ones is now.
  std::vector<Index> rename_slots(unsigned policy, std::vector<Slot>& slots) const {
    const auto less = [](const Slot& a, const Slot& b) {
      const auto fields = [](const Slot& slot) { return std::tie(slot.kind, slot.target, slot.asset, slot.roles); };
      if (fields(a) != fields(b)) return fields(a) < fields(b);
      return std::lexicographical_compare(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(), [](const KeySource& x, const KeySource& y) {
        return std::tie(x.from, x.position) < std::tie(y.from, y.position);
      });
    };
    std::vector<Slot> before;
    for (const Slot& slot : slots) before.push_back(renamed(joint_, policy, slot));
    slots = before;
    std::sort(slots.begin(), slots.end(), less);
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    std::vector<Index> places;
    for (const Slot& slot : before) places.push_back(static_cast<Index>(std::lower_bound(slots.begin(), slots.end(), slot, less) - slots.begin()));
    return places;
  }

  void rename_guard(unsigned policy, Guarded& guarded, const std::vector<Index>& places, const std::vector<Slot>& slots) const {
    for (Clause& clause : guarded.clauses)
      for (Node& node : clause.nodes) {
        for (Term& term : node.test.terms) term.slot = places[term.slot];
        if (node.test.kind == TestKind::InSet) node.test.set = renamed(joint_.modes[slots[node.test.terms[0].slot].target].joint[policy], node.test.set);
        std::sort(node.test.terms.begin(), node.test.terms.end(), [](const Term& a, const Term& b) { return a.slot < b.slot; });
      }
    if (!guarded.brings) return;
    guarded.brings->slot = places[guarded.brings->slot];
    guarded.brings->mode = joint_.modes[slots[guarded.brings->slot].target].joint[policy][guarded.brings->mode];
  }

  Move rename_move(unsigned policy, Move move) const {
    std::tie(move.from, move.to, move.relation, move.purpose, move.asset) = joint_key(policy, move);
    move.roles = renamed(joint_.roles.joint[policy], move.roles);
    const std::vector<Index> places = rename_slots(policy, move.slots);
    for (std::vector<Guarded>* group : {&move.allows, &move.denies, &move.floors, &move.limits})
      for (Guarded& guarded : *group) rename_guard(policy, guarded, places, move.slots);
    for (Index* slot : {&move.funds_slot, &move.account_slot, &move.from_slot, &move.to_slot}) *slot = mapped(places, *slot);
    return move;
  }

  void rename_moves(unsigned policy) {
    const Moves& own = *own_[policy];
    Moves& side = joint_.sides[policy];
    side.statements = own.statements;
    side.source_digest = own.source_digest;
    for (const LimitWindow& limit : own.limits)
      side.limits.push_back({limit.statement, joint_.assets.joint[policy][limit.asset], mapped(joint_.entities.joint[policy], limit.per), limit.window_ms});
    side.moves.reserve(own.moves.size());
    for (const Move& move : own.moves) side.moves.push_back(rename_move(policy, move));
    for (Transition transition : own.transitions) {
      const Index machine = joint_.machines.joint[policy][transition.machine];
      const std::vector<Index>& modes = joint_.modes[machine].joint[policy];
      transition.machine = machine;
      transition.from_modes = renamed(modes, transition.from_modes);
      transition.to_mode = modes[transition.to_mode];
      transition.roles = renamed(joint_.roles.joint[policy], transition.roles);
      const std::vector<Index> places = rename_slots(policy, transition.slots);
      rename_guard(policy, transition.guard, places, transition.slots);
      side.transitions.push_back(std::move(transition));
    }
  }

  const std::array<const Moves*, 2> own_;
  Joint joint_;
};

bool account_overdraws(const Vocabulary& vocabulary, Index account) {
  return std::any_of(vocabulary.buckets.begin(), vocabulary.buckets.end(), [&](const Bucket& bucket) { return bucket.account == account && bucket.may_overdraw; });
}

}  // namespace

Pairing pair_up(const std::vector<std::string>& older, const std::vector<std::string>& newer) {
  Pairing pairing;
  std::unordered_map<std::string, std::vector<Index>> known;
  for (const std::string& key : older) {
    const auto index = static_cast<Index>(pairing.own[kOlder].size());
    known[key].push_back(index);
    pairing.joint[kOlder].push_back(index);
    pairing.own[kOlder].push_back(index);
  }
  pairing.own[kNewer].assign(older.size(), kNone);
  std::unordered_map<std::string, std::size_t> met;
  for (Index i = 0; i < newer.size(); ++i) {
    const auto found = known.find(newer[i]);
    const std::size_t nth = met[newer[i]]++;
    const bool is_known = found != known.end() && nth < found->second.size();
    const Index index = is_known ? found->second[nth] : static_cast<Index>(pairing.own[kNewer].size());
    if (!is_known) {
      pairing.own[kOlder].push_back(kNone);
      pairing.own[kNewer].push_back(kNone);
    }
    pairing.own[kNewer][index] = i;
    pairing.joint[kNewer].push_back(index);
  }
  return pairing;
}

Mask Joint::modes_of(unsigned policy, Index machine) const {
  Mask mask = 0;
  for (Index i = 0; i < modes[machine].count(); ++i)
    if (modes[machine].has(policy, i)) mask |= Mask{1} << i;
  return mask;
}

bool Joint::reads_differently(const Slot& slot) const {
  const Vocabulary &older = vocabulary(kOlder), &newer = vocabulary(kNewer);
  switch (slot.kind) {
    case SlotKind::Fact: {
      const Fact &a = older.facts[slot.target], &b = newer.facts[slot.target];
      return std::tie(a.min, a.max, a.fresh_within_ms) != std::tie(b.min, b.max, b.fresh_within_ms);
    }
    case SlotKind::Mode: return modes_of(kOlder, slot.target) != modes_of(kNewer, slot.target);
    case SlotKind::Balance:
    case SlotKind::BucketTotal: return older.buckets[slot.target].may_overdraw != newer.buckets[slot.target].may_overdraw;
    case SlotKind::AccountTotal: return account_overdraws(older, slot.target) != account_overdraws(newer, slot.target);
    default: return false;
  }
}

bool Joint::counts_at_most(Index a, Index b) const {
  const Counted &less = counted[a], &more = counted[b];
  // The calendar day so far is no longer than 24 hours.
  const std::int64_t less_ms = less.window_ms == 0 ? kDayMs : less.window_ms;
  const bool shorter = less.window_ms == more.window_ms || (more.window_ms != 0 && less_ms <= more.window_ms);
  if (less.asset != more.asset || !shorter) return false;
  const bool finer = std::all_of(more.per.begin(), more.per.end(), [&](Index entity) { return key_position(less.per, entity) != kNone; });
  return finer && std::includes(more.moves.begin(), more.moves.end(), less.moves.begin(), less.moves.end());
}

Joint join(const Moves& older, const Moves& newer) { return Joining(older, newer).run(); }

Mask renamed(const std::vector<Index>& to, Mask mask) {
  Mask result = 0;
  for (Index i = 0; i < to.size() && i < 64; ++i)
    if (mask >> i & 1) result |= Mask{1} << to[i];
  return result;
}

Slot renamed(const Joint& joint, unsigned policy, Slot slot) {
  slot.asset = mapped(joint.assets.joint[policy], slot.asset);
  switch (slot.kind) {
    case SlotKind::Amount:
    case SlotKind::TimeOfDay:
    case SlotKind::Now: break;
    case SlotKind::Approvals: slot.roles = renamed(joint.roles.joint[policy], slot.roles); break;
    case SlotKind::Evidence: slot.target = joint.evidence.joint[policy][slot.target]; break;
    case SlotKind::Balance:
    case SlotKind::BucketTotal: slot.target = joint.buckets.joint[policy][slot.target]; break;
    case SlotKind::AccountTotal: slot.target = joint.accounts.joint[policy][slot.target]; break;
    case SlotKind::Fact: slot.target = joint.facts.joint[policy][slot.target]; break;
    case SlotKind::Mode: slot.target = joint.machines.joint[policy][slot.target]; break;
    case SlotKind::Used: slot.target = joint.limits.joint[policy][slot.target]; break;
  }
  return slot;
}

}  // namespace ringfence
