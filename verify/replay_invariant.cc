// SPDX-License-Identifier: Apache-2.0
// Runs a trace through the compiled table with the gate, and looks at the invariant with a sum and a comparison of its own: nothing of
// how the trace was found is trusted.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "runtime/gate.h"
#include "verify/explore.h"
#include "verify/invariant_run.h"

namespace ringfence {
namespace {

class InvariantReplayer {
 public:
  InvariantReplayer(const RuleTable& table, const Moves& moves, Index invariant, const std::vector<std::string>& members, const Trace& trace)
      : moves_(moves), v_(moves.vocabulary), arena_(moves), invariant_(moves.invariants[invariant]), trace_(trace), gate_(table, BroughtModes::Apart) {
    for (std::size_t i = 0; i < members.size() && i < invariant_.keys.size(); ++i) {
      members_.push_back(id_number(members[i]));
      in_sight_[invariant_.keys[i]].insert(members_.back());
    }
    for (const TraceHolding& opening : trace.opening) see(opening.bucket);
    for (const TraceStep& step : trace.steps) {
      if (step.is_transfer) see(step.transfer.from), see(step.transfer.to);
    }
  }

  std::string run() {
    if (trace_.steps.empty()) return "it has no step";
    if (members_.size() != invariant_.keys.size()) return "it is about another number of members";
    if (std::string wrong = open(); !wrong.empty()) return wrong;
    for (std::size_t first = 0; first < trace_.steps.size();) {
      const std::size_t end = batch_end(trace_, first);
      for (std::size_t i = first; i < end; ++i) know_facts(trace_.steps[i]);
      const bool last = end == trace_.steps.size();
      if (last && !holds(invariant_, members_)) return "the invariant is false before the last step";
      if (std::string wrong = end == first + 1 ? step(first) : batch(first, end); !wrong.empty()) return fmt::format("step {}: {}", first + 1, wrong);
      if (last && holds(invariant_, members_)) return "the invariant still holds after the last step";
      first = end;
    }
    return "";
  }

 private:
  std::uint64_t id_number(const std::string& id) { return numbers_.try_emplace(id, numbers_.size() + 1).first->second; }

  void see(const NamedInstance& bucket) {
    const std::vector<Index>& keys = v_.buckets[bucket.target].keys;
    for (std::size_t i = 0; i < keys.size(); ++i) in_sight_[keys[i]].insert(id_number(bucket.ids.at(i)));
  }

  Instance instance(const NamedInstance& named) {
    Instance made{named.target, static_cast<std::uint8_t>(named.ids.size()), {}};
    for (std::size_t i = 0; i < named.ids.size() && i < kKeysMax; ++i) made.ids[i] = id_number(named.ids[i]);
    return made;
  }

  Spot spot(const NamedInstance& named) {
    Spot made{named.target, {}};
    for (std::size_t i = 0; i < named.ids.size() && i < kKeysMax; ++i) made.ids[i] = static_cast<std::uint8_t>(id_number(named.ids[i]));
    return made;
  }

  // ---- the start

  /// Custody fences hold, and the invariants that read no fact, for the members in sight. Floors and invariants with facts hold by the
  /// facts that the search chose; the report prints those that the steps read.
  std::string open() {
    std::vector<Coin> held;
    for (const TraceHolding& opening : trace_.opening) {
      if (opening.balance <= 0 || !gate_.open_balance(instance(opening.bucket), opening.asset, opening.balance)) return "an opening balance is not possible";
      held.push_back({opening.asset, spot(opening.bucket), spot(opening.bucket)});
    }
    for (const Coin& one : held)
      for (const Coin& two : held)
        if (!(one == two) && !clean(arena_, {one, two})) return "a custody fence is already broken at the start";
    for (const Invariant& one : moves_.invariants)
      if (!reads_fact(one) && !holds_for_all(one)) return "an invariant is already false at the start";
    return "";
  }

  static bool reads_fact(const Invariant& invariant) {
    return std::any_of(invariant.slots.begin(), invariant.slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::Fact; });
  }

  bool holds_for_all(const Invariant& invariant) {
    std::vector<std::vector<std::uint64_t>> all{{}};
    for (std::size_t i = 0; i < invariant.keys.size(); ++i) {
      std::vector<std::vector<std::uint64_t>> longer;
      for (const auto& start : all)
        for (const std::uint64_t id : in_sight_[invariant.keys[i]]) {
          longer.push_back(start);
          longer.back().push_back(id);
        }
      all = std::move(longer);
    }
    return std::all_of(all.begin(), all.end(), [&](const auto& ids) { return holds(invariant, ids); });
  }

  // ---- one step

  void know_facts(const TraceStep& step) {
    for (const TraceFact& fact : step.facts) facts_[{fact.subject.target, ids_of(instance(fact.subject))}] = fact.number;
  }
  static std::vector<std::uint64_t> ids_of(const Instance& named) { return {named.ids.begin(), named.ids.begin() + named.id_count}; }

  /// The gate would keep one out of its range, and deny what reads it; but nobody's claim is about such a fact.
  bool set_facts(const TraceStep& step) {
    return std::all_of(step.facts.begin(), step.facts.end(), [&](const TraceFact& fact) {
      const Fact& declared = moves_.vocabulary.facts[fact.subject.target];
      return declared.min <= fact.number && fact.number <= declared.max && gate_.set_fact(instance(fact.subject), fact.number, step.time_ms);
    });
  }

  Authority authority(const TraceStep& step) { return {id_number("person " + step.person), step.role, {}, step.evidence, step.time_ms}; }

  std::vector<Approval> approvals(const TraceStep& step) {
    std::vector<Approval> all;
    for (const NamedApproval& approval : step.approvals) all.push_back({id_number("person " + approval.person), approval.roles});
    return all;
  }

  GateTransfer transfer(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    const Transfer asked{step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset, step.transfer.amount, authority(step)};
    return {fmt::format("step {}", index + 1), asked, approvals(step)};
  }

  std::string step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    if (!set_facts(step)) return "a fact is not in its range";
    now_ms_ = step.time_ms;
    if (step.is_by_clock) return gate_.mode(instance(step.subject), now_ms_) == step.to_mode ? "" : "the deadline has not passed";
    const Decision decision = step.is_transfer ? gate_.submit(transfer(index)).decision
                                               : gate_.submit(GateModeChange{fmt::format("step {}", index + 1), {instance(step.subject), step.to_mode, authority(step)}, approvals(step)}).decision;
    return denied(decision);
  }

  std::string batch(std::size_t first, std::size_t end) {
    std::vector<GateTransfer> legs;
    for (std::size_t i = first; i < end; ++i) {
      if (!trace_.steps[i].is_transfer) return "a change of mode is in a batch";
      if (!set_facts(trace_.steps[i])) return "a fact is not in its range";
      legs.push_back(transfer(i));
    }
    now_ms_ = trace_.steps[first].time_ms;   // in a batch modes are those of its first leg
    std::string wrong;
    for (const GateAnswer& answer : gate_.submit_batch(fmt::format("batch {}", first + 1), legs))
      if (wrong.empty()) wrong = denied(answer.decision);
    return wrong;
  }

  static std::string denied(const Decision& decision) { return decision.allowed() ? "" : fmt::format("the table denies it: {}", reason_word(decision.reason)); }

  // ---- the invariant on the gate's state

  bool holds(const Invariant& invariant, const std::vector<std::uint64_t>& members) {
    std::vector<Int128> values;
    for (const Slot& slot : invariant.slots) {
      const std::optional<Int128> known = value(slot, members);
      if (!known) return true;   // a fact that nobody supplied: nothing is claimed
      values.push_back(*known);
    }
    return std::all_of(invariant.claim.clauses.begin(), invariant.claim.clauses.end(), [&](const Clause& clause) {
      Index at = clause.nodes.empty() ? kTrue : 0;
      while (at != kTrue && at != kFalse) at = holds(clause.nodes[at].test, values) ? clause.nodes[at].if_true : clause.nodes[at].if_false;
      return at == kTrue;
    });
  }

  static bool holds(const Test& test, const std::vector<Int128>& values) {
    if (test.kind == TestKind::InSet) return (test.set >> static_cast<unsigned>(values[test.terms[0].slot]) & 1) != 0;
    Int128 sum = test.constant;
    for (const Term& term : test.terms) sum += term.coefficient * values[term.slot];
    return test.kind == TestKind::AtLeastZero ? sum >= 0 : sum == 0;
  }

  std::optional<Int128> value(const Slot& slot, const std::vector<std::uint64_t>& members) {
    Instance named{slot.target, static_cast<std::uint8_t>(slot.keys.size()), {}};
    std::vector<std::uint64_t> ids;
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      ids.push_back(slot.keys[i].from == KeySource::From::Summed ? 0 : members[slot.keys[i].position]);
      named.ids[i] = ids.back();
    }
    if (slot.kind == SlotKind::Mode) return static_cast<Int128>(gate_.mode(named, now_ms_));
    if (slot.kind == SlotKind::Fact) {
      const auto known = facts_.find({slot.target, ids});
      return known == facts_.end() ? std::nullopt : std::optional(known->second);
    }
    const bool account = slot.kind == SlotKind::AccountTotal;
    const std::vector<Index>& keys = account ? v_.accounts[slot.target].keys : v_.buckets[slot.target].keys;
    Int128 sum = 0;
    for (const Gate::Holding& holding : gate_.holdings()) {
      const Bucket& bucket = v_.buckets[holding.bucket.target];
      if (holding.asset != slot.asset || (account ? bucket.account : holding.bucket.target) != slot.target) continue;
      bool counted = true;
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (slot.keys[i].from != KeySource::From::Summed && holding.bucket.ids[key_position(bucket.keys, keys[i])] != ids[i]) counted = false;
      if (counted) sum += holding.balance;
    }
    return sum;
  }

  const Moves& moves_;
  const Vocabulary& v_;
  const Arena arena_;
  const Invariant& invariant_;
  const Trace& trace_;
  Gate gate_;
  std::int64_t now_ms_ = std::numeric_limits<std::int64_t>::min();   ///< of the last step
  std::map<std::string, std::uint64_t> numbers_;
  std::map<Index, std::set<std::uint64_t>> in_sight_;   ///< by entity
  std::vector<std::uint64_t> members_;
  std::map<std::pair<Index, std::vector<std::uint64_t>>, Int128> facts_;
};

}  // namespace

std::string replay_invariant(const RuleTable& table, const Moves& decoded, Index invariant, const std::vector<std::string>& members, const Trace& trace) {
  return InvariantReplayer(table, decoded, invariant, members, trace).run();
}

}  // namespace ringfence
