// SPDX-License-Identifier: Apache-2.0
// See step.h. Ids that a step brings into sight are one that is mentioned or one that is not: both are tried.
#include "step.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "balances.h"
#include "fence.h"

namespace checker {
namespace {

/// Calls visit(place) for the bucket with every choice of ids: `choices[i]` lists those of key i.
void for_each_place(Index bucket, const std::vector<std::vector<std::uint8_t>>& choices, const std::function<void(const Place&)>& visit) {
  Place place{bucket, {}};
  std::array<std::size_t, 4> chosen{};
  for (;;) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i].empty()) return;
      place.ids[i] = choices[i][chosen[i]];
    }
    visit(place);
    std::size_t key = 0;
    while (key < choices.size() && ++chosen[key] == choices[key].size()) chosen[key++] = 0;
    if (key == choices.size()) return;
  }
}

/// 0 to `mentioned`, which is an id that is not mentioned.
std::vector<std::uint8_t> any_id(std::uint8_t mentioned) {
  std::vector<std::uint8_t> ids;
  for (std::uint8_t id = 0; id <= mentioned; ++id) ids.push_back(id);
  return ids;
}

class Steps {
 public:
  Steps(const Frame& frame, Guards& guards, const StateSet& set)
      : frame_(frame), table_(frame.table), guards_(guards), set_(set), rows_from_(table_.buckets.size()), transitions_of_(table_.machines.size()) {
    for (const Row& row : table_.rows) rows_from_[row.from].push_back(&row);
    for (Index i = 0; i < table_.transitions.size(); ++i) transitions_of_[table_.transitions[i].machine].push_back(i);
  }

  void check(const State& state) {
    for (const Place& from : sources(state))
      for (const Row* row : rows_from_[from.bucket]) transfer(state, *row, from);
    for (std::size_t v = 0; v < frame_.views.size(); ++v) change(state, v);
    if (condition_of(state) != always()) other_money(state);
  }

  const std::string& undecided() const { return undecided_; }

 private:
  // ---- where a move can take a followed unit from

  bool shares_overdraft(const Place& place) const {
    const Index account = frame_.bucket(place).account;
    return account != kNone && table_.accounts[account].overdraws;
  }

  /// Where the units are; and, where an account can be overdrawn, every bucket instance in it (3.6).
  std::vector<Place> sources(const State& state) const {
    std::vector<Place> found;
    const auto put = [&](const Place& place) {
      if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
    };
    for (unsigned unit = 0; unit < frame_.units; ++unit) {
      if (is_gone(frame_, state, unit)) continue;
      const Place& at = state.spots[2 * unit + 1];
      put(at);
      if (!shares_overdraft(at)) continue;
      const Index account = frame_.bucket(at).account;
      for (Index bucket = 0; bucket < table_.buckets.size(); ++bucket)
        if (table_.buckets[bucket].account == account) for_each_place(bucket, neighbours(state, at, bucket), put);
    }
    return found;
  }

  /// The account's ids are those of `at`; others are any.
  std::vector<std::vector<std::uint8_t>> neighbours(const State& state, const Place& at, Index bucket) const {
    std::vector<std::vector<std::uint8_t>> choices;
    for (const Index key : table_.buckets[bucket].keys)
      choices.push_back(contains(table_.accounts[table_.buckets[bucket].account].keys, key) ? std::vector{static_cast<std::uint8_t>(id_at(frame_, at, key))}
                                                                                           : any_id(ids_mentioned(frame_, state, key)));
    return choices;
  }

  /// At the source, or in its account where that can be overdrawn.
  bool within_reach(const State& state, unsigned unit, const Place& from) const {
    const Place& at = state.spots[2 * unit + 1];
    if (is_gone(frame_, state, unit)) return false;
    if (at == from) return true;
    if (!shares_overdraft(from) || frame_.bucket(at).account != frame_.bucket(from).account) return false;
    const std::vector<Index>& keys = table_.accounts[frame_.bucket(from).account].keys;
    return std::all_of(keys.begin(), keys.end(), [&](Index key) { return id_at(frame_, at, key) == id_at(frame_, from, key); });
  }

  // ---- transfers

  void transfer(const State& state, const Row& row, const Place& from) {
    for (unsigned taken = 1; taken < 1u << frame_.units; ++taken) {
      bool possible = true, from_others = false, own_stay = false;
      for (unsigned unit = 0; unit < frame_.units; ++unit) {
        const bool right = state.assets[unit] == row.asset, own = state.spots[2 * unit + 1] == from;
        if ((taken >> unit & 1) != 0) {
          possible = possible && right && within_reach(state, unit, from);
          from_others = from_others || !own;
        } else {
          own_stay = own_stay || (right && own);
        }
      }
      if (!possible || (from_others && own_stay)) continue;   // a source pays with its own units first
      for_each_place(row.to, destinations(state, row, from), [&](const Place& to) {
        if (to == from) return;   // not a transfer
        for (const bool passing : {false, true}) arrive(state, row, from, to, taken, passing);
      });
    }
  }

  std::vector<std::vector<std::uint8_t>> destinations(const State& state, const Row& row, const Place& from) const {
    const std::vector<Index> shared = shared_keys(table_.buckets[row.from], table_.buckets[row.to]);
    std::vector<std::vector<std::uint8_t>> choices;
    for (const Index key : table_.buckets[row.to].keys) {
      const int there = id_at(frame_, from, key);
      const Index bit = position(shared, key);
      std::vector<std::uint8_t> ids = any_id(std::max(ids_mentioned(frame_, state, key), static_cast<std::uint8_t>(there + 1)));
      if (bit != kNone) std::erase_if(ids, [&](std::uint8_t id) { return (id == there) == ((row.relation >> bit & 1) != 0); });
      choices.push_back(std::move(ids));
    }
    return choices;
  }

  /// 3.4: the title has the source's owner, and equal ids on every entity that keys both.
  bool is_theirs(const Place& title, const Place& from) const {
    if (frame_.bucket(title).owner != frame_.bucket(from).owner) return false;
    const std::vector<Index>& keys = frame_.bucket(title).keys;
    return std::none_of(keys.begin(), keys.end(), [&](Index key) {
      const int there = id_at(frame_, from, key);
      return there >= 0 && there != id_at(frame_, title, key);
    });
  }

  void arrive(const State& state, const Row& row, const Place& from, const Place& to, unsigned taken, bool passing) {
    const std::vector<Guarded>& allows = table_.bodies[row.body].allows;
    if (std::none_of(allows.begin(), allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; })) return;
    State after = state;
    for (unsigned unit = 0; unit < frame_.units; ++unit) {
      if ((taken >> unit & 1) == 0) continue;
      if (passing && is_theirs(state.spots[2 * unit], from)) after.spots[2 * unit] = to;
      after.spots[2 * unit + 1] = to;
    }
    if (frame_.units == 2 && (is_gone(frame_, after, 0) || is_gone(frame_, after, 1))) return;   // a pair no longer, and outside of all custody
    choose_modes(state, after, 0, [&] {
      const Condition& kept = condition_of(canonical(frame_, after));
      if (kept == always()) return;
      const Transfer transfer{row.asset, from, to};
      const Solvable answer = guards_.can_move(row, passing, known_of_move(state, after, row, from, to, taken),
                                               beside(state, after, kept, table_.bodies[row.body].slots, from.ids, to.ids, &transfer));
      if (answer != Solvable::No) leaves(answer, state, words_of(row, passing, from, to), after);
    });
  }

  std::string words_of(const Row& row, bool passing, const Place& from, const Place& to) const {
    const std::vector<Guarded>& allows = table_.bodies[row.body].allows;
    const auto rule = std::find_if(allows.begin(), allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; });
    return rule->words + " (" + words(frame_, from) + " -> " + words(frame_, to) + ")";
  }

  // ---- transfers that take no followed unit, but change a balance in sight

  void other_money(const State& state) {
    for (const Row& row : table_.rows) {
      const auto touched = [&](const BalanceView& view) { return view.asset == row.asset && (view.bucket == row.from || view.bucket == row.to); };
      if (std::none_of(frame_.balances.begin(), frame_.balances.end(), touched)) continue;
      std::vector<std::vector<std::uint8_t>> ids;
      for (const Index key : table_.buckets[row.from].keys) ids.push_back(any_id(ids_mentioned(frame_, state, key)));
      for_each_place(row.from, ids, [&](const Place& from) {
        for_each_place(row.to, destinations(state, row, from), [&](const Place& to) {
          if (to == from) return;
          for (const bool passing : {false, true}) pass_by(state, row, from, to, passing);
        });
      });
    }
  }

  void pass_by(const State& state, const Row& row, const Place& from, const Place& to, bool passing) {
    const std::vector<Guarded>& allows = table_.bodies[row.body].allows;
    if (std::none_of(allows.begin(), allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; })) return;
    const Told told(frame_, state);
    if (!told.has(from, row.asset) && !told.has(to, row.asset)) return;
    const Transfer transfer{row.asset, from, to};
    const Solvable answer = guards_.can_move(row, passing, known_of_move(state, state, row, from, to, 0),
                                             beside(state, state, condition_of(state), table_.bodies[row.body].slots, from.ids, to.ids, &transfer));
    if (answer != Solvable::No) leaves(answer, state, words_of(row, passing, from, to) + ", of other money,", state);
  }

  /// Subjects keep their modes; one that comes into sight can be in any that is possible.
  void choose_modes(const State& before, State& after, std::size_t view, const std::function<void()>& visit) {
    if (view == frame_.views.size()) return visit();
    Subject subject, other;
    const auto seen_as = [&](char mode) {
      after.modes[view] = mode;
      choose_modes(before, after, view + 1, visit);
    };
    if (!subject_at(frame_, after, frame_.views[view], subject)) return seen_as(kUnseen);
    for (std::size_t v = 0; v < frame_.views.size(); ++v)
      if (subject_at(frame_, before, frame_.views[v], other) && other == subject) return seen_as(before.modes[v]);
    for (std::size_t v = 0; v < view; ++v)
      if (subject_at(frame_, after, frame_.views[v], other) && other == subject) return seen_as(after.modes[v]);
    for (char mode = 0; mode < 64; ++mode)
      if ((frame_.modes_possible[subject.machine] >> mode & 1) != 0) seen_as(mode);
  }

  // ---- changes of mode

  void change(const State& state, std::size_t view) {
    Subject subject, other;
    if (!subject_at(frame_, state, frame_.views[view], subject)) return;
    for (std::size_t v = 0; v < view; ++v)
      if (subject_at(frame_, state, frame_.views[v], other) && other == subject) return;   // done for that view
    for (const Index index : transitions_of_[subject.machine]) {
      const Transition& transition = table_.transitions[index];
      if ((transition.from_modes >> state.modes[view] & 1) == 0 || (frame_.modes_possible[subject.machine] >> transition.to_mode & 1) == 0) continue;
      State after = state;
      for (std::size_t v = 0; v < frame_.views.size(); ++v)
        if (subject_at(frame_, state, frame_.views[v], other) && other == subject) after.modes[v] = static_cast<char>(transition.to_mode);
      const Condition& kept = condition_of(after);
      if (kept == always()) continue;
      const Solvable answer = guards_.can_change(index, known(state, state, transition.slots, subject.ids, {}),
                                                 beside(state, after, kept, transition.slots, subject.ids, {}, nullptr));
      if (answer != Solvable::No) leaves(answer, state, transition.guard.words, after);
    }
  }

  void leaves(Solvable answer, const State& state, const std::string& rule, const State& after) {
    const std::string step = "from " + words(frame_, state) + ", " + rule + " leads to " + words(frame_, after);
    if (answer == Solvable::Maybe) throw Refused{"a step leaves the invariant: " + step};
    if (undecided_.empty()) undecided_ = "whether a guard can hold: " + step;
  }

  // ---- what the state says about the values that guards read

  using Ids = std::array<std::uint8_t, 4>;

  const Condition& condition_of(const State& state) const {
    const auto found = set_.find(key_of(frame_, state));
    return found == set_.end() ? never() : found->second;
  }

  /// The balances in sight: within the invariant before the step, outside of it after the step.
  Beside beside(const State& state, const State& after, const Condition& kept, const std::vector<Slot>& slots, const Ids& from, const Ids& to, const Transfer* transfer) const {
    if (frame_.balances.empty()) return {};
    Told told(frame_, state);
    told.sees(after);
    for (std::size_t i = 0; i < slots.size(); ++i) told.reads(i, instances_of(slots[i], from, to), slots.size());
    told.claim(condition_of(state), state, nullptr);
    told.claim(negation(kept), after, transfer);
    return told.beside();
  }

  /// The balances that the slot is, or is the sum of; none where it is no sum of single ones.
  std::vector<Instance> instances_of(const Slot& slot, const Ids& from, const Ids& to) const {
    std::vector<Instance> instances;
    if ((slot.kind != SlotKind::Balance && slot.kind != SlotKind::AccountTotal) || std::find(slot.keys.begin(), slot.keys.end(), kAllIds) != slot.keys.end()) return instances;
    for (Index bucket = 0; bucket < table_.buckets.size(); ++bucket) {
      const bool counted = slot.kind == SlotKind::Balance ? bucket == slot.target : table_.buckets[bucket].account == slot.target;
      if (!counted) continue;
      Instance instance{bucket, slot.asset, {}};
      const std::vector<Index>& keys = table_.buckets[bucket].keys;
      const auto is_named = [&](Index key) { return contains(slot.entities, key); };
      if (keys.size() != slot.entities.size() || !std::all_of(keys.begin(), keys.end(), is_named)) return {};   // other ids are summed, too
      for (std::size_t i = 0; i < keys.size(); ++i) instance.ids[i] = id_of(slot, position(slot.entities, keys[i]), from, to);
      instances.push_back(instance);
    }
    return instances;
  }

  static std::uint8_t id_of(const Slot& slot, std::size_t key, const Ids& from, const Ids& to) {
    return slot.keys[key] < kDestinationKey ? from[slot.keys[key]] : to[slot.keys[key] - kDestinationKey];
  }

  /// The unit is in the balance, or in one of those that the total sums.
  bool counts(const Slot& slot, const State& state, unsigned unit, const Ids& from, const Ids& to) const {
    const Place& at = state.spots[2 * unit + 1];
    const Bucket& bucket = frame_.bucket(at);
    if (state.assets[unit] != slot.asset || bucket.external) return false;
    if (slot.kind == SlotKind::AccountTotal ? bucket.account != slot.target : at.bucket != slot.target) return false;
    for (std::size_t i = 0; i < slot.keys.size(); ++i)
      if (slot.keys[i] != kAllIds && id_at(frame_, at, slot.entities[i]) != id_of(slot, i, from, to)) return false;
    return true;
  }

  /// The balance is one of those that the total sums.
  bool includes(const Slot& total, const Slot& balance, const Ids& from, const Ids& to) const {
    if (balance.kind != SlotKind::Balance || balance.asset != total.asset) return false;
    if (total.kind == SlotKind::AccountTotal ? table_.buckets[balance.target].account != total.target : balance.target != total.target) return false;
    for (std::size_t i = 0; i < total.keys.size(); ++i)
      if (total.keys[i] != kAllIds && id_of(balance, position(balance.entities, total.entities[i]), from, to) != id_of(total, i, from, to)) return false;
    return true;
  }

  bool same_instance(const Slot& one, const Slot& other, const Ids& from, const Ids& to) const {
    if (one.target != other.target) return false;
    for (std::size_t i = 0; i < one.keys.size(); ++i)
      if (id_of(one, i, from, to) != id_of(other, i, from, to)) return false;
    return true;
  }

  /// Modes are those after the step where it brings their subjects into sight: they were in them before, too.
  Known known(const State& state, const State& after, const std::vector<Slot>& slots, const Ids& from, const Ids& to) const {
    Known known = guards_.nothing_known(slots);
    for (Index i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      if (slot.kind == SlotKind::Mode) known.modes[i] &= mode_of(state, after, slot, from, to);
      const bool is_total = slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
      if (slot.kind != SlotKind::Balance && !is_total) continue;
      for (Index balance = 0; is_total && balance < slots.size(); ++balance) {
        std::vector<Index>& included = known.included[i];
        if (includes(slot, slots[balance], from, to) &&
            std::none_of(included.begin(), included.end(), [&](Index other) { return same_instance(slots[balance], slots[other], from, to); }))
          included.push_back(balance);
      }
      for (unsigned unit = 0; unit < frame_.units; ++unit) {
        if (!counts(slot, state, unit, from, to)) continue;
        ++known.units[i];
        const std::vector<Index>& included = known.included[i];
        known.beyond[i] = static_cast<std::uint8_t>(
            known.beyond[i] + std::none_of(included.begin(), included.end(), [&](Index balance) { return counts(slots[balance], state, unit, from, to); }));
      }
    }
    return known;
  }

  Mask mode_of(const State& state, const State& after, const Slot& slot, const Ids& from, const Ids& to) const {
    Subject subject{slot.target, {}}, other;
    for (std::size_t i = 0; i < slot.keys.size(); ++i) subject.ids[i] = id_of(slot, i, from, to);
    for (std::size_t v = 0; v < frame_.views.size(); ++v) {
      if (subject_at(frame_, state, frame_.views[v], other) && other == subject) return Mask{1} << state.modes[v];
      if (subject_at(frame_, after, frame_.views[v], other) && other == subject) return Mask{1} << after.modes[v];
    }
    return ~Mask{0};
  }

  Known known_of_move(const State& state, const State& after, const Row& row, const Place& from, const Place& to, unsigned taken) const {
    const Body& body = table_.bodies[row.body];
    Known known = this->known(state, after, body.slots, from.ids, to.ids);
    known.taken = static_cast<std::uint8_t>(std::popcount(taken));
    // A bucket that may overdraw pays with its account's total, which can be less than the units in it: nothing is known of what that leaves.
    const bool pays_itself = is_balance_of(body.slots, body.funds, row, from, to), overdraws = overdraws_alone(row.from) && is_balance_of(body.slots, body.from, row, from, to);
    for (unsigned unit = 0; unit < frame_.units; ++unit) {
      const bool is_taken = (taken >> unit & 1) != 0, own = state.spots[2 * unit + 1] == from;
      known.left = static_cast<std::uint8_t>(known.left + (pays_itself && !is_taken && own && state.assets[unit] == row.asset));
      known.beyond_balance = static_cast<std::uint8_t>(known.beyond_balance + (overdraws && is_taken && !own));
    }
    return known;
  }

  /// The only instance in its account instance that may overdraw has at least as many units as its balance says (soundness.md, 4).
  bool overdraws_alone(Index bucket) const {
    const Bucket& one = table_.buckets[bucket];
    const auto rival = [&](const Bucket& each) { return each.account == one.account && each.may_overdraw; };
    return one.may_overdraw && one.keys.size() == table_.accounts[one.account].keys.size() && std::count_if(table_.buckets.begin(), table_.buckets.end(), rival) == 1;
  }

  /// Whether slot `index` is the balance of the source instance.
  bool is_balance_of(const std::vector<Slot>& slots, Index index, const Row& row, const Place& from, const Place& to) const {
    if (index == kNone) return false;
    const Slot& slot = slots[index];
    if (slot.kind != SlotKind::Balance || slot.target != from.bucket || slot.asset != row.asset) return false;
    for (std::size_t i = 0; i < slot.keys.size(); ++i)
      if (id_of(slot, i, from.ids, to.ids) != from.ids[i]) return false;
    return true;
  }

  const Frame& frame_;
  const Table& table_;
  Guards& guards_;
  const StateSet& set_;
  std::vector<std::vector<const Row*>> rows_from_;
  std::vector<std::vector<Index>> transitions_of_;
  std::string undecided_;
};

/// Puts unit `unit` and those after it into every place, titled to it; two units in one order only.
void for_each_start(const Frame& frame, State& state, unsigned unit, const std::function<void(const State&)>& visit) {
  if (unit == frame.units) return visit(state);
  for (Index asset = 0; asset < frame.table.assets.size(); ++asset)
    for (Index bucket = 0; bucket < frame.table.buckets.size(); ++bucket) {
      if (unit == 1 && std::pair(asset, bucket) < std::pair(state.assets[0], state.spots[0].bucket)) continue;
      std::vector<std::vector<std::uint8_t>> choices;
      for (const Index key : frame.table.buckets[bucket].keys)
        choices.push_back(any_id(unit == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(id_at(frame, state.spots[0], key) + 1)));
      for_each_place(bucket, choices, [&](const Place& place) {
        state.assets[unit] = asset;
        state.spots[2 * unit] = state.spots[2 * unit + 1] = place;
        for_each_start(frame, state, unit + 1, visit);
      });
    }
}

}  // namespace

void check_starts(const Frame& frame, const StateSet& set) {
  State state;
  for_each_start(frame, state, 0, [&](State start) {
    if (frame.units == 2)
      for (const Fence& fence : frame.table.fences)
        if (fence.in_custody && breaks_custody(frame, fence, start)) return;   // not clean
    Subject subject;
    for (const View& view : frame.views) start.modes += subject_at(frame, start, view, subject) ? char{0} : kUnseen;
    start = canonical(frame, start);
    const auto found = set.find(key_of(frame, start));
    if (found == set.end() || has_balances(frame, start, negation(found->second))) throw Refused{"the invariant leaves out a start: " + words(frame, start)};
  });
}

void check_steps(const Frame& frame, Guards& guards, const std::vector<State>& states, const StateSet& set) {
  Steps steps(frame, guards, set);
  for (const State& state : states) steps.check(state);
  if (!steps.undecided().empty()) throw TooLarge{steps.undecided()};
}

}  // namespace checker
