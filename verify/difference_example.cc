// SPDX-License-Identifier: Apache-2.0
#include "verify/difference_example.h"

#include "runtime/decide.h"
#include "verify/table_meaning.h"
#include "verify/times.h"

namespace ringfence::equivalence {
namespace {

constexpr std::uint64_t kInitiator = 1;

Slot slot_of(const SlotView& view) {
  Slot slot{view.kind, view.target, view.asset, view.roles, {}};
  for (const std::uint8_t key : view.keys) {
    if (key == kKeySummed) slot.keys.push_back({KeySource::From::Summed, 0});
    else if (key < kKeysMax) slot.keys.push_back({KeySource::From::Source, key});
    else slot.keys.push_back({KeySource::From::Destination, static_cast<std::uint8_t>(key - kKeysMax)});
  }
  return slot;
}

/// Who asks, approves, what is shown and when, as the values say.
struct Asked {
  Asked(const GuardDiagrams& diagrams, const Example& example, Index role) {
    for (const Mask roles : example.persons) approvals.push_back({kInitiator + 1 + approvals.size(), roles});
    authority = {kInitiator, role, approvals, 0, kFirstDayMs};
    std::optional<std::int64_t> now;
    for (Index value = 0; value < example.values.size(); ++value) {
      if (diagrams.is_at_end(value)) continue;
      const Slot& slot = diagrams.slot(value);
      if (slot.kind == SlotKind::Evidence && example.values[value] != 0) authority.evidence |= Mask{1} << slot.target;
      if (slot.kind == SlotKind::TimeOfDay) authority.time_ms += static_cast<std::int64_t>(example.values[value]) * 1000;
      if (slot.kind == SlotKind::Now) now = static_cast<std::int64_t>(example.values[value]);
    }
    if (now) authority.time_ms = *now;   // the time of day fits it
  }
  Asked(const Asked&) = delete;

  std::vector<Approval> approvals;
  Authority authority;
};

std::vector<Value> values_for(const Needs& needed, const Setting& setting, GuardDiagrams& diagrams, const Example& example, std::int64_t time_ms,
                              std::optional<Index> missing) {
  std::vector<Value> values;
  for (const SlotView& view : needed.slots) {
    const Index value = diagrams.value(canonical(setting, slot_of(view)));
    const bool known = value < example.values.size() && value != missing;
    values.push_back(known ? Value{example.values[value], time_ms, true} : Value{});
  }
  return values;
}

Judgement judgement_of(const Decision& decision) {
  const bool has_condition = decision.reason == Reason::Condition || decision.reason == Reason::Floor || decision.reason == Reason::Limit;
  return {decision.reason, decision.statement, has_condition ? decision.clause : kNone};
}

}  // namespace

Judgement decide_example(const RuleTable& table, const Cell& cell, const Setting& setting, GuardDiagrams& diagrams, const Example& example,
                       std::optional<Index> missing) {
  const Asked asked(diagrams, example, cell.role);
  Transfer transfer{cell.purpose, {cell.from, static_cast<std::uint8_t>(setting.from_keys.size()), {}},
                    {cell.to, static_cast<std::uint8_t>(setting.to_keys.size()), {}}, cell.asset, 1, asked.authority};
  for (std::size_t i = 0; i < setting.from_keys.size(); ++i) transfer.from.ids[i] = 1 + i;
  for (std::size_t i = 0; i < setting.to_keys.size(); ++i) {
    const KeySource id = destination_id(setting, i);
    transfer.to.ids[i] = id.from == KeySource::From::Source ? transfer.from.ids[id.position] : kKeysMax + 1 + i;
  }
  const Index amount = diagrams.value({SlotKind::Amount, kNone, kNone, 0, {}});
  if (amount < example.values.size()) transfer.amount = example.values[amount];
  const Needs needed = needs(table, transfer);
  if (needed.reason != Reason::Allowed) return {needed.reason, kNone, kNone};
  return judgement_of(decide(table, transfer, needed, values_for(needed, setting, diagrams, example, transfer.authority.time_ms, missing)));
}

Judgement decide_example(const RuleTable& table, const Change& change, const Setting& setting, GuardDiagrams& diagrams, const Example& example,
                       std::optional<Index> missing) {
  const Asked asked(diagrams, example, change.role);
  ModeChange request{{change.machine, static_cast<std::uint8_t>(setting.from_keys.size()), {}}, change.to_mode, asked.authority};
  for (std::size_t i = 0; i < setting.from_keys.size(); ++i) request.subject.ids[i] = 1 + i;
  const Index wanted = static_cast<Index>(change.row_count + change.position);
  Needs needed = next_transition(table, request, change.mode_now, kNone);
  while (needed.reason == Reason::Allowed && needed.row != wanted) needed = next_transition(table, request, change.mode_now, needed.row);
  if (needed.reason != Reason::Allowed) return {needed.reason, kNone, kNone};
  return judgement_of(decide_transition(table, request, needed, values_for(needed, setting, diagrams, example, request.authority.time_ms, missing)));
}

}  // namespace ringfence::equivalence
