// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_replay.h"

#include <algorithm>
#include <bit>

#include "verify/row_values.h"
#include "verify/times.h"

namespace ringfence {
namespace {

constexpr std::uint64_t kInitiator = 1'000'000, kFirstApprover = kInitiator + 1;

Mask own_mask(const std::vector<Index>& own, Mask joint) {
  Mask mask = 0;
  for (Index i = 0; i < own.size() && i < 64; ++i)
    if ((joint >> i & 1) != 0 && own[i] != kNone) mask |= Mask{1} << own[i];
  return mask;
}

/// Id 1 of each entity; 2 at the destination where the relation says that it is another.
void name_instances(const Joint& joint, Example& example) {
  const auto filled = [](Index target, std::size_t keys) {
    Instance instance{target, static_cast<std::uint8_t>(keys), {}};
    std::fill_n(instance.ids.begin(), keys, std::uint64_t{1});
    return instance;
  };
  const Vocabulary& vocabulary = joint.vocabulary(kNewer);
  if (!example.kind.is_transfer) {
    example.from = filled(example.kind.machine, vocabulary.machines[example.kind.machine].subject.keys.size());
    return;
  }
  const Bucket &from = vocabulary.buckets[example.kind.from], &to = vocabulary.buckets[example.kind.to];
  example.from = filled(example.kind.from, from.keys.size());
  example.to = filled(example.kind.to, to.keys.size());
  const std::vector<Index> shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (example.kind.relation >> i & 1) example.to.ids[key_position(to.keys, shared[i])] = 2;
}

/// One policy's side of it: the names as its table numbers them, what it does not declare left out or, where that can't be, unknown.
class Asking {
 public:
  Asking(const Joint& joint, const Tables& tables, unsigned policy, Example& example)
      : joint_(joint), table_(*tables.tables[policy]), moves_(*tables.moves[policy]), policy_(policy), example_(example) {
    for (std::size_t i = 0; i < example.approvals.size(); ++i) approvals_.push_back({kFirstApprover + i, own_mask(joint.roles.own[policy], example.approvals[i])});
    authority_ = {kInitiator, joint.roles.own[policy][example.role], approvals_, own_mask(joint.evidence.own[policy], example.evidence), example.time_ms};
  }

  void ask() { example_.decisions[policy_] = example_.kind.is_transfer ? transfer() : mode_change(); }

 private:
  Decision transfer() {
    const Transfer asked{joint_.purposes.own[policy_][example_.kind.purpose], own(joint_.buckets, example_.from), own(joint_.buckets, example_.to),
                         joint_.assets.own[policy_][example_.kind.asset], example_.amount, authority_};
    const Needs needed = needs(table_, asked);
    if (needed.reason != Reason::Allowed) return decide(table_, asked, needed, {});
    const Move& move = moves_.moves[needed.row];
    const std::vector<Value> values = values_of(move.slots);
    const Decision decision = decide(table_, asked, needed, values);
    if (decision.allowed()) note_title(move);
    return decision;
  }

  Decision mode_change() {
    const Pairing& modes = joint_.modes[example_.kind.machine];
    const ModeChange asked{own(joint_.machines, example_.from), modes.own[policy_][example_.kind.to_mode], authority_};
    const Index mode_now = modes.own[policy_][example_.kind.from_mode];
    Decision first;
    bool is_first = true;
    for (Needs needed = next_transition(table_, asked, mode_now, kNone);; needed = next_transition(table_, asked, mode_now, needed.row)) {
      if (needed.reason != Reason::Allowed) return is_first ? Decision{needed.reason} : first;
      const Transition& transition = moves_.transitions[needed.row - moves_.moves.size()];
      const Decision decision = decide_transition(table_, asked, needed, values_of(transition.slots));
      if (decision.allowed()) return decision;
      if (is_first) first = decision;
      is_first = false;
    }
  }

  Instance own(const Pairing& pairing, Instance instance) const {
    instance.target = pairing.own[policy_][instance.target];
    return instance;
  }

  std::vector<Value> values_of(const std::vector<Slot>& slots) const {
    std::vector<Value> values;
    for (const Slot& slot : slots) {
      const Slot joint_slot = renamed(joint_, policy_, slot);
      const auto found = std::find_if(example_.values.begin(), example_.values.end(), [&](const Reading& reading) { return reading.slot == joint_slot; });
      if (found == example_.values.end()) values.push_back({});
      else values.push_back({own_number(*found), example_.time_ms - found->age_ms, true});
    }
    return values;
  }

  /// A mode that this policy does not have is out of its range.
  Int128 own_number(const Reading& reading) const {
    if (reading.slot.kind != SlotKind::Mode) return reading.number;
    const Index mode = joint_.modes[reading.slot.target].own[policy_][static_cast<std::size_t>(reading.number)];
    return mode == kNone ? Int128{kModesMax} : Int128{mode};
  }

  // ---- what may become of title (language reference, 3.4): any allow rule that holds may be the one that says

  void note_title(const Move& move) {
    std::vector<Int128> numbers;
    const std::vector<Value> supplied = values_of(move.slots);
    for (std::size_t i = 0; i < move.slots.size(); ++i) numbers.push_back(number_of(move.slots[i], supplied[i]));
    for (const Guarded& allow : move.allows)
      if (holds(allow, numbers) == true) (allow.passing_title ? example_.passes : example_.keeps)[policy_] = true;
  }

  Int128 number_of(const Slot& slot, const Value& supplied) const {
    switch (slot.kind) {
      case SlotKind::Amount: return example_.amount;
      case SlotKind::TimeOfDay: return second_of_day(example_.time_ms);
      case SlotKind::Now: return example_.time_ms;
      case SlotKind::Evidence: return authority_.evidence >> slot.target & 1;
      case SlotKind::Approvals:
        return std::count_if(approvals_.begin(), approvals_.end(), [&](const Approval& approval) { return (approval.roles & slot.roles) != 0; });
      default: return supplied.number;
    }
  }

  const Joint& joint_;
  const RuleTable& table_;
  const Moves& moves_;
  const unsigned policy_;
  Example& example_;
  std::vector<Approval> approvals_;
  Authority authority_;
};

}  // namespace

Example decide_example(const Joint& joint, const Tables& tables, const Cell& cell, const Values& values) {
  Example example;
  example.kind = cell.kind;
  example.role = static_cast<Index>(std::countr_zero(cell.kind.roles));
  example.amount = values.amount;
  example.approvals = values.approvals;
  example.values = values.readings;
  example.time_ms = kFirstDayMs + kNoonSecond * 1000;
  for (const Reading& reading : values.readings)
    if (reading.slot.kind == SlotKind::TimeOfDay) example.time_ms = kFirstDayMs + static_cast<std::int64_t>(reading.number) * 1000;
  for (const Reading& reading : values.readings) {
    if (reading.slot.kind == SlotKind::Now) example.time_ms = static_cast<std::int64_t>(reading.number);   // the time of day fits it
    if (reading.slot.kind == SlotKind::Evidence && reading.number == 1) example.evidence |= Mask{1} << reading.slot.target;
  }
  name_instances(joint, example);
  for (const unsigned policy : {kOlder, kNewer}) Asking(joint, tables, policy, example).ask();
  return example;
}

bool shows(const Example& example, Change change) {
  const bool older = example.decisions[kOlder].allowed(), newer = example.decisions[kNewer].allowed();
  const auto gains = [&](unsigned before, unsigned after) {
    return (example.keeps[after] && !example.keeps[before]) || (example.passes[after] && !example.passes[before]);
  };
  switch (change) {
    case Change::Allowed: return newer && !older;
    case Change::Denied: return older && !newer;
    case Change::TitleMore: return older && newer && gains(kOlder, kNewer);
    case Change::TitleLess: return older && newer && gains(kNewer, kOlder);
  }
  return false;
}

}  // namespace ringfence
