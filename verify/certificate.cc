// SPDX-License-Identifier: Apache-2.0
// Names in the text: title0, at0, asset0 are the bucket that unit 0 is titled to, the bucket it is in, and its asset, by number;
// title0_2, at0_2 its ids for entity 2. With a final underscore: after the step. s2, d2: the ids of the source and of the
// destination. v3: the move's slot 3. mode1: the mode of machine 1, a function of its subject's ids.
#include "verify/certificate.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "verify/persons.h"
#include "verify/smt_text.h"

namespace ringfence {
namespace {

using smt::all;
using smt::any;
using smt::equal;
using smt::negation;
using Terms = std::vector<std::string>;

/// One followed place in the text: "title0" or "at1", before ("") or after ("_") the step.
struct SpotName {
  std::string name, suffix;
  std::string bucket() const { return name + suffix; }
  std::string id(Index entity) const { return fmt::format("{}_{}{}", name, entity, suffix); }
};

std::vector<SpotName> spot_names(unsigned first_coin, unsigned coin_count, const std::string& suffix) {
  std::vector<SpotName> names;
  for (unsigned i = first_coin; i < first_coin + coin_count; ++i) {
    names.push_back({fmt::format("title{}", i), suffix});
    names.push_back({fmt::format("at{}", i), suffix});
  }
  return names;
}

std::vector<const Spot*> spots_of(const CoinState& state) {
  std::vector<const Spot*> spots;
  for (const Coin& coin : state.coins) {
    spots.push_back(&coin.title);
    spots.push_back(&coin.at);
  }
  return spots;
}

/// A comment may quote a policy, and a table is anybody's: nothing in it may end the line.
std::string comment(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return "; " + text + "\n";
}

class Writer {
 public:
  Writer(const Arena& arena, unsigned coin_count) : arena_(arena), coin_count_(coin_count) {
    for (Index entity = 0; entity < arena.moves.vocabulary.entities.size(); ++entity)
      if (arena.moves.vocabulary.entities[entity].many) entities_.push_back(entity);
    for (Index machine = 0; machine < arena.moves.vocabulary.machines.size(); ++machine)
      if (arena.machine_matters[machine]) machines_.push_back(machine);
  }

  // ---- prelude

  std::string prelude(const Reach& reach) const {
    std::string text = "(set-logic QF_UFLIA)\n";
    for (unsigned coin = 0; coin < 2; ++coin)
      for (const char* suffix : {"", "_"}) {
        text += fmt::format("(declare-fun asset{}{} () Int)\n", coin, suffix);
        for (const SpotName& spot : spot_names(coin, 1, suffix)) {
          text += fmt::format("(declare-fun {} () Int)\n", spot.bucket());
          for (const Index entity : entities_) text += fmt::format("(declare-fun {} () Int)\n", spot.id(entity));
        }
      }
    for (const Index entity : entities_) text += fmt::format("(declare-fun s{0} () Int)\n(declare-fun d{0} () Int)\n", entity);
    for (const Index machine : machines_)
      text += fmt::format("(declare-fun mode{} ({}) Int)\n", machine, fmt::join(Terms(subject_keys(machine).size(), "Int"), " "));
    std::size_t slots = 0;
    for (const Move& move : arena_.moves.moves) slots = std::max(slots, move.slots.size());
    for (const Transition& transition : arena_.moves.transitions) slots = std::max(slots, transition.slots.size());
    for (std::size_t i = 0; i < slots; ++i) text += fmt::format("(declare-fun v{} () Int)\n", i);
    for (std::size_t i = 0; i < (std::size_t{1} << kApprovalSetsMax); ++i) text += fmt::format("(declare-fun persons{} () Int)\n", i);
    text += "(declare-fun amount () Int)\n(declare-fun pass () Bool)\n(declare-fun taken0 () Bool)\n(declare-fun taken1 () Bool)\n";
    return text + invariant(reach);
  }

  // ---- the invariant

  /// Parameters of `inv`: assets, spots with their ids, and the mode of each tracked subject as seen from each spot.
  Terms parameters() const {
    Terms names;
    for (unsigned coin = 0; coin < coin_count_; ++coin) names.push_back(fmt::format("pa{}", coin));
    for (std::size_t spot = 0; spot < 2 * coin_count_; ++spot) {
      names.push_back(fmt::format("pb{}", spot));
      for (const Index entity : entities_) names.push_back(fmt::format("pi{}_{}", spot, entity));
    }
    for (const Index machine : machines_)
      for (std::size_t spot = 0; spot < views(machine); ++spot) names.push_back(fmt::format("pm{}_{}", machine, spot));
    return names;
  }

  std::string invariant(const Reach& reach) const {
    std::map<std::string, std::vector<Terms>> by_shape;  // everything but assets and modes -> (assets, modes)
    std::map<std::string, Index> first_at;
    for (const CoinState& state : reach.states) {
      const std::string shape = shape_of(state);
      by_shape[shape].push_back({assets_of(state), modes_of(state)});
      first_at[shape] = state.coins[0].at.bucket;
    }
    std::map<Index, Terms> by_place;
    for (auto& [shape, details] : by_shape) {
      std::map<std::string, Terms> assets_by_modes;
      for (const Terms& detail : details) assets_by_modes[detail[1]].push_back(detail[0]);
      Terms cases;
      for (const auto& [modes, assets] : assets_by_modes) cases.push_back(all({modes, assets.size() == asset_choices() ? "true" : any(assets)}));
      by_place[first_at[shape]].push_back(all({shape, any(cases)}));
    }
    Terms typed;
    for (const std::string& name : parameters()) typed.push_back(fmt::format("({} Int)", name));
    std::string text;
    Terms cases;
    for (const auto& [bucket, shapes] : by_place) {
      text += comment("where unit 0 is in " + arena_.bucket(bucket).name);
      text += fmt::format("(define-fun inv_at_{} ({}) Bool\n  {})\n", bucket, fmt::join(typed, " "), any(shapes));
      cases.push_back(all({equal("pb1", std::to_string(bucket)), smt::apply(fmt::format("inv_at_{}", bucket), parameters())}));
    }
    return text + fmt::format("(define-fun inv ({}) Bool\n  {})\n", fmt::join(typed, " "), any(cases));
  }

  std::size_t asset_choices() const {
    const std::size_t assets = arena_.moves.vocabulary.assets.size();
    return coin_count_ == 1 ? assets : assets * assets;
  }

  std::string assets_of(const CoinState& state) const {
    Terms terms;
    for (std::size_t i = 0; i < state.coins.size(); ++i) terms.push_back(equal(fmt::format("pa{}", i), std::to_string(state.coins[i].asset)));
    return all(terms);
  }

  std::string shape_of(const CoinState& state) const {
    Terms terms;
    const auto spots = spots_of(state);
    for (std::size_t i = 0; i < spots.size(); ++i) terms.push_back(equal(fmt::format("pb{}", i), std::to_string(spots[i]->bucket)));
    for (const Index entity : entities_)
      for (std::size_t i = 0; i < spots.size(); ++i)
        for (std::size_t j = i + 1; j < spots.size(); ++j) {
          if (!has_key(*spots[i], entity) || !has_key(*spots[j], entity)) continue;
          const std::string same = equal(fmt::format("pi{}_{}", i, entity), fmt::format("pi{}_{}", j, entity));
          terms.push_back(class_at(arena_, *spots[i], entity) == class_at(arena_, *spots[j], entity) ? same : negation(same));
        }
    return all(terms);
  }

  std::string modes_of(const CoinState& state) const {
    Terms terms;
    const auto tracked = tracked_subjects(arena_, state.coins);
    const auto spots = spots_of(state);
    for (std::size_t t = 0; t < tracked.size(); ++t) {
      const auto& keys = subject_keys(tracked[t].machine);
      for (std::size_t spot = 0; spot < views(tracked[t].machine); ++spot) {
        if (!keys.empty() && !sees(*spots[spot], keys, tracked[t])) continue;
        terms.push_back(equal(fmt::format("pm{}_{}", tracked[t].machine, spot), std::to_string(state.modes[t])));
      }
    }
    return all(terms);
  }

  bool sees(const Spot& spot, const std::vector<Index>& keys, const ModeSubject& subject) const {
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (!has_key(spot, keys[i]) || class_at(arena_, spot, keys[i]) != subject.ids[i]) return false;
    return true;
  }

  /// Arguments of `inv` for the units from `first_coin` on, before or after a step; `changed` rewrites a mode after a transition.
  std::string invariant_holds(const std::string& function, unsigned first_coin, const std::string& suffix, const Transition* changed = nullptr) const {
    const auto spots = spot_names(first_coin, coin_count_, suffix);
    Terms arguments;
    for (unsigned coin = first_coin; coin < first_coin + coin_count_; ++coin) arguments.push_back(fmt::format("asset{}{}", coin, suffix));
    for (const SpotName& spot : spots) {
      arguments.push_back(spot.bucket());
      for (const Index entity : entities_) arguments.push_back(spot.id(entity));
    }
    for (const Index machine : machines_)
      for (std::size_t view = 0; view < views(machine); ++view) arguments.push_back(mode_seen(machine, spots[view], changed));
    return smt::apply(function, arguments);
  }

  std::string mode_seen(Index machine, const SpotName& spot, const Transition* changed) const {
    Terms ids, is_subject;
    for (const Index key : subject_keys(machine)) {
      ids.push_back(spot.id(key));
      is_subject.push_back(equal(spot.id(key), fmt::format("s{}", key)));
    }
    const std::string mode = smt::apply(fmt::format("mode{}", machine), ids);
    return changed && changed->machine == machine ? smt::choice(all(is_subject), std::to_string(changed->to_mode), mode) : mode;
  }

  // ---- obligations

  void obligation(const std::string& meaning, const Terms& asserted) {
    written_.text += comment(meaning) + "(push 1)\n";
    for (const std::string& term : asserted)
      if (term != "true") written_.text += fmt::format("(assert {})\n", term);
    written_.text += "(check-sat)\n(pop 1)\n";
    ++written_.count;
  }

  void start_obligation() {
    Terms asserted;
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      const SpotName title{fmt::format("title{}", coin), ""}, at{fmt::format("at{}", coin), ""};
      asserted.push_back(fmt::format("(and (<= 0 {0}) (< {0} {1}) (= {0} {2}))", title.bucket(), arena_.moves.vocabulary.buckets.size(), at.bucket()));
      asserted.push_back(fmt::format("(and (<= 0 asset{0}) (< asset{0} {1}))", coin, arena_.moves.vocabulary.assets.size()));
      for (const Index entity : entities_) asserted.push_back(equal(title.id(entity), at.id(entity)));
    }
    for (const Index machine : machines_)
      for (const SpotName& spot : spot_names(0, coin_count_, "")) asserted.push_back(equal(mode_seen(machine, spot, nullptr), "0"));
    if (coin_count_ == 2) {
      asserted.push_back("(or (< asset0 asset1) (and (= asset0 asset1) (<= title0 title1)))");  // the two are named in this order
      for (const Fence& fence : arena_.moves.vocabulary.fences)
        if (fence.in_custody) asserted.push_back(negation(breaks(fence)));
    }
    asserted.push_back(negation(invariant_holds("inv", 0, "")));
    obligation("start: every unit titled to the bucket that it is in, every mode the first", asserted);
  }

  /// The modes that are never reached at all: each transition into one of them has a guard that can't hold.
  void modes_obligations(const std::vector<Mask>& possible) {
    for (const Transition& transition : arena_.moves.transitions) {
      const Mask set = possible[transition.machine];
      if (!arena_.machine_matters[transition.machine] || !(set & transition.from_modes) || (set >> transition.to_mode & 1)) continue;
      Terms asserted = ranges(transition.slots, possible);
      asserted.push_back(smt::holds(transition.guard));
      obligation(fmt::format("never: {}", words(transition.guard)), asserted);
    }
  }

  void move_obligations(const std::vector<Mask>& possible) {
    std::set<std::string> done;
    for (const Move& move : arena_.moves.moves) {
      const Terms asserted = step_terms(move, possible);
      if (!done.insert(fmt::format("{}", fmt::join(asserted, "\n"))).second) continue;
      obligation(fmt::format("move: {} -> {} ({} relation {}), {}", arena_.bucket(move.from).name, arena_.bucket(move.to).name,
                             arena_.moves.vocabulary.assets[move.asset].name, move.relation, words(move.allows[0])),
                 asserted);
    }
  }

  void transition_obligations(const std::vector<Mask>& possible) {
    for (const Transition& transition : arena_.moves.transitions) {
      if (!arena_.machine_matters[transition.machine]) continue;
      Terms asserted{invariant_holds("inv", 0, "")};
      Terms ids;
      for (const Index key : subject_keys(transition.machine)) ids.push_back(fmt::format("s{}", key));
      asserted.push_back(smt::one_of(smt::apply(fmt::format("mode{}", transition.machine), ids), transition.from_modes));
      append(asserted, ranges(transition.slots, possible));
      append(asserted, slot_terms(transition.slots, subject_keys(transition.machine), {}));
      asserted.push_back(smt::holds(transition.guard));
      asserted.push_back(negation(invariant_holds("inv", 0, "", &transition)));
      obligation(fmt::format("change of mode: {}", words(transition.guard)), asserted);
    }
  }

  void fence_obligation(const Fence& fence) {
    Terms asserted{invariant_holds("inv", 0, "")};
    if (fence.in_custody && coin_count_ == 1) asserted.push_back(invariant_holds("inv", 1, ""));
    asserted.push_back(breaks(fence));
    obligation("fence: what it forbids is outside the invariant", asserted);
  }

  Obligations take() { return std::move(written_); }

 private:
  // ---- one move

  Terms step_terms(const Move& move, const std::vector<Mask>& possible) const {
    const auto& from = arena_.bucket(move.from);
    const auto& to = arena_.bucket(move.to);
    Terms asserted{invariant_holds(coin_count_ == 1 && !shares_overdrawn_account(from) ? fmt::format("inv_at_{}", move.from) : "inv", 0, "")};
    const auto shared = shared_keys(from, to);
    for (std::size_t i = 0; i < shared.size(); ++i) {
      const std::string same = equal(fmt::format("s{}", shared[i]), fmt::format("d{}", shared[i]));
      asserted.push_back((move.relation >> i & 1) ? negation(same) : same);
    }
    append(asserted, taking_terms(move));
    append(asserted, ranges(move.slots, possible));
    append(asserted, slot_terms(move.slots, from.keys, to.keys));
    append(asserted, amount_terms(move));
    for (const Guarded& deny : move.denies) asserted.push_back(negation(smt::holds(deny)));
    for (const Guarded& limit : move.limits) asserted.push_back(smt::holds(limit));
    Terms ways;
    for (const Guarded& allow : move.allows) ways.push_back(all({allow.passing_title ? "pass" : "(not pass)", smt::holds(allow)}));
    asserted.push_back(any(ways));
    append(asserted, after_terms(move));
    for (const Index machine : machines_)
      for (const SpotName& spot : spot_names(0, coin_count_, "_")) asserted.push_back(smt::one_of(mode_seen(machine, spot, nullptr), possible[machine]));
    Terms fine{invariant_holds("inv", 0, "_")};
    if (coin_count_ == 2 && to.external)
      for (unsigned coin = 0; coin < 2; ++coin) fine.push_back(all({fmt::format("taken{}", coin), negation(titled_here(coin, "_", move.to, 'd'))}));
    asserted.push_back(negation(any(fine)));
    return asserted;
  }

  bool shares_overdrawn_account(const Bucket& bucket) const { return bucket.account != kNone && arena_.account_overdraws[bucket.account]; }

  /// The spot is this instance: bucket and ids named by `letter` (s or d).
  std::string is_instance(const SpotName& spot, Index bucket, char letter) const {
    Terms terms{equal(spot.bucket(), std::to_string(bucket))};
    for (const Index key : arena_.bucket(bucket).keys) terms.push_back(equal(spot.id(key), fmt::format("{}{}", letter, key)));
    return all(terms);
  }
  std::string titled_here(unsigned coin, const std::string& suffix, Index bucket, char letter) const {
    return is_instance({fmt::format("title{}", coin), suffix}, bucket, letter);
  }

  /// The unit is at the source itself (and, at an external, has not left the system there).
  std::string at_source(unsigned coin, const Move& move) const {
    Terms terms{is_instance({fmt::format("at{}", coin), ""}, move.from, 's')};
    if (arena_.bucket(move.from).external) terms.push_back(titled_here(coin, "", move.from, 's'));
    return all(terms);
  }

  /// The unit is where the source can take it from: at the source, or anywhere in an account that can be overdrawn.
  std::string within_reach(unsigned coin, const Move& move) const {
    const Bucket& from = arena_.bucket(move.from);
    if (!shares_overdrawn_account(from)) return at_source(coin, move);
    const SpotName at{fmt::format("at{}", coin), ""};
    std::vector<Index> neighbours;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
      if (arena_.bucket(bucket).account == from.account) neighbours.push_back(bucket);
    Terms terms{smt::one_of(at.bucket(), neighbours)};
    for (const Index key : arena_.moves.vocabulary.accounts[from.account].keys) terms.push_back(equal(at.id(key), fmt::format("s{}", key)));
    return all(terms);
  }

  Terms taking_terms(const Move& move) const {
    Terms terms, taken, elsewhere, own_left;
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      const std::string is_taken = fmt::format("taken{}", coin), right_asset = equal(fmt::format("asset{}", coin), std::to_string(move.asset));
      taken.push_back(is_taken);
      terms.push_back(fmt::format("(=> {} {})", is_taken, all({right_asset, within_reach(coin, move)})));
      if (!shares_overdrawn_account(arena_.bucket(move.from))) continue;
      elsewhere.push_back(all({is_taken, negation(at_source(coin, move))}));
      own_left.push_back(all({negation(is_taken), right_asset, at_source(coin, move)}));
    }
    terms.push_back(any(taken));
    if (!elsewhere.empty()) terms.push_back(fmt::format("(=> {} {})", any(elsewhere), negation(any(own_left))));
    return terms;
  }

  Terms amount_terms(const Move& move) const {
    Terms taken, left{"0"};
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      taken.push_back(fmt::format("(ite taken{} 1 0)", coin));
      left.push_back(smt::choice(all({negation(fmt::format("taken{}", coin)), equal(fmt::format("asset{}", coin), std::to_string(move.asset)),
                                      funds_are_account(move) ? within_reach(coin, move) : at_source(coin, move)}),
                                 "1", "0"));
    }
    Terms terms{fmt::format("(and (<= 1 amount) (<= {} amount) (<= amount {}))", smt::sum(taken), smt::number(kAmountMax))};
    for (std::size_t i = 0; i < move.slots.size(); ++i)
      if (move.slots[i].kind == SlotKind::Amount) terms.push_back(fmt::format("(= v{} amount)", i));
    if (move.funds_slot != kNone) terms.push_back(fmt::format("(>= (- v{} amount) {})", move.funds_slot, smt::sum(left)));
    if (move.from_slot != kNone) terms.push_back(fmt::format("(>= (- v{} amount) {})", move.from_slot, smt::number(-kAmountMax)));
    if (move.to_slot != kNone) terms.push_back(fmt::format("(<= (+ v{} amount) {})", move.to_slot, smt::number(kAmountMax)));
    return terms;
  }

  bool funds_are_account(const Move& move) const {
    return move.funds_slot != kNone && move.slots[move.funds_slot].kind == SlotKind::AccountTotal;
  }

  /// 3.4: the title is the source's owner's, with equal ids on every entity that keys both.
  std::string theirs(unsigned coin, const Move& move) const {
    const Bucket& from = arena_.bucket(move.from);
    const SpotName title{fmt::format("title{}", coin), ""};
    Terms cases;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
      if (arena_.bucket(bucket).owner != from.owner) continue;
      Terms terms{equal(title.bucket(), std::to_string(bucket))};
      for (const Index entity : shared_keys(arena_.bucket(bucket), from)) terms.push_back(equal(title.id(entity), fmt::format("s{}", entity)));
      cases.push_back(all(terms));
    }
    return any(cases);
  }

  Terms after_terms(const Move& move) const {
    Terms terms;
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      terms.push_back(equal(fmt::format("asset{}_", coin), fmt::format("asset{}", coin)));
      const std::string is_taken = fmt::format("taken{}", coin);
      append(terms, moved(fmt::format("title{}", coin), all({is_taken, "pass", theirs(coin, move)}), move.to));
      append(terms, moved(fmt::format("at{}", coin), is_taken, move.to));
    }
    return terms;
  }

  Terms moved(const std::string& name, const std::string& condition, Index to) const {
    const SpotName before{name, ""}, after{name, "_"};
    Terms terms{equal(after.bucket(), smt::choice(condition, std::to_string(to), before.bucket()))};
    for (const Index entity : entities_) {
      const bool has = key_position(arena_.bucket(to).keys, entity) != kNone;
      terms.push_back(equal(after.id(entity), has ? smt::choice(condition, fmt::format("d{}", entity), before.id(entity)) : before.id(entity)));
    }
    return terms;
  }

  // ---- slots

  Terms ranges(const std::vector<Slot>& slots, const std::vector<Mask>& possible) const {
    Terms terms;
    const auto within = [&](std::size_t slot, Int128 low, Int128 high) {
      terms.push_back(fmt::format("(and (<= {} v{}) (<= v{} {}))", smt::number(low), slot, slot, smt::number(high)));
    };
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      switch (slot.kind) {
        case SlotKind::Amount: within(i, 1, kAmountMax); break;
        case SlotKind::TimeOfDay: within(i, 0, 86'399); break;
        case SlotKind::Evidence: within(i, 0, 1); break;
        case SlotKind::Approvals: within(i, 0, static_cast<Int128>(kApprovalsMax)); break;
        case SlotKind::Balance: within(i, arena_.bucket(slot.target).may_overdraw ? -kAmountMax : 0, kAmountMax); break;
        case SlotKind::BucketTotal:
        case SlotKind::AccountTotal:
        case SlotKind::Used: within(i, 0, kAmountMax); break;
        case SlotKind::Fact: within(i, arena_.moves.vocabulary.facts[slot.target].min, arena_.moves.vocabulary.facts[slot.target].max); break;
        case SlotKind::Mode: terms.push_back(smt::one_of(fmt::format("v{}", i), possible[slot.target])); break;
      }
    }
    append(terms, approval_terms(slots));
    return terms;
  }

  Terms approval_terms(const std::vector<Slot>& slots) const {
    Terms terms, persons;
    const auto kinds = person_kinds(slots);
    if (kinds.empty()) return terms;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      persons.push_back(fmt::format("persons{}", k));
      terms.push_back(fmt::format("(<= 0 persons{})", k));
    }
    terms.push_back(fmt::format("(<= {} {})", smt::sum(persons), kApprovalsMax));
    for (Index i = 0; i < slots.size(); ++i) {
      if (slots[i].kind != SlotKind::Approvals) continue;
      Terms counted;
      for (std::size_t k = 0; k < kinds.size(); ++k)
        if (std::find(kinds[k].slots.begin(), kinds[k].slots.end(), i) != kinds[k].slots.end()) counted.push_back(fmt::format("persons{}", k));
      terms.push_back(equal(fmt::format("v{}", i), smt::sum(counted)));
    }
    return terms;
  }

  /// What the followed units and the modes say about the slots.
  Terms slot_terms(const std::vector<Slot>& slots, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
    Terms terms;
    for (Index i = 0; i < slots.size(); ++i) {
      const Slot& slot = slots[i];
      const std::string value = fmt::format("v{}", i);
      if (slot.kind == SlotKind::Mode) terms.push_back(equal(value, smt::apply(fmt::format("mode{}", slot.target), ids_of(slot, from_keys, to_keys))));
      const bool is_total = slot.kind == SlotKind::BucketTotal || slot.kind == SlotKind::AccountTotal;
      if (slot.kind != SlotKind::Balance && !is_total) continue;
      if (slot.kind == SlotKind::AccountTotal || !arena_.bucket(slot.target).may_overdraw)
        terms.push_back(fmt::format("(>= {} {})", value, units_in(slot, from_keys, to_keys, {})));
      const bool below_zero = slot.kind == SlotKind::AccountTotal ? arena_.account_overdraws[slot.target] : arena_.bucket(slot.target).may_overdraw;
      if (!is_total || below_zero) continue;
      Terms parts;
      std::vector<const Slot*> included;
      for (const Index balance : included_balances(arena_, slots, i)) {
        parts.push_back(fmt::format("v{}", balance));
        included.push_back(&slots[balance]);
      }
      parts.push_back(units_in(slot, from_keys, to_keys, included));
      terms.push_back(fmt::format("(>= {} {})", value, smt::sum(parts)));
    }
    return terms;
  }

  Terms ids_of(const Slot& slot, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
    Terms ids;
    for (const KeySource& key : slot.keys)
      ids.push_back(key.from == KeySource::From::Summed   ? ""
                    : key.from == KeySource::From::Source ? fmt::format("s{}", from_keys[key.position])
                                                          : fmt::format("d{}", to_keys[key.position]));
    return ids;
  }

  /// How many followed units the balance or total counts, less those that one of `others` counts.
  std::string units_in(const Slot& slot, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, const std::vector<const Slot*>& others) const {
    Terms parts;
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      Terms terms{counted(slot, coin, from_keys, to_keys)};
      for (const Slot* other : others) terms.push_back(negation(counted(*other, coin, from_keys, to_keys)));
      parts.push_back(smt::choice(all(terms), "1", "0"));
    }
    return smt::sum(parts);
  }

  std::string counted(const Slot& slot, unsigned coin, const std::vector<Index>& from_keys, const std::vector<Index>& to_keys) const {
    const SpotName at{fmt::format("at{}", coin), ""};
    Terms terms{equal(fmt::format("asset{}", coin), std::to_string(slot.asset))};
    const bool is_account = slot.kind == SlotKind::AccountTotal;
    std::vector<Index> buckets;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
      if (is_account ? arena_.bucket(bucket).account == slot.target : bucket == slot.target) buckets.push_back(bucket);
    terms.push_back(smt::one_of(at.bucket(), buckets));
    const auto& keys = is_account ? arena_.moves.vocabulary.accounts[slot.target].keys : arena_.bucket(slot.target).keys;
    const Terms ids = ids_of(slot, from_keys, to_keys);
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (!ids[i].empty()) terms.push_back(equal(at.id(keys[i]), ids[i]));
    return all(terms);
  }

  // ---- fences

  std::string breaks(const Fence& fence) const { return fence.in_custody ? breaks_in_custody(fence) : breaks_by_attribution(fence); }

  std::vector<Index> keyed_by(Index entity, const std::vector<Index>* among) const {
    std::vector<Index> found;
    for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
      if (key_position(arena_.bucket(bucket).keys, entity) != kNone && (!among || std::binary_search(among->begin(), among->end(), bucket))) found.push_back(bucket);
    return found;
  }

  std::string breaks_by_attribution(const Fence& fence) const {
    if (fence.kind == FenceKind::Between)
      return any({all({smt::one_of("title0", fence.left), smt::one_of("at0", fence.right)}), all({smt::one_of("title0", fence.right), smt::one_of("at0", fence.left)})});
    const SpotName title{"title0", ""}, at{"at0", ""};
    return all({smt::one_of("title0", keyed_by(fence.entity, nullptr)), smt::one_of("at0", keyed_by(fence.entity, &fence.within)),
                negation(equal(title.id(fence.entity), at.id(fence.entity)))});
  }

  std::string breaks_in_custody(const Fence& fence) const {
    Terms terms{same_custody()};
    if (fence.kind == FenceKind::Between) {
      terms.push_back(any({all({smt::one_of("title0", fence.left), smt::one_of("title1", fence.right)}), all({smt::one_of("title0", fence.right), smt::one_of("title1", fence.left)})}));
      return all(terms);
    }
    const SpotName one{"title0", ""}, two{"title1", ""};
    const auto keyed = keyed_by(fence.entity, nullptr);
    append(terms, {smt::one_of("at0", fence.within), smt::one_of("at1", fence.within), smt::one_of("title0", keyed), smt::one_of("title1", keyed),
                   negation(equal(one.id(fence.entity), two.id(fence.entity)))});
    return all(terms);
  }

  std::string same_custody() const {
    Terms cases;
    const SpotName one{"at0", ""}, two{"at1", ""};
    const auto same_ids = [&](const std::vector<Index>& keys, Terms terms) {
      for (const Index key : keys) terms.push_back(equal(one.id(key), two.id(key)));
      cases.push_back(all(terms));
    };
    const auto& vocabulary = arena_.moves.vocabulary;
    for (Index account = 0; account < vocabulary.accounts.size(); ++account) {
      std::vector<Index> inside;
      for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket)
        if (vocabulary.buckets[bucket].account == account) inside.push_back(bucket);
      if (!inside.empty()) same_ids(vocabulary.accounts[account].keys, {smt::one_of("at0", inside), smt::one_of("at1", inside)});
    }
    for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket)
      if (vocabulary.buckets[bucket].account == kNone && !vocabulary.buckets[bucket].external)
        same_ids(vocabulary.buckets[bucket].keys, {equal("at0", std::to_string(bucket)), equal("at1", std::to_string(bucket))});
    return any(cases);
  }

  // ---- small things

  const std::vector<Index>& subject_keys(Index machine) const { return arena_.moves.vocabulary.machines[machine].subject.keys; }
  std::size_t views(Index machine) const { return subject_keys(machine).empty() ? 1 : 2 * coin_count_; }
  bool has_key(const Spot& spot, Index entity) const { return key_position(arena_.bucket(spot.bucket).keys, entity) != kNone; }
  std::string words(const Guarded& guarded) const {
    const RuleText& rule = arena_.moves.statements[guarded.statement].words;
    return fmt::format("line {}: {}", rule.line, rule.text);
  }
  static void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

  const Arena& arena_;
  const unsigned coin_count_;
  std::vector<Index> entities_, machines_;
  Obligations written_;
};

}  // namespace

std::string certificate_prelude(const Arena& arena, const Reach& reach, unsigned coin_count) { return Writer(arena, coin_count).prelude(reach); }

Obligations inductive_obligations(const Arena& arena, const std::vector<Mask>& possible, unsigned coin_count) {
  Writer writer(arena, coin_count);
  writer.modes_obligations(possible);
  writer.start_obligation();
  writer.move_obligations(possible);
  writer.transition_obligations(possible);
  return writer.take();
}

Obligations fence_obligation(const Arena& arena, const Fence& fence, unsigned coin_count) {
  Writer writer(arena, coin_count);
  writer.fence_obligation(fence);
  return writer.take();
}

std::string certificate_header(const Arena& arena, const Fence& fence, unsigned coin_count, std::uint32_t obligations) {
  const Vocabulary& vocabulary = arena.moves.vocabulary;
  const bool one = coin_count == 1;
  std::string text =
      comment(fmt::format("Ringfence certificate. Policy \"{}\" version \"{}\", SHA-256 of its text {}.", vocabulary.policy_name,
                          vocabulary.policy_version, arena.moves.source_digest)) +
      comment(fmt::format("Line {}: {}", fence.line, fence.text)) +
      comment(fmt::format("{} obligations: each check-sat must answer unsat. Any SMT-LIB 2 solver can run this file.", obligations)) +
      comment(fmt::format("It follows {} of money, of any title and any ids, through every move of the compiled table; `inv` says where {} can be.",
                          one ? "one unit" : "two units", one ? "it" : "they")) +
      comment("start: the first state of every run is in inv. never: a mode that can't be entered. move, change of mode: no step leaves inv.") +
      comment("fence: nothing in inv is what the fence forbids. Buckets and externals by number:");
  for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket) text += comment(fmt::format("  {} {}", bucket, vocabulary.buckets[bucket].name));
  return text;
}

}  // namespace ringfence
