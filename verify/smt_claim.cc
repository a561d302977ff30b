// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_claim.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "verify/certificate.h"
#include "verify/smt_text.h"
#include "verify/times.h"

namespace ringfence {
namespace {

using Ids = std::vector<std::string>;
constexpr const char* kSummedId = "";
/// Instances of one assumed claim in one obligation; beyond, it is assumed of fewer ids, which only assumes less.
constexpr std::size_t kInstancesMax = 81;

/// A slot with the terms of its ids filled in.
struct StatePlace {
  SlotKind kind = SlotKind::Balance;
  Index target = kNone, asset = kNone;
  Ids ids;
};

/// What one step changes.
struct Change {
  bool transfer = false, mode = false;
  Index from = kNone, to = kNone, asset = kNone, machine = kNone, to_mode = kNone;
  Ids from_ids, to_ids;            ///< from_ids: of the transition's subject as well
};

class ObligationText {
 public:
  explicit ObligationText(const Arena& arena) : arena_(arena), v_(arena.moves.vocabulary) {}

  // ---- ids

  /// New terms for the ids of some entities.
  Ids ids(const char* prefix, const std::vector<Index>& keys) {
    Ids made;
    for (std::size_t i = 0; i < keys.size(); ++i) made.push_back(id(fmt::format("{}{}", prefix, i), keys[i]));
    return made;
  }
  std::string id(const std::string& name, Index entity) {
    declared_[name] = 0;
    std::vector<std::string>& known = pool_[entity];
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
    return name;
  }

  // ---- claims and guards

  std::string claim(const Claim& claim, const Ids& ids, const Change* change = nullptr) {
    std::vector<std::string> values;
    for (const Slot& slot : claim.slots) values.push_back(value(place(slot, ids, {}), change));
    if (claim.name.empty()) return holds({&claim.formula}, values, true);
    for (const Index unread : unread_keys(claim)) values.push_back(ids[unread]);
    return smt::apply(claim.name, values);
  }

  /// All of them, or any of them, for these values of the slots; a slot without a value is read by none of them.
  static std::string holds(const std::vector<const Guarded*>& guarded, const std::vector<std::string>& values, bool all) {
    std::vector<std::string> parts;
    for (const Guarded* one : guarded) parts.push_back(smt::holds(*one));
    std::string bound;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!values[i].empty()) bound += fmt::format("(v{} {})", i, values[i]);
    const std::string body = all ? smt::all(parts) : smt::any(parts);
    return bound.empty() ? body : fmt::format("(let ({}) {})", bound, body);
  }

  /// The values of a row's or a transition's slots before it. What belongs to the transfer alone is made by name.
  std::vector<std::string> values(const std::vector<Slot>& slots, const Ids& from, const Ids& to, const std::string& prefix) {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < slots.size(); ++i) made.push_back(of_step(slots[i], from, to, fmt::format("{}{}", prefix, i)));
    if (const auto times = times_of(slots)) assume(smt::equal(made[times->of_day], smt::second_of_day(made[times->now])));
    return made;
  }

  std::string own(const std::string& name, Int128 low, Int128 high) {
    declared_[name] = 0;
    within(name, low, high);
    return name;
  }

  void assume(const std::string& fact) { asserted_.push_back(fact); }
  void within(const std::string& term, Int128 low, Int128 high) { assume(fmt::format("(<= {} {} {})", smt::number(low), term, smt::number(high))); }

  StatePlace place(const Slot& slot, const Ids& from, const Ids& to) const {
    StatePlace made{slot.kind, slot.target, slot.asset, {}};
    for (const KeySource& key : slot.keys)
      made.ids.push_back(key.from == KeySource::From::Summed ? kSummedId : key.from == KeySource::From::Source ? from[key.position] : to[key.position]);
    return made;
  }

  /// Before the step, or after it.
  std::string value(const StatePlace& place, const Change* change = nullptr) {
    if (place.kind == SlotKind::AccountTotal) return account_total(place, change);
    const std::string before = mention(place);
    if (!change) return before;
    if (place.kind == SlotKind::Mode && change->mode && place.target == change->machine)
      return smt::choice(same(place.ids, change->from_ids), smt::number(change->to_mode), before);
    if (!change->transfer || (place.kind != SlotKind::Balance && place.kind != SlotKind::BucketTotal) || place.asset != change->asset) return before;
    std::vector<std::string> parts{before};
    if (place.target == change->from) parts.push_back(smt::choice(same(place.ids, change->from_ids), "(- a)", "0"));
    if (place.target == change->to) parts.push_back(smt::choice(same(place.ids, change->to_ids), "a", "0"));
    return smt::sum(parts);
  }

  static std::string same(const Ids& one, const Ids& other) {
    std::vector<std::string> equal;
    for (std::size_t i = 0; i < one.size(); ++i)
      if (one[i] != kSummedId && other[i] != kSummedId && one[i] != other[i]) equal.push_back(smt::equal(one[i], other[i]));
    return smt::all(equal);
  }

  // ---- what is assumed of the state before

  /// The claims, for all ids in sight, as far as they can matter: those that read what is mentioned, directly or through each other.
  /// Of one that holds at the end only: where each of its buckets under a floor is among `untouched`.
  void assume_claims(const Assumed& claims, const std::set<std::string>* untouched) {
    std::set<const Claim*> done;
    for (bool more = true; more;) {
      more = false;
      for (const Claim* claim : claims) {
        if (done.contains(claim) || !matters(*claim)) continue;
        done.insert(claim);
        assume_everywhere(*claim, untouched);
        more = true;
      }
    }
  }

  std::set<std::string> floored(const Claim& claim, const Ids& ids) {
    std::set<std::string> terms;
    for (const Index slot : floored_slots(arena_.moves, claim)) terms.insert(value(place(claim.slots[slot], ids, {})));
    return terms;
  }

  /// The floors of a bucket hold on what it holds now, with some transfer's approvals, evidence and time.
  std::string floors_hold(const StatePlace& at, const std::string& prefix, bool own_facts) {
    std::set<std::string> rows;
    for (const Index index : floored_rows(arena_.moves, at.target, at.asset)) rows.insert(floors_of_row(arena_.moves.moves[index], at, prefix, own_facts));
    return smt::any({rows.begin(), rows.end()});
  }

  /// A clean start: nothing is overdrawn, every mode is the first.
  void assume_start() {
    for (const auto& [term, place] : mentioned_) {
      if (place.kind == SlotKind::Mode) asserted_.push_back(smt::equal(term, "0"));
      if (place.kind == SlotKind::Balance || place.kind == SlotKind::BucketTotal) asserted_.push_back(fmt::format("(>= {} 0)", term));
    }
  }

  std::string refuting(const Claim& claim, const std::string& meaning, const std::string& goal) {
    const std::string negated = smt::negation(goal);
    totals_hold_their_parts();
    nobody_has_nothing();
    std::string text = smt::comment((claim.name.empty() ? "" : claim.name + ", ") + meaning) + "(push 1)\n";
    for (const auto& [name, arity] : declared_) {
      std::string arguments;
      for (std::size_t i = 0; i < arity; ++i) arguments += i == 0 ? "Int" : " Int";
      text += fmt::format("(declare-fun {} ({}) Int)\n", name, arguments);
    }
    for (const std::string& one : asserted_) text += fmt::format("(assert {})\n", one);
    return text + fmt::format("(assert {})\n(check-sat)\n(pop 1)\n", negated);
  }

 private:
  std::string of_step(const Slot& slot, const Ids& from, const Ids& to, const std::string& name) {
    switch (slot.kind) {
      case SlotKind::Amount: return "a";
      case SlotKind::TimeOfDay: return own("time", 0, 86'399);
      case SlotKind::Now: return own("now", kInstantMin, kInstantMax);
      case SlotKind::Approvals: return own(name, 0, static_cast<Int128>(kApprovalsMax));
      case SlotKind::Evidence: return own(name, 0, 1);
      case SlotKind::Used: return own(name, 0, kAmountMax);
      default: return value(place(slot, from, to));
    }
  }

  std::string floors_of_row(const Move& move, const StatePlace& at, const std::string& prefix, bool own_facts) {
    std::vector<bool> read(move.slots.size(), false);
    std::vector<const Guarded*> floors;
    for (const Guarded& floor : move.floors) {
      floors.push_back(&floor);
      for (const Clause& clause : floor.clauses)
        for (const Node& node : clause.nodes)
          for (const Term& term : node.test.terms) read[term.slot] = true;
    }
    std::vector<std::string> values(move.slots.size());
    for (Index i = 0; i < move.slots.size(); ++i) {
      const Slot& slot = move.slots[i];
      if (!read[i]) continue;
      const bool source_only = std::none_of(slot.keys.begin(), slot.keys.end(), [](const KeySource& key) { return key.from == KeySource::From::Destination; });
      if (i == move.from_slot) values[i] = value(at);
      else if (slot.kind == SlotKind::Fact && own_facts) values[i] = own(fact_name(prefix, slot), v_.facts[slot.target].min, v_.facts[slot.target].max);
      else if (is_supplied(slot.kind) && source_only && slot.kind != SlotKind::Used) values[i] = value(place(slot, at.ids, {}));
      else values[i] = any_number(fmt::format("{}{}", prefix, i));
    }
    return holds(floors, values, true);
  }

  /// The same fact of the same ids has one name, so that its range is asserted of nothing else.
  static std::string fact_name(const std::string& prefix, const Slot& slot) {
    std::string name = fmt::format("{}f{}", prefix, slot.target);
    for (const KeySource& key : slot.keys) name += fmt::format("_{}", key.position);
    return name;
  }

  std::string any_number(const std::string& name) {
    declared_[name] = 0;
    return name;
  }

  /// The function of the state that the place is a value of, its range asserted when it is first met.
  std::string mention(const StatePlace& place) {
    std::string name;
    Ids given;
    for (const std::string& id : place.ids)
      if (id != kSummedId) given.push_back(id);
    switch (place.kind) {
      case SlotKind::Balance: name = fmt::format("b{}_{}", place.target, place.asset); break;
      case SlotKind::BucketTotal: {
        name = fmt::format("t{}_{}_", place.target, place.asset);
        for (const std::string& id : place.ids) name += id == kSummedId ? '1' : '0';
        break;
      }
      case SlotKind::Fact: name = fmt::format("f{}", place.target); break;
      default: name = fmt::format("m{}", place.target); break;
    }
    declared_[name] = given.size();
    const std::string term = smt::apply(name, given);
    if (mentioned_.try_emplace(term, place).second) in_range(place, term);
    return term;
  }

  void in_range(const StatePlace& place, const std::string& term) {
    switch (place.kind) {
      case SlotKind::Balance: within(term, v_.buckets[place.target].may_overdraw ? -kAmountMax : 0, kAmountMax); break;
      case SlotKind::BucketTotal:
        if (!v_.buckets[place.target].may_overdraw) assume(fmt::format("(<= 0 {})", term));
        break;
      case SlotKind::Fact: within(term, v_.facts[place.target].min, v_.facts[place.target].max); break;
      default: within(term, 0, static_cast<Int128>(v_.machines[place.target].modes.size()) - 1); break;
    }
  }

  /// An account's total is the sum over its buckets.
  std::string account_total(const StatePlace& place, const Change* change) {
    const std::vector<Index>& account_keys = v_.accounts[place.target].keys;
    std::vector<std::string> parts;
    for (Index bucket = 0; bucket < v_.buckets.size(); ++bucket) {
      if (v_.buckets[bucket].account != place.target || v_.buckets[bucket].external) continue;
      StatePlace part{SlotKind::Balance, bucket, place.asset, {}};
      for (const Index key : v_.buckets[bucket].keys) {
        const Index position = key_position(account_keys, key);
        part.ids.push_back(position == kNone ? kSummedId : place.ids[position]);
        if (position == kNone) part.kind = SlotKind::BucketTotal;
      }
      parts.push_back(value(part, change));
    }
    return smt::sum(parts);
  }

  bool matters(const Claim& claim) const {
    return std::any_of(claim.slots.begin(), claim.slots.end(), [&](const Slot& slot) {
      return std::any_of(mentioned_.begin(), mentioned_.end(), [&](const auto& known) {
        const StatePlace& place = known.second;
        if (slot.kind == SlotKind::Mode || slot.kind == SlotKind::Fact) return place.kind == slot.kind && place.target == slot.target;
        if ((place.kind != SlotKind::Balance && place.kind != SlotKind::BucketTotal) || place.asset != slot.asset) return false;
        return (slot.kind == SlotKind::AccountTotal ? v_.buckets[place.target].account : place.target) == slot.target;
      });
    });
  }

  void assume_everywhere(const Claim& claim, const std::set<std::string>* untouched) {
    std::vector<Ids> all{{}};
    for (const Index key : claim.keys) {
      std::vector<Ids> longer;
      const auto known = pool_.find(key);
      const std::vector<std::string> choices = known == pool_.end() ? std::vector<std::string>{any_member(key)} : known->second;
      for (const Ids& start : all)
        for (const std::string& next : choices) {
          if (longer.size() == kInstancesMax) break;
          longer.push_back(start);
          longer.back().push_back(next);
        }
      all = std::move(longer);
    }
    for (const Ids& ids : all) {
      if (claim.at_end_only && untouched != nullptr) {
        const std::set<std::string> mine = floored(claim, ids);
        if (!std::includes(untouched->begin(), untouched->end(), mine.begin(), mine.end())) continue;
      }
      std::vector<std::string> known{this->claim(claim, ids)};
      for (const Index key : claim.keys)
        if (perhaps_nobody_.contains(key)) known.push_back(smt::equal(somebody(key), "0"));
      assume(smt::any(known));
    }
  }

  /// A member of an entity of which no id is in sight, if there is any member at all.
  std::string any_member(Index entity) {
    perhaps_nobody_.insert(entity);
    declared_[fmt::format("e{}", entity)] = declared_[somebody(entity)] = 0;
    return fmt::format("e{}", entity);
  }
  static std::string somebody(Index entity) { return fmt::format("some{}", entity); }

  /// Where an entity has no member, what sums over its members is zero.
  void nobody_has_nothing() {
    for (const auto& [total, place] : mentioned_)
      for (std::size_t i = 0; place.kind == SlotKind::BucketTotal && i < place.ids.size(); ++i)
        if (const Index key = v_.buckets[place.target].keys[i]; place.ids[i] == kSummedId && perhaps_nobody_.contains(key))
          assume(fmt::format("(=> (= {} 0) (= {} 0))", somebody(key), total));
  }

  /// Where nothing in it may be below zero, a total holds at least the balances in it, each counted once, and any smaller total.
  void totals_hold_their_parts() {
    for (const auto& [total, place] : mentioned_) {
      if (place.kind != SlotKind::BucketTotal || v_.buckets[place.target].may_overdraw) continue;
      std::vector<std::string> parts;
      std::vector<const StatePlace*> counted;
      for (const auto& [term, part] : mentioned_) {
        if (part.target != place.target || part.asset != place.asset) continue;
        if (part.kind == SlotKind::BucketTotal && is_within(part, place)) asserted_.push_back(fmt::format("(=> {} (>= {} {}))", same(part.ids, place.ids), total, term));
        if (part.kind != SlotKind::Balance) continue;
        std::vector<std::string> conditions{same(part.ids, place.ids)};
        for (const StatePlace* before : counted) conditions.push_back(smt::negation(same(before->ids, part.ids)));
        parts.push_back(smt::choice(smt::all(conditions), term, "0"));
        counted.push_back(&part);
      }
      if (!parts.empty()) asserted_.push_back(fmt::format("(>= {} {})", total, smt::sum(parts)));
    }
  }

  static bool is_within(const StatePlace& part, const StatePlace& whole) {
    bool smaller = false;
    for (std::size_t i = 0; i < part.ids.size(); ++i) {
      if (part.ids[i] == kSummedId && whole.ids[i] != kSummedId) return false;
      smaller = smaller || part.ids[i] != whole.ids[i];
    }
    return smaller;
  }

  const Arena& arena_;
  const Vocabulary& v_;
  std::map<std::string, std::size_t> declared_;                 // function and number of arguments
  std::map<Index, std::vector<std::string>> pool_;              // by entity: the ids in sight
  std::set<Index> perhaps_nobody_;                              // entities of which no id is in sight, but a claim is assumed of any
  std::map<std::string, StatePlace> mentioned_;                 // by term
  std::vector<std::string> asserted_;
};

/// Ids of both ends under the row's relation: one term where they are equal, two that differ where they are not.
Change transfer_change(ObligationText& text, const Arena& arena, const Move& move) {
  Change change;
  change.transfer = true;
  change.from = move.from;
  change.to = move.to;
  change.asset = move.asset;
  const std::vector<Index>&from = arena.bucket(move.from).keys, &to = arena.bucket(move.to).keys;
  change.from_ids = text.ids("s", from);
  const std::vector<Index> shared = shared_keys(arena.bucket(move.from), arena.bucket(move.to));
  for (std::size_t i = 0; i < to.size(); ++i) {
    const Index bit = key_position(shared, to[i]);
    const bool equal = bit != kNone && (move.relation >> bit & 1) == 0;
    const Index position = key_position(from, to[i]);
    change.to_ids.push_back(equal ? change.from_ids[position] : text.id(fmt::format("d{}", i), to[i]));
    if (bit != kNone && !equal) text.assume(smt::negation(smt::equal(change.from_ids[position], change.to_ids.back())));
  }
  return change;
}

/// Language reference, 8.1 to 8.7 and 8.9: all but the floors, which a batch judges at its end.
void assume_allowed(ObligationText& text, const Arena& arena, const Move& move, const Change& change) {
  text.own("a", 1, kAmountMax);
  const auto values = text.values(move.slots, change.from_ids, change.to_ids, "x");
  for (std::size_t i = 0; i < move.slots.size(); ++i)
    if (move.slots[i].kind == SlotKind::BucketTotal || move.slots[i].kind == SlotKind::AccountTotal)
      text.within(values[i], may_be_below_zero(arena, move.slots[i]) ? -kAmountMax : 0, kAmountMax);
  const auto all = [](const std::vector<Guarded>& guarded) {
    std::vector<const Guarded*> list;
    for (const Guarded& one : guarded) list.push_back(&one);
    return list;
  };
  text.assume(ObligationText::holds(all(move.allows), values, false));
  if (!move.denies.empty()) text.assume(smt::negation(ObligationText::holds(all(move.denies), values, false)));
  if (!move.limits.empty()) text.assume(ObligationText::holds(all(move.limits), values, true));
  if (move.funds_slot != kNone) text.assume(fmt::format("(>= {} a)", values[move.funds_slot]));
  if (move.account_slot != kNone) text.assume(fmt::format("(>= {} a)", values[move.account_slot]));
  if (move.from_slot != kNone) text.assume(fmt::format("(>= (- {} a) {})", values[move.from_slot], smt::number(-kAmountMax)));
  if (move.to_slot != kNone) text.assume(fmt::format("(<= (+ {} a) {})", values[move.to_slot], smt::number(kAmountMax)));
}

}  // namespace

std::string start_obligation(const Arena& arena, const Claim& claim) {
  ObligationText text(arena);
  const Ids ids = text.ids("q", claim.keys);
  const std::string goal = text.claim(claim, ids);
  unsigned count = 0;
  for (const Index slot : floored_slots(arena.moves, claim))
    text.assume(text.floors_hold(text.place(claim.slots[slot], ids, {}), fmt::format("g{}_", count++), true));
  const std::vector<Claim> written = written_claims(arena.moves);
  Assumed all;
  for (const Claim& one : written)
    if (!one.reads_fact) all.push_back(&one);
  text.assume_claims(all, nullptr);
  text.assume_start();
  return text.refuting(claim, "start: a clean start", goal);
}

std::string transfer_obligation(const Arena& arena, const Move& move, const Claim& claim, const Assumed& assumed) {
  ObligationText text(arena);
  const Ids ids = text.ids("q", claim.keys);
  text.assume(text.claim(claim, ids));
  const Change change = transfer_change(text, arena, move);
  assume_allowed(text, arena, move, change);
  std::set<std::string> untouched;
  if (claim.at_end_only) {
    untouched = text.floored(claim, ids);
    for (const Index slot : floored_slots(arena.moves, claim))
      if (claim.slots[slot].target == move.from && claim.slots[slot].asset == move.asset)
        text.assume(smt::negation(ObligationText::same(text.place(claim.slots[slot], ids, {}).ids, change.from_ids)));
  }
  const std::string goal = text.claim(claim, ids, &change);
  text.assume_claims(assumed, &untouched);
  return text.refuting(claim, "transfer: " + row_words(arena.moves, move), goal);
}

std::string transition_obligation(const Arena& arena, const Transition& transition, const Claim& claim, const Assumed& assumed) {
  ObligationText text(arena);
  const Ids ids = text.ids("q", claim.keys);
  text.assume(text.claim(claim, ids));
  Change change;
  change.mode = true;
  change.machine = transition.machine;
  change.to_mode = transition.to_mode;
  change.from_ids = text.ids("s", arena.moves.vocabulary.machines[transition.machine].subject.keys);
  text.assume(smt::one_of(text.value({SlotKind::Mode, transition.machine, kNone, change.from_ids}), transition.from_modes));
  text.assume(ObligationText::holds({&transition.guard}, text.values(transition.slots, change.from_ids, {}, "x"), true));
  const std::string goal = text.claim(claim, ids, &change);
  text.assume_claims(assumed, nullptr);
  return text.refuting(claim, "change of mode: " + statement_words(arena.moves, transition.guard), goal);
}

std::string end_obligation(const Arena& arena, const Claim& claim, unsigned taken, const Assumed& assumed) {
  ObligationText text(arena);
  const Ids ids = text.ids("q", claim.keys);
  const std::string goal = text.claim(claim, ids);
  std::set<std::string> untouched;
  const std::vector<Index> floored = floored_slots(arena.moves, claim);
  for (unsigned i = 0; i < floored.size(); ++i) {
    const StatePlace place = text.place(claim.slots[floored[i]], ids, {});
    if (taken >> i & 1) text.assume(text.floors_hold(place, fmt::format("g{}_", i), false));
    else untouched.insert(text.value(place));
  }
  text.assume_claims(assumed, &untouched);
  std::string from;
  for (unsigned i = 0; i < floored.size(); ++i)
    if (taken >> i & 1) from += (from.empty() ? "" : ", ") + print(arena.moves.vocabulary, claim.slots[floored[i]]);
  return text.refuting(claim, "end: a batch that has taken from " + from, goal);
}

std::string follows_obligation(const Arena& arena, const Claim& claim, const Assumed& assumed) {
  ObligationText text(arena);
  const std::string goal = text.claim(claim, text.ids("q", claim.keys));
  text.assume_claims(assumed, nullptr);
  return text.refuting(claim, "follows: a state at the end of a batch, where the claims hold", goal);
}

bool each_obligation(const Arena& arena, const Claim& claim, const Assumed& assumed, const std::function<bool(std::string)>& visit) {
  if (!claim.written && !visit(start_obligation(arena, claim))) return false;
  for (const Move& move : arena.moves.moves)
    if (can_change(arena.moves, move, claim) && !visit(transfer_obligation(arena, move, claim, assumed))) return false;
  for (const Transition& transition : arena.moves.transitions)
    if (can_change(transition, claim) && !visit(transition_obligation(arena, transition, claim, assumed))) return false;
  if (!claim.at_end_only) return true;
  const std::size_t floored = floored_slots(arena.moves, claim).size();
  for (unsigned taken = 1; taken < 1u << floored; ++taken)
    if (!visit(end_obligation(arena, claim, taken, assumed))) return false;
  return true;
}

}  // namespace ringfence
