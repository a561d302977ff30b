// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_tracked.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/smt_text.h"

namespace ringfence::smt {
namespace {

using Terms = std::vector<std::string>;

void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

std::string all_equal(const Terms& one, const Terms& other) {
  Terms terms;
  for (std::size_t i = 0; i < one.size(); ++i) terms.push_back(equal(one[i], other[i]));
  return all(terms);
}

std::string implies(const std::string& condition, const std::string& claim) { return condition == "true" ? claim : fmt::format("(=> {} {})", condition, claim); }

std::vector<bool> read_by_guard(std::size_t slot_count, const std::vector<const std::vector<Guarded>*>& groups) {
  std::vector<bool> read(slot_count, false);
  for (const auto* group : groups)
    for (const Guarded& guarded : *group)
      for (const Clause& clause : guarded.clauses)
        for (const Node& node : clause.nodes)
          for (const Term& term : node.test.terms) read[term.slot] = true;
  return read;
}

}  // namespace

// ---- which values

TrackedText::TrackedText(const Arena& arena, const StateText& state, const SlotText& slots, const std::vector<Mask>& possible, unsigned coin_count,
                         std::size_t balances_max, std::size_t views_max)
    : arena_(arena), state_(state), slots_(slots), possible_(possible), coin_count_(coin_count), balances_max_(balances_max), views_max_(views_max) {
  const auto track_all = [&](bool with_ids) {
    for (const Move& move : arena.moves.moves) track(move.slots, with_ids ? read_by_guard(move.slots.size(), {&move.allows, &move.denies, &move.limits}) : std::vector<bool>{});
    for (const Transition& transition : arena.moves.transitions) track(transition.slots, with_ids ? std::vector<bool>(transition.slots.size(), true) : std::vector<bool>{});
  };
  track_all(false);
  if (tracked_.size() > balances_max_) tracked_.clear();
  const auto& machines = arena.moves.vocabulary.machines;
  for (Index machine = 0; machine < machines.size(); ++machine)
    if (arena.machine_matters[machine] && !machines[machine].subject.keys.empty()) add(SlotKind::Mode, machine, kNone, machines[machine].subject.keys);
  track_all(true);
  const auto is_mode = [](const Tracked& each) { return each.kind == SlotKind::Mode; };
  if (std::all_of(tracked_.begin(), tracked_.end(), is_mode)) tracked_.clear();   // modes alone are what the search knows already
}

/// Without `read_by_guard`: what has no ids.
void TrackedText::track(const std::vector<Slot>& slots, const std::vector<bool>& read_by_guard) {
  const bool with_ids = !read_by_guard.empty();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (slot.keys.empty() == with_ids || (with_ids && !read_by_guard[i])) continue;
    if (slot.kind == SlotKind::Balance) add(SlotKind::Balance, slot.target, slot.asset, arena_.bucket(slot.target).keys);
    for (const Index bucket : summed_by(slot)) add(SlotKind::Balance, bucket, slot.asset, arena_.bucket(bucket).keys);
  }
}

void TrackedText::add(SlotKind kind, Index target, Index asset, const std::vector<Index>& keys) {
  std::size_t count = 0;
  for (const Tracked& each : tracked_) {
    if (each.kind == kind && each.target == target && each.asset == asset) return;
    count += each.views.size();
  }
  auto views = views_of(kind == SlotKind::Mode ? fmt::format("m{}", target) : fmt::format("b{}_{}", target, asset), kind, keys.size());
  if (!keys.empty() && count + views.size() > views_max_) return;
  tracked_.push_back({kind, target, asset, keys, std::move(views)});
}

/// Of balances, each key by itself is the title's or the place's of one unit; of modes, all are one spot's.
std::vector<View> TrackedText::views_of(const std::string& name, SlotKind kind, std::size_t key_count) const {
  if (key_count == 0) return {{{}, name}};
  std::vector<View> views;
  for (unsigned coin = 0; coin < coin_count_; ++coin)
    for (unsigned choice = 0; choice < 1u << key_count; ++choice) {
      std::vector<unsigned> spots;
      for (std::size_t key = 0; key < key_count; ++key) spots.push_back(2 * coin + (choice >> key & 1));
      const bool one_spot = choice == 0 || choice + 1 == 1u << key_count;
      if (kind == SlotKind::Mode && one_spot) views.push_back({spots, fmt::format("{}_{}", name, spots[0])});
      if (kind == SlotKind::Balance) views.push_back({spots, fmt::format("{}_{}", name, fmt::join(spots, "_"))});
    }
  return views;
}

/// Of an account whose every bucket is one instance in an account instance: its total is the sum of their balances. Else none.
std::vector<Index> TrackedText::summed_by(const Slot& slot) const {
  std::vector<Index> inside;
  const auto is_summed = [](const KeySource& key) { return key.from == KeySource::From::Summed; };
  if (slot.kind != SlotKind::AccountTotal || std::any_of(slot.keys.begin(), slot.keys.end(), is_summed)) return inside;
  for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
    if (arena_.bucket(bucket).account != slot.target) continue;
    if (arena_.bucket(bucket).keys != arena_.moves.vocabulary.accounts[slot.target].keys) return {};
    inside.push_back(bucket);
  }
  return inside;
}

bool TrackedText::is(const Tracked& tracked, const Slot& slot) const {
  return tracked.kind == slot.kind && tracked.target == slot.target && (slot.kind == SlotKind::Mode || tracked.asset == slot.asset);
}

// ---- names

std::string TrackedText::declarations() const {
  std::string text;
  for (const Tracked& each : tracked_) {
    text += comment(each.kind == SlotKind::Mode ? fmt::format("m{}: a mode of {}", each.target, subject_name(arena_.moves.vocabulary, arena_.moves.vocabulary.machines[each.target].subject))
                                                : fmt::format("b{}_{}: a balance of {} in {}", each.target, each.asset, arena_.bucket(each.target).name,
                                                              arena_.moves.vocabulary.assets[each.asset].name));
    for (const View& view : each.views) {
      text += fmt::format("(declare-fun {0} () Int)\n(declare-fun {0}_ () Int)\n", view.name);
      if (!each.keys.empty()) text += fmt::format("(declare-fun {}_was () Int)\n", view.name);
    }
  }
  return text;
}

TrackedText::Terms TrackedText::parameters() const {
  Terms names;
  for (const std::string& name : before()) names.push_back((name[0] == 'm' ? "p" : "pbal") + name.substr(name[0] == 'm' ? 0 : 1));
  return names;
}

TrackedText::Terms TrackedText::before() const {
  Terms names;
  for (const Tracked& each : tracked_)
    for (const View& view : each.views) names.push_back(view.name);
  return names;
}

TrackedText::Terms TrackedText::after() const {
  Terms names = before();
  for (std::string& name : names) name += "_";
  return names;
}

TrackedText::Terms TrackedText::ids(const Tracked& tracked, const View& view, const std::string& suffix) const {
  const auto spots = spot_names(0, coin_count_, suffix);
  Terms ids;
  for (std::size_t key = 0; key < tracked.keys.size(); ++key) ids.push_back(spots[view.spots[key]].id(tracked.keys[key]));
  return ids;
}

std::string TrackedText::present(const Terms& ids) const {
  Terms terms;
  for (const std::string& id : ids) terms.push_back(fmt::format("(<= 0 {})", id));
  return all(terms);
}

std::string TrackedText::in_range(const Tracked& tracked, const std::string& value) const {
  if (tracked.kind == SlotKind::Mode) return one_of(value, possible_[tracked.target]);
  return fmt::format("(and (<= {0} {1}) (<= {1} {2}))", number(arena_.bucket(tracked.target).may_overdraw ? -kAmountMax : Int128{0}), value, number(kAmountMax));
}

// ---- every state

TrackedText::Terms TrackedText::shape() const {
  Terms terms;
  for (const SpotName& spot : spot_names(0, coin_count_, ""))
    for (const Index entity : state_.entities()) {
      std::vector<Index> keyed;
      for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
        if (key_position(arena_.bucket(bucket).keys, entity) != kNone) keyed.push_back(bucket);
      terms.push_back(choice(one_of(spot.bucket(), keyed), fmt::format("(<= 0 {})", spot.id(entity)), equal(spot.id(entity), "(- 1)")));
    }
  for (const Tracked& each : tracked_) {
    for (const View& view : each.views) {
      const std::string is_present = present(ids(each, view, "")), in_range = this->in_range(each, view.name), units = units_in(each, view);
      terms.push_back(is_present == "true" ? in_range : choice(is_present, in_range, equal(view.name, "(- 1)")));
      if (units != "0") terms.push_back(implies(is_present, fmt::format("(>= {} {})", view.name, units)));
    }
    append(terms, same_instances(each, "", ""));
  }
  return terms;
}

/// Nothing is known of one that may be below zero.
std::string TrackedText::units_in(const Tracked& tracked, const View& view) const {
  if (tracked.kind == SlotKind::Mode || arena_.bucket(tracked.target).may_overdraw) return "0";
  Terms units;
  for (unsigned coin = 0; coin < coin_count_; ++coin) {
    const SpotName at{fmt::format("at{}", coin), ""};
    Terms terms{equal(at.bucket(), std::to_string(tracked.target)), equal(fmt::format("asset{}", coin), std::to_string(tracked.asset))}, there;
    for (const Index key : tracked.keys) there.push_back(at.id(key));
    if (!tracked.keys.empty()) terms.push_back(all_equal(there, ids(tracked, view, "")));
    units.push_back(choice(all(terms), "1", "0"));
  }
  return sum(units);
}

/// Views with equal ids tell the same value.
TrackedText::Terms TrackedText::same_instances(const Tracked& tracked, const std::string& spots, const std::string& values) const {
  Terms terms;
  for (std::size_t i = 0; i < tracked.views.size(); ++i)
    for (std::size_t j = i + 1; j < tracked.views.size(); ++j) {
      const Terms one = ids(tracked, tracked.views[i], spots), other = ids(tracked, tracked.views[j], spots);
      terms.push_back(implies(all({present(one), all_equal(one, other)}), equal(tracked.views[i].name + values, tracked.views[j].name + values)));
    }
  return terms;
}

TrackedText::Terms TrackedText::start() const {
  Terms terms;
  for (const Tracked& each : tracked_)
    for (const View& view : each.views)
      if (each.kind == SlotKind::Mode) terms.push_back(implies(present(ids(each, view, "")), equal(view.name, "0")));
  return terms;
}

// ---- steps

TrackedText::Terms TrackedText::reads(const std::vector<Slot>& slots, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
  Terms terms;
  for (const Index key : from_keys) terms.push_back(fmt::format("(<= 0 s{})", key));
  for (const Index key : to_keys) terms.push_back(fmt::format("(<= 0 d{})", key));
  append(terms, told(slots, from_keys, to_keys, "", ""));
  return terms;
}

/// The views' values, named with the suffix `values`, are what the slots of the same ids say; ids are those of the spots with the suffix `spots`.
/// What has no ids has no other value than that of its own name.
TrackedText::Terms TrackedText::told(const std::vector<Slot>& slots, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, const std::string& spots,
                                     const std::string& values) const {
  Terms terms;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto summed = summed_by(slots[i]);
    std::vector<const Tracked*> parts;
    for (const Tracked& each : tracked_)
      if (is(each, slots[i]) || (each.kind == SlotKind::Balance && each.asset == slots[i].asset && std::find(summed.begin(), summed.end(), each.target) != summed.end()))
        parts.push_back(&each);
    if (parts.empty() || parts.size() < summed.size() || (parts[0]->keys.empty() && !values.empty())) continue;
    for (std::size_t view = 0; view < parts[0]->views.size(); ++view) {
      Terms names;
      for (const Tracked* part : parts) names.push_back(part->views[view].name + values);
      terms.push_back(implies(all_equal(ids(*parts[0], parts[0]->views[view], spots), slots_.ids_of(slots[i], from_keys, to_keys)), equal(fmt::format("v{}", i), sum(names))));
    }
  }
  return terms;
}

/// The value after the move of an instance with these ids.
std::string TrackedText::moved(const Tracked& tracked, const Terms& ids, const std::string& value, const Move& move) const {
  if (tracked.kind == SlotKind::Mode || tracked.asset != move.asset) return value;
  Terms source, destination;
  for (const Index key : tracked.keys) {
    source.push_back(fmt::format("s{}", key));
    destination.push_back(fmt::format("d{}", key));
  }
  Terms parts{value};
  if (tracked.target == move.from) parts.push_back(tracked.keys.empty() ? "(- amount)" : choice(all_equal(ids, source), "(- amount)", "0"));
  if (tracked.target == move.to) parts.push_back(tracked.keys.empty() ? "amount" : choice(all_equal(ids, destination), "amount", "0"));
  return sum(parts);
}

/// An instance that was in sight has the value that it had; one that a slot reads, that value; any other comes with any value in range.
TrackedText::Terms TrackedText::after_taking(const Move& move) const {
  Terms terms;
  for (const Tracked& each : tracked_) {
    if (each.keys.empty()) {
      terms.push_back(equal(each.views[0].name + "_", moved(each, {}, each.views[0].name, move)));
      continue;
    }
    for (const View& view : each.views) {
      const Terms now = ids(each, view, "_");
      const std::string was = view.name + "_was";
      for (const View& before : each.views)
        terms.push_back(implies(all({present(now), all_equal(now, ids(each, before, ""))}), equal(was, before.name)));
      terms.push_back(implies(present(now), in_range(each, was)));
      terms.push_back(equal(view.name + "_", choice(present(now), moved(each, now, was, move), "(- 1)")));
    }
    append(terms, same_instances(each, "_", "_was"));
  }
  append(terms, told(move.slots, arena_.bucket(move.from).keys, arena_.bucket(move.to).keys, "_", "_was"));
  return terms;
}

TrackedText::Terms TrackedText::after_other_money(const Move& move) const {
  Terms terms;
  for (const Tracked& each : tracked_)
    for (const View& view : each.views) terms.push_back(equal(view.name + "_", moved(each, ids(each, view, ""), view.name, move)));
  return terms;
}

TrackedText::Terms TrackedText::after_change(const Transition& transition) const {
  Terms terms;
  for (const Tracked& each : tracked_)
    for (const View& view : each.views) {
      Terms subject;
      for (const Index key : each.keys) subject.push_back(fmt::format("s{}", key));
      const bool changes = each.kind == SlotKind::Mode && each.target == transition.machine;
      terms.push_back(equal(view.name + "_", changes ? choice(all_equal(ids(each, view, ""), subject), std::to_string(transition.to_mode), view.name) : view.name));
    }
  return terms;
}

bool TrackedText::touched_by(const Move& move) const {
  return std::any_of(tracked_.begin(), tracked_.end(), [&](const Tracked& each) {
    return each.kind == SlotKind::Balance && each.asset == move.asset && (each.target == move.from || each.target == move.to);
  });
}

TrackedText::Terms TrackedText::subject_in(Index machine, Mask modes) const {
  Terms seen, terms;
  for (const Tracked& each : tracked_) {
    if (each.kind != SlotKind::Mode || each.target != machine) continue;
    for (const View& view : each.views) {
      Terms subject;
      for (const Index key : each.keys) subject.push_back(fmt::format("s{}", key));
      seen.push_back(all_equal(ids(each, view, ""), subject));
      terms.push_back(implies(seen.back(), one_of(view.name, modes)));
    }
  }
  terms.push_back(any(seen));
  return terms;
}

}  // namespace ringfence::smt
