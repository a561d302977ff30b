// SPDX-License-Identifier: Apache-2.0
#include "verify/table_meaning.h"

#include <algorithm>

namespace ringfence::equivalence {
namespace {

/// Guard programs over the values that the row's slots stand for.
class ProgramReader {
 public:
  ProgramReader(std::vector<Index> values, GuardDiagrams& diagrams) : values_(std::move(values)), diagrams_(diagrams) {}

  StatementMeaning read(const Guarded& guarded) {
    StatementMeaning meaning{guarded.statement, guarded.passing_title, {}, {}};
    for (const Clause& clause : guarded.clauses) meaning.conditions.push_back({clause.text, read(clause)});
    if (guarded.brings) meaning.brings = BringsMeaning{guarded.brings->before, values_[guarded.brings->slot], guarded.brings->mode};
    return meaning;
  }

 private:
  Diagram read(const Test& test) {
    if (test.kind == TestKind::InSet) return diagrams_.in_set(values_[test.terms.front().slot], test.set);
    WeightedSum sum{{}, test.constant};
    for (const Term& term : test.terms) sum.terms.emplace_back(values_[term.slot], term.coefficient);
    return test.kind == TestKind::AtLeastZero ? diagrams_.at_least_zero(std::move(sum)) : diagrams_.is_zero(std::move(sum));
  }

  /// From the last node on, because nodes only lead to later ones.
  Diagram read(const Clause& clause) {
    std::vector<Diagram> from_here;
    for (const Node& node : clause.nodes) from_here.push_back(read(node.test));
    const auto at = [&](Index next) { return next == kTrue ? kAlways : next == kFalse ? kNever : from_here[next]; };
    for (std::size_t i = clause.nodes.size(); i-- > 0;) from_here[i] = diagrams_.choose(from_here[i], at(clause.nodes[i].if_true), at(clause.nodes[i].if_false));
    return from_here.empty() ? kAlways : from_here.front();
  }

  std::vector<Index> values_;
  GuardDiagrams& diagrams_;
};

std::vector<Index> values_of(const Setting& setting, const std::vector<Slot>& slots, GuardDiagrams& diagrams) {
  std::vector<Index> values;
  for (const Slot& slot : slots) values.push_back(diagrams.value(canonical(setting, slot)));
  return values;
}

}  // namespace

Slot canonical(const Setting& setting, Slot slot) {
  bool sums = false;
  for (KeySource& key : slot.keys) {
    sums = sums || key.from == KeySource::From::Summed;
    if (key.from == KeySource::From::Destination && key.position < setting.to_keys.size()) key = destination_id(setting, key.position);
  }
  if (slot.kind == SlotKind::BucketTotal && !sums) slot.kind = SlotKind::Balance;
  return slot;
}

MoveMeaning read_row(const Setting& setting, const Move& row, GuardDiagrams& diagrams) {
  MoveMeaning move;
  move.amount = diagrams.value({SlotKind::Amount, kNone, kNone, 0, {}});
  move.reads = values_of(setting, row.slots, diagrams);
  const auto value_of = [&](Index slot) { return slot == kNone ? kNone : move.reads[slot]; };
  move.funds = value_of(row.funds_slot);
  move.account = value_of(row.account_slot);
  move.from_balance = value_of(row.from_slot);
  move.to_balance = value_of(row.to_slot);
  const auto read_all = [](ProgramReader reader, const std::vector<Guarded>& from, std::vector<StatementMeaning>& to) {
    for (const Guarded& guarded : from) to.push_back(reader.read(guarded));
  };
  const ProgramReader reader(move.reads, diagrams);
  read_all(reader, row.allows, move.allows);
  read_all(reader, row.denies, move.denies);
  read_all(reader, row.limits, move.limits);
  if (!row.floors.empty()) {
    std::vector<Index> at_end = move.reads;   // floors read the source's balance as it is after the move
    if (row.from_slot != kNone) at_end[row.from_slot] = diagrams.balance_at_end();
    read_all(ProgramReader(std::move(at_end), diagrams), row.floors, move.floors);
  }
  std::sort(move.reads.begin(), move.reads.end());
  move.reads.erase(std::unique(move.reads.begin(), move.reads.end()), move.reads.end());
  return move;
}

namespace {

StatementMeaning read_statement(const Setting& setting, const std::vector<Slot>& slots, const Guarded& guarded, GuardDiagrams& diagrams) {
  std::vector<Index> values = values_of(setting, slots, diagrams);
  StatementMeaning meaning = ProgramReader(values, diagrams).read(guarded);
  meaning.reads = std::move(values);
  return meaning;
}

}  // namespace

StatementMeaning read_transition(const Setting& setting, const Transition& transition, GuardDiagrams& diagrams) {
  return read_statement(setting, transition.slots, transition.guard, diagrams);
}

StatementMeaning read_invariant(const Setting& setting, const Invariant& invariant, GuardDiagrams& diagrams) {
  return read_statement(setting, invariant.slots, invariant.claim, diagrams);
}

}  // namespace ringfence::equivalence
