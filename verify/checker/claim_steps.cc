// SPDX-License-Identifier: Apache-2.0
// In: the claims, and the table. For each thing to show, each way in which the ids in sight can coincide is a case of its own, in which the
// opposite must be impossible (scene.h). See claim_steps.h.
#include "claim_steps.h"

#include <algorithm>
#include <functional>

#include "guard.h"
#include "opening.h"
#include "scene.h"

namespace checker {
namespace {

constexpr std::size_t kFlooredMax = 6;       ///< balances under a floor in one claim: each set of them is a case
constexpr std::size_t kIdsMax = 12;          ///< in sight at once
constexpr std::size_t kCasesMax = 1'000'000; ///< for one claim

/// The ids that one thing to show is about: by entity, and some that differ.
struct Sight {
  std::vector<Index> entities;
  std::vector<std::pair<std::size_t, std::size_t>> different;

  Ids add(const std::vector<Index>& keys) {
    Ids added;
    for (const Index key : keys) {
      added.push_back(static_cast<std::uint8_t>(entities.size()));
      entities.push_back(key);
    }
    return added;
  }
};

/// Each way in which ids of one entity can be equal: members are numbered by first mention. `members`: by entity, how many.
void each_coincidence(const Sight& sight, std::size_t entity_count, const std::function<void(const Ids& numbers, const Ids& members)>& visit) {
  Ids numbers, members(entity_count, 0);
  const std::function<void()> next = [&] {
    const std::size_t at = numbers.size();
    if (at == sight.entities.size()) return visit(numbers, members);
    std::uint8_t& known = members[sight.entities[at]];
    const std::uint8_t before = known;
    for (std::uint8_t number = 0; number <= before; ++number) {
      const bool differs = std::all_of(sight.different.begin(), sight.different.end(), [&](const auto& pair) { return pair.second != at || numbers[pair.first] != number; });
      if (!differs) continue;
      known = std::max<std::uint8_t>(before, number + 1);
      numbers.push_back(number);
      next();
      numbers.pop_back();
    }
    known = before;
  };
  next();
}

class Steps {
 public:
  Steps(const Table& table, const Definitions& definitions, const std::vector<Claim>& claims) : table_(table), definitions_(definitions), claims_(claims) {
    for (const WrittenInvariant& written : table.invariants) written_.push_back(claim_of(written));
    std::set<std::tuple<Index, Index, Index, Index, std::uint8_t>> done;
    for (const Row& row : table.rows)
      if (done.insert({row.body, row.from, row.to, row.asset, row.relation}).second) rows_.push_back(&row);
  }

  /// Throws Refused where it is not kept.
  void check_kept(const Claim& claim) {
    cases_ = 0;
    for (const Row* row : rows_) transfer(claim, *row);
    for (const Transition& transition : table_.transitions) change(claim, transition);
    if (claim.at_end) batch_end(claim);
  }

  void check_start(const Claim& claim) {
    Sight sight;
    const Ids members = sight.add(claim.entities);
    each_case(sight, [&](Scene& scene, const Ids& numbers) {
      const Ids ids = pick(members, numbers);
      scene.formulas().assume(scene.formulas().negation(scene.truth(claim, ids)));
      for (const Index slot : floored(table_, claim)) scene.assume_floors(scene.quantity(claim.reads[slot], ids, {}), true);
      scene.assume_claims(written_, nullptr);
      scene.assume_start();
      settle(scene, claim, "a clean start");
    });
  }

  /// At the end of a batch, where all claims hold, this one does.
  void check_follows(const Claim& claim) {
    Sight sight;
    const Ids members = sight.add(claim.entities);
    each_case(sight, [&](Scene& scene, const Ids& numbers) {
      scene.formulas().assume(scene.formulas().negation(scene.truth(claim, pick(members, numbers))));
      scene.assume_claims(claims_, nullptr);
      if (const Solvable answer = scene.possible(); answer == Solvable::Maybe) throw Refused{"its claims do not say that the invariant holds: " + claim.name};
      else if (answer == Solvable::GaveUp) give_up("whether the claims say that the invariant holds");
    });
  }

  const std::string& undecided() const { return undecided_; }

 private:
  static Ids pick(const Ids& positions, const Ids& numbers) {
    Ids picked;
    for (const std::uint8_t position : positions) picked.push_back(numbers[position]);
    return picked;
  }

  void each_case(const Sight& sight, const std::function<void(Scene&, const Ids&)>& visit) {
    if (sight.entities.size() > kIdsMax) throw TooLarge{"a claim and a step are about more than 12 ids"};
    each_coincidence(sight, table_.entities.size(), [&](const Ids& numbers, const Ids& members) {
      if (++cases_ > kCasesMax) throw TooLarge{"the ids of a claim can coincide in too many ways"};
      Scene scene(table_, definitions_, members);
      visit(scene, numbers);
    });
  }

  void settle(Scene& scene, const Claim& claim, const std::string& step) {
    const Solvable answer = scene.possible();
    if (answer == Solvable::Maybe) throw Refused{claim.name + " is not kept: " + step + " can make it false"};
    if (answer == Solvable::GaveUp) give_up("whether " + step + " keeps " + claim.name);
  }

  void give_up(const std::string& what) {
    if (undecided_.empty()) undecided_ = what;
  }

  // ---- transfers

  void transfer(const Claim& claim, const Row& row) {
    const Bucket &from = table_.buckets[row.from], &to = table_.buckets[row.to];
    Sight sight;
    const Ids members = sight.add(claim.entities), source = sight.add(from.keys);
    Ids destination;
    const std::vector<Index> shared = shared_keys(from, to);
    for (const Index key : to.keys) {
      const Index bit = position(shared, key);
      if (bit != kNone && (row.relation >> bit & 1) == 0) {
        destination.push_back(source[position(from.keys, key)]);
        continue;
      }
      destination.push_back(sight.add({key})[0]);
      if (bit != kNone) sight.different.emplace_back(source[position(from.keys, key)], destination.back());
    }
    each_case(sight, [&](Scene& scene, const Ids& numbers) { transfer(claim, row, pick(members, numbers), pick(source, numbers), pick(destination, numbers), scene); });
  }

  void transfer(const Claim& claim, const Row& row, const Ids& members, const Ids& source, const Ids& destination, Scene& scene) {
    const Body& body = table_.bodies[row.body];
    const Change change{true, row.from, row.to, row.asset, source, destination, scene.formulas().own(1, kAmountMax), kNone, kNone};
    if (!scene.touches(claim, members, change)) return;
    std::set<Quantity> untouched;
    if (claim.at_end)
      for (const Index slot : floored(table_, claim)) untouched.insert(scene.quantity(claim.reads[slot], members, {}));
    if (untouched.contains({SlotKind::Balance, row.from, row.asset, source})) return;   // judged at the end of the batch
    scene.formulas().assume(scene.formulas().negation(scene.truth(claim, members, &change)));
    scene.formulas().assume(scene.truth(claim, members));
    std::vector<const Guarded*> allows;
    for (const Guarded& allow : body.allows) allows.push_back(&allow);
    assume_passes(scene.formulas(), body, values_of(scene, body.slots, source, destination, change.amount), change.amount, allows);
    scene.assume_claims(claims_, &untouched);
    settle(scene, claim, body.allows.empty() ? "a transfer" : body.allows[0].words + " (" + table_.buckets[row.from].name + " -> " + table_.buckets[row.to].name + ")");
  }

  /// What the guards read before the step. A total is within the range of what it is compared as.
  std::vector<Sum> values_of(Scene& scene, const std::vector<Slot>& slots, const Ids& from, const Ids& to, const Sum& amount) {
    std::vector<Sum> values;
    for (const Slot& slot : slots) {
      values.push_back(scene.value(slot, from, to, amount));
      if (slot.kind == SlotKind::BucketTotal) scene.formulas().within(values.back(), table_.buckets[slot.target].may_overdraw ? -kAmountMax : Wide{0}, kAmountMax);
      if (slot.kind == SlotKind::AccountTotal) scene.formulas().within(values.back(), table_.accounts[slot.target].overdraws ? -kAmountMax : Wide{0}, kAmountMax);
    }
    assume_one_time(scene.formulas(), slots, values);
    return values;
  }

  // ---- changes of mode, and the end of a batch

  void change(const Claim& claim, const Transition& transition) {
    Sight sight;
    const Ids members = sight.add(claim.entities), subject = sight.add(table_.machines[transition.machine].keys);
    each_case(sight, [&](Scene& scene, const Ids& numbers) {
      const Ids ids = pick(members, numbers);
      const Change change{false, kNone, kNone, kNone, pick(subject, numbers), {}, {}, transition.machine, transition.to_mode};
      if (!scene.touches(claim, ids, change)) return;
      scene.formulas().assume(scene.formulas().negation(scene.truth(claim, ids, &change)));
      scene.formulas().assume(scene.truth(claim, ids));
      scene.formulas().assume(scene.formulas().in_set(scene.now({SlotKind::Mode, transition.machine, kNone, change.from_ids}), transition.from_modes));
      scene.formulas().assume(scene.formulas().holds(transition.guard, values_of(scene, transition.slots, change.from_ids, {}, {})));
      scene.assume_claims(claims_, nullptr);
      settle(scene, claim, transition.guard.words);
    });
  }

  /// For each set of its balances under a floor: where a batch has taken from just these, their floors make it true.
  void batch_end(const Claim& claim) {
    const std::vector<Index> slots = floored(table_, claim);
    if (slots.size() > kFlooredMax) return give_up("whether the end of a batch keeps " + claim.name);
    Sight sight;
    const Ids members = sight.add(claim.entities);
    for (unsigned taken = 1; taken < 1u << slots.size(); ++taken)
      each_case(sight, [&](Scene& scene, const Ids& numbers) {
        const Ids ids = pick(members, numbers);
        scene.formulas().assume(scene.formulas().negation(scene.truth(claim, ids)));
        std::set<Quantity> untouched, floors;
        for (std::size_t i = 0; i < slots.size(); ++i) (taken >> i & 1 ? floors : untouched).insert(scene.quantity(claim.reads[slots[i]], ids, {}));
        if (std::any_of(floors.begin(), floors.end(), [&](const Quantity& quantity) { return untouched.contains(quantity); })) return;   // one balance is taken from or not
        for (const Quantity& quantity : floors) scene.assume_floors(quantity, false);
        scene.assume_claims(claims_, &untouched);
        settle(scene, claim, "the end of a batch");
      });
  }

  const Table& table_;
  const Definitions& definitions_;
  const std::vector<Claim>& claims_;
  std::vector<Claim> written_;
  std::vector<const Row*> rows_;
  std::string undecided_;
  std::size_t cases_ = 0;
};

/// One that reads a fact is kept by itself, by each leg of a batch or at its end.
void check_kept_alone(Steps& steps, const Table& table, Claim claim) {
  claim.at_end = false;
  if (floored(table, claim).empty()) return steps.check_kept(claim);
  try {
    return steps.check_kept(claim);
  } catch (const Refused&) {
    claim.at_end = true;
  }
  steps.check_kept(claim);
}

}  // namespace

std::string check_invariant(const Table& table, const Definitions& definitions, const WrittenInvariant& written) {
  check_start_exists(table, definitions);
  std::vector<Claim> claims = listed_claims(definitions, table);
  std::erase_if(claims, [](const Claim& claim) { return claim.reads_fact(); });   // facts change by themselves: such a claim is not assumed of another's step
  Steps steps(table, definitions, claims);
  for (const Claim& claim : claims) {
    steps.check_start(claim);
    steps.check_kept(claim);
  }
  const Claim invariant = claim_of(written);
  if (invariant.reads_fact()) check_kept_alone(steps, table, invariant);
  else steps.check_follows(invariant);
  if (!steps.undecided().empty()) throw TooLarge{steps.undecided()};
  return written.claim.words + " (" + std::to_string(claims.size()) + " claims, kept by " + std::to_string(table.rows.size()) + " rows and " +
         std::to_string(table.transitions.size()) + " changes of mode)";
}

}  // namespace checker
