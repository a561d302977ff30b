// SPDX-License-Identifier: Apache-2.0
// Claims to try in order to strengthen an invariant: what guards, floors and the invariants themselves compare, without the amount, both
// ways round; what the invariants compare, of each term alone; that a balance is nothing; each of these in one mode only; what all buckets that
// money moves between hold together, against the invariants' constants; and the modes that can be reached at all.
#include <map>
#include <set>
#include <string>

#include "verify/claim.h"

namespace ringfence {
namespace {

bool is_money(SlotKind kind) { return kind == SlotKind::Balance || kind == SlotKind::BucketTotal || kind == SlotKind::AccountTotal; }

const std::vector<Index>& keys_of(const Vocabulary& v, const Slot& slot) {
  return slot.kind == SlotKind::AccountTotal ? v.accounts[slot.target].keys : v.buckets[slot.target].keys;
}

class Guesser {
 public:
  Guesser(const Moves& moves, const std::vector<Mask>& modes_possible, std::size_t most) : moves_(moves), v_(moves.vocabulary), possible_(modes_possible), most_(most) {}

  std::vector<Claim> run(const std::vector<Claim>& about) {
    for (const Claim& claim : about) depends_.add(moves_, claim.slots);
    depends_.grow(moves_);
    guess_modes();
    for (const Claim& claim : about) guess_from(claim.formula, claim.slots);
    for (const Claim& claim : about) guess_terms(claim);
    guess_sums(about);
    for (const Move& move : moves_.moves) {
      if (!depends_.buckets.contains(move.from) && !depends_.buckets.contains(move.to)) continue;
      for (const auto* group : {&move.allows, &move.denies, &move.floors})
        for (const Guarded& guarded : *group) guess_from(guarded, move.slots);
    }
    for (const Transition& transition : moves_.transitions)
      if (depends_.machines.contains(transition.machine)) guess_from(transition.guard, transition.slots);
    for (const Index bucket : depends_.buckets) guess_empty(bucket);
    return std::move(guesses_);
  }

 private:
  // ---- one comparison

  void guess_from(const Guarded& guarded, const std::vector<Slot>& slots) {
    for (const Clause& clause : guarded.clauses)
      for (const Node& node : clause.nodes)
        if (node.test.kind != TestKind::InSet) guess_comparison(node.test, slots);
  }

  void guess_comparison(const Test& test, const std::vector<Slot>& slots) {
    Claim claim;
    std::map<std::pair<KeySource::From, std::uint8_t>, std::uint8_t> position;
    Test made{TestKind::AtLeastZero, {}, test.constant, 0};
    for (const Term& term : test.terms) {
      Slot slot = slots[term.slot];
      if (slot.kind == SlotKind::Amount) continue;
      if (!is_money(slot.kind)) return;
      const std::vector<Index>& keys = keys_of(v_, slot);
      for (std::size_t i = 0; i < slot.keys.size(); ++i) {
        KeySource& key = slot.keys[i];
        if (key.from == KeySource::From::Summed) continue;
        const auto [known, is_new] = position.try_emplace({key.from, key.position}, static_cast<std::uint8_t>(claim.keys.size()));
        if (is_new) claim.keys.push_back(keys[i]);
        key = {KeySource::From::Source, known->second};
      }
      made.terms.push_back({term.coefficient, static_cast<Index>(claim.slots.size())});
      claim.slots.push_back(std::move(slot));
    }
    if (made.terms.empty()) return;
    add_both(claim, made);
  }

  /// Of a sum that is at least something, each term alone: x + y >= c is kept where x >= c is.
  void guess_terms(const Claim& claim) {
    for (const Clause& clause : claim.formula.clauses)
      for (const Node& node : clause.nodes)
        for (const Term& term : node.test.terms)
          if (node.test.kind != TestKind::InSet && node.test.terms.size() > 1) guess_comparison({TestKind::AtLeastZero, {term}, node.test.constant, 0}, claim.slots);
  }

  /// Money that only moves among some buckets is as much as it was: their sum, at least and at most each constant of the invariants, by itself
  /// and for the members that an open one is about: it may say nothing where there are none.
  void guess_sums(const std::vector<Claim>& about) {
    std::set<std::vector<Index>> members{{}};
    for (const Claim& claim : about) members.insert(claim.keys);
    std::set<Int128> constants;
    for (const Invariant& invariant : moves_.invariants)
      for (const Clause& clause : invariant.claim.clauses)
        for (const Node& node : clause.nodes) constants.insert(node.test.constant < 0 ? -node.test.constant : node.test.constant);
    for (Index asset = 0; asset < v_.assets.size(); ++asset)
      for (const std::set<Index>& buckets : moved_between(asset)) {
        Claim claim;
        for (const Index bucket : buckets) {
          const std::size_t keys = v_.buckets[bucket].keys.size();
          claim.slots.push_back({keys == 0 ? SlotKind::Balance : SlotKind::BucketTotal, bucket, asset, 0, std::vector<KeySource>(keys, {KeySource::From::Summed, 0})});
        }
        for (const Int128 constant : constants)
          for (const std::int64_t sign : {1, -1}) {
            Test test{TestKind::AtLeastZero, {}, -sign * constant, 0};
            for (Index slot = 0; slot < claim.slots.size(); ++slot) test.terms.push_back({sign, slot});
            for (const std::vector<Index>& keys : members) {
              claim.keys = keys;
              add(claim, {{test, kTrue, kFalse}});
            }
          }
      }
  }

  /// The buckets inside that rows lead between, by parts that no row joins; only those that the invariants depend on, and no part of one bucket.
  std::vector<std::set<Index>> moved_between(Index asset) const {
    std::vector<std::set<Index>> parts;
    for (const Move& move : moves_.moves) {
      const bool inside = !v_.buckets[move.from].external && !v_.buckets[move.to].external;
      if (!inside || move.asset != asset || !depends_.buckets.contains(move.from)) continue;
      std::set<Index> joined{move.from, move.to};
      std::erase_if(parts, [&](const std::set<Index>& part) {
        const bool meets = part.contains(move.from) || part.contains(move.to);
        if (meets) joined.insert(part.begin(), part.end());
        return meets;
      });
      if (joined.size() > 1) parts.push_back(std::move(joined));
    }
    return parts;
  }

  void guess_empty(Index bucket) {
    if (v_.buckets[bucket].external) return;
    for (Index asset = 0; asset < v_.assets.size(); ++asset) {
      Claim claim;
      claim.keys = v_.buckets[bucket].keys;
      Slot slot{SlotKind::Balance, bucket, asset, 0, {}};
      for (std::size_t i = 0; i < claim.keys.size(); ++i) slot.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(i)});
      claim.slots = {slot};
      add_both(claim, {TestKind::AtLeastZero, {{-1, 0}}, 0, 0});
    }
  }

  /// The comparison and its converse, by themselves and in each mode.
  void add_both(const Claim& claim, const Test& test) {
    add_in_modes(claim, test);
    Test reversed = test;
    for (Term& term : reversed.terms) {
      if (term.coefficient == INT64_MIN) return;
      term.coefficient = -term.coefficient;
    }
    reversed.constant = -test.constant;
    add_in_modes(claim, reversed);       // at most what was at least
  }

  void add_in_modes(const Claim& claim, const Test& test) {
    add(claim, {{test, kTrue, kFalse}});
    for (const Index machine : depends_.machines) {
      Claim in_mode = claim;
      Slot mode{SlotKind::Mode, machine, kNone, 0, {}};
      for (const Index key : v_.machines[machine].subject.keys) {
        const Index known = key_position(in_mode.keys, key);
        if (known == kNone) in_mode.keys.push_back(key);
        mode.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(known == kNone ? in_mode.keys.size() - 1 : known)});
      }
      in_mode.slots.push_back(mode);
      const auto slot = static_cast<Index>(in_mode.slots.size() - 1);
      for (std::size_t i = 0; i < v_.machines[machine].modes.size(); ++i) {
        const Mask others = ~(Mask{1} << i) & all_modes(machine);
        add(in_mode, {{{TestKind::InSet, {{1, slot}}, 0, others}, kTrue, 1}, {test, kTrue, kFalse}});
      }
    }
  }

  void guess_modes() {
    for (const Index machine : depends_.machines) {
      Claim claim;
      claim.keys = v_.machines[machine].subject.keys;
      Slot mode{SlotKind::Mode, machine, kNone, 0, {}};
      for (std::size_t i = 0; i < claim.keys.size(); ++i) mode.keys.push_back({KeySource::From::Source, static_cast<std::uint8_t>(i)});
      claim.slots = {mode};
      if ((possible_[machine] & all_modes(machine)) != all_modes(machine)) add(claim, {{{TestKind::InSet, {{1, 0}}, 0, possible_[machine]}, kTrue, kFalse}});
    }
  }

  Mask all_modes(Index machine) const {
    const std::size_t count = v_.machines[machine].modes.size();
    return count == kModesMax ? ~Mask{0} : (Mask{1} << count) - 1;
  }

  void add(Claim claim, std::vector<Node> nodes) {
    if (guesses_.size() >= most_) return;
    claim.formula.clauses = {{"", std::move(nodes)}};
    if (seen_.insert(print(claim)).second) guesses_.push_back(std::move(claim));
  }

  std::string print(const Claim& claim) const {
    std::string text;
    for (const Index key : claim.keys) text += std::to_string(key) + ',';
    for (const Slot& slot : claim.slots) text += ringfence::print(v_, slot) + ';';
    for (const Node& node : claim.formula.clauses[0].nodes) {
      for (const Term& term : node.test.terms) text += to_string(term.coefficient) + '*' + std::to_string(term.slot) + '+';
      text += to_string(node.test.constant) + '/' + std::to_string(node.test.set) + ';';
    }
    return text;
  }

  const Moves& moves_;
  const Vocabulary& v_;
  const std::vector<Mask>& possible_;
  const std::size_t most_;
  Dependence depends_;
  std::vector<Claim> guesses_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<Claim> guessed_claims(const Moves& moves, const std::vector<Claim>& about, const std::vector<Mask>& modes_possible, std::size_t most) {
  return Guesser(moves, modes_possible, most).run(about);
}

}  // namespace ringfence
