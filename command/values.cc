// SPDX-License-Identifier: Apache-2.0
// See values.h.
#include "command/values.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "compiler/print_value.h"
#include "command/resolve_record.h"

namespace ringfence {
namespace {

std::int64_t second_of_day(std::int64_t time_ms) {
  constexpr std::int64_t kDayMs = 86'400'000;
  return ((time_ms % kDayMs) + kDayMs) % kDayMs / 1000;
}

/// Different persons, not the initiator, that hold one of the roles: language reference, 6.7.
Int128 count_approvals(const Authority& authority, Mask roles) {
  std::set<std::uint64_t> persons;
  for (const Approval& approval : authority.approvals)
    if (approval.person != authority.person && (approval.roles & roles) != 0) persons.insert(approval.person);
  return static_cast<Int128>(persons.size());
}

Value known_value(const SlotView& slot, const Asked& asked) {
  switch (slot.kind) {
    case SlotKind::Amount: return {asked.amount, 0, true};
    case SlotKind::TimeOfDay: return {second_of_day(asked.authority.time_ms), 0, true};
    case SlotKind::Now: return {asked.authority.time_ms, 0, true};
    case SlotKind::Approvals: return {count_approvals(asked.authority, slot.roles), 0, true};
    case SlotKind::Evidence: return {static_cast<Int128>(asked.authority.evidence >> slot.target & 1u), 0, true};
    default: return {};
  }
}

}  // namespace

Asked asked_of(const Transfer& transfer) {
  return {false, transfer.purpose, transfer.from, transfer.to, transfer.asset, transfer.amount, kNone, transfer.authority};
}

Asked asked_of(const ModeChange& change) {
  return {true, kNone, change.subject, change.subject, kNone, 0, change.to_mode, change.authority};
}

std::string ValueWords::money(Int128 amount, Index asset) const {
  if (asset >= policy_.table.asset_count()) return to_string(amount);
  const AssetView view = policy_.table.asset(asset);
  return fmt::format("{} {}", format_decimal(amount, view.decimals), view.name);
}

std::string ValueWords::bucket(const Instance& instance) const {
  return interner_.print(instance.target < policy_.table.bucket_count() ? policy_.table.bucket(instance.target).name : "?", instance);
}

std::string ValueWords::machine(const Instance& instance) const {
  if (instance.target >= policy_.table.machine_count()) return interner_.print("?", instance);
  const MachineView view = policy_.table.machine(instance.target);
  return interner_.print(subject_name(policy_.table, view.subject_kind, view.subject), instance);
}

std::string ValueWords::roles(Mask mask, const char* separator) const {
  std::string text;
  for (Index role = 0; role < policy_.table.role_count(); ++role) {
    if ((mask >> role & 1u) == 0) continue;
    if (!text.empty()) text += separator;
    text += policy_.table.role(role);
  }
  return text;
}

/// "Client.margin of alice, any Position".
std::string ValueWords::instance_of(const SlotView& slot, std::string_view name, std::span<const Index> keys, const Asked& asked) const {
  const Ids ids = slot_ids(slot, asked.from, asked.to);
  std::vector<std::string> written;
  for (std::size_t i = 0; i < slot.keys.size() && i < kKeysMax; ++i) {
    if (slot.keys[i] != kKeySummed) written.push_back(interner_.id_of(ids[i]));
    else written.push_back("any " + std::string(i < keys.size() ? policy_.table.entity(keys[i]).name : "id"));
  }
  return print_instance(name, written);
}

std::string ValueWords::in_asset(const SlotView& slot, const Asked& asked) const {
  return slot.asset == asked.asset ? "" : fmt::format(" in {}", policy_.table.asset(slot.asset).name);
}

std::string ValueWords::balance_name(const SlotView& slot, const Asked& asked) const {
  const Ids ids = slot_ids(slot, asked.from, asked.to);
  const auto is = [&](const Instance& endpoint) { return !asked.is_change && endpoint.target == slot.target && endpoint.ids == ids; };
  if (is(asked.from)) return fmt::format("balance(from{})", in_asset(slot, asked));
  if (is(asked.to)) return fmt::format("balance(to{})", in_asset(slot, asked));
  const BucketView view = policy_.table.bucket(slot.target);
  return fmt::format("balance({}{})", instance_of(slot, view.name, view.keys, asked), in_asset(slot, asked));
}

std::string ValueWords::slot(const SlotView& slot, const Asked& asked) const {
  const RuleTable& table = policy_.table;
  switch (slot.kind) {
    case SlotKind::Amount: return "amount";
    case SlotKind::TimeOfDay: return "time of day";
    case SlotKind::Now: return "now";
    case SlotKind::Approvals: return "approvals by " + roles(slot.roles);
    case SlotKind::Evidence: return fmt::format("evidence {}", table.evidence(slot.target));
    case SlotKind::Balance: return balance_name(slot, asked);
    case SlotKind::BucketTotal: {
      const BucketView view = table.bucket(slot.target);
      return fmt::format("total({}{})", instance_of(slot, view.name, view.keys, asked), in_asset(slot, asked));
    }
    case SlotKind::AccountTotal: {
      const AccountView view = table.account(slot.target);
      return fmt::format("total({}{})", instance_of(slot, view.name, view.keys, asked), in_asset(slot, asked));
    }
    case SlotKind::Fact: return instance_of(slot, table.fact(slot.target).name, table.fact(slot.target).keys, asked);
    case SlotKind::Mode: {
      const MachineView view = table.machine(slot.target);
      return "mode of " + instance_of(slot, subject_name(table, view.subject_kind, view.subject), view.keys, asked);
    }
    case SlotKind::Used: {
      const LimitView view = table.limit(slot.target);
      return instance_of(slot, fmt::format("counted before by the limit on line {}", table.statement(view.statement).line), view.per, asked);
    }
  }
  return {};
}

std::string ValueWords::value(const SlotView& slot, const Value& held, const Asked& asked) const {
  if (!held.present) return "not known";
  const RuleTable& table = policy_.table;
  switch (slot.kind) {
    case SlotKind::Amount: return money(held.number, asked.asset);
    case SlotKind::Balance:
    case SlotKind::BucketTotal:
    case SlotKind::AccountTotal: return money(held.number, slot.asset);
    case SlotKind::Used: return money(held.number, table.limit(slot.target).asset);
    case SlotKind::TimeOfDay: return print_time_of_day(static_cast<std::int64_t>(held.number));
    case SlotKind::Now: return print_instant(static_cast<std::int64_t>(held.number));
    case SlotKind::Approvals: return to_string(held.number);
    case SlotKind::Evidence: return held.number != 0 ? "shown" : "not shown";
    case SlotKind::Mode: return std::string(table.mode_name(slot.target, static_cast<Index>(held.number)));
    case SlotKind::Fact: break;
  }
  return print_fact(policy_.moves.vocabulary, policy_.moves.vocabulary.facts[slot.target], held.number);
}

std::vector<Value> complete_values(std::span<const SlotView> slots, std::span<const Value> values, const Asked& asked) {
  std::vector<Value> result(values.begin(), values.end());
  result.resize(slots.size());
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (!is_supplied(slots[i].kind)) result[i] = known_value(slots[i], asked);
  return result;
}

const Guarded* guarded_on(const Moves& moves, Index row, Index statement) {
  const auto find = [&](const std::vector<Guarded>& all) -> const Guarded* {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Guarded& one) { return one.statement == statement; });
    return found == all.end() ? nullptr : &*found;
  };
  if (row >= moves.moves.size()) {
    const std::size_t index = row - moves.moves.size();
    if (row == kNone || index >= moves.transitions.size()) return nullptr;
    const Guarded& guard = moves.transitions[index].guard;
    return guard.statement == statement ? &guard : nullptr;
  }
  const Move& move = moves.moves[row];
  for (const auto* all : {&move.allows, &move.denies, &move.floors, &move.limits})
    if (const Guarded* found = find(*all)) return found;
  return nullptr;
}

std::vector<Index> slots_of(const Clause& clause) {
  std::vector<Index> slots;
  for (const Node& node : clause.nodes)
    for (const Term& term : node.test.terms)
      if (std::find(slots.begin(), slots.end(), term.slot) == slots.end()) slots.push_back(term.slot);
  return slots;
}

bool holds(const Test& test, std::span<const Value> values) {
  if (test.kind == TestKind::InSet) {
    const Int128 mode = values[test.terms.front().slot].number;
    return mode >= 0 && mode < static_cast<Int128>(kModesMax) && (test.set >> static_cast<unsigned>(mode) & 1u) != 0;
  }
  Int128 sum = test.constant;
  for (const Term& term : test.terms) sum += Int128{term.coefficient} * values[term.slot].number;
  return test.kind == TestKind::IsZero ? sum == 0 : sum >= 0;
}

bool holds(const Clause& clause, std::span<const Value> values) {
  if (clause.nodes.empty()) return true;
  Index node = 0;
  while (node < clause.nodes.size()) node = holds(clause.nodes[node].test, values) ? clause.nodes[node].if_true : clause.nodes[node].if_false;
  return node == kTrue;
}

bool enter_modes(const RuleTable& table, const Transfer& transfer, const Needs& needed, const Gate& gate, std::vector<Value>& values) {
  const std::span<const ModeChanged> brought = gate.modes_taken_back().empty() ? gate.modes_brought() : gate.modes_taken_back();
  bool entered = false;
  for (const RuleTable::BroughtMode& mode : table.brought_modes(needed.row)) {
    const ModeChange change = brought_change(table, transfer, needed, mode);
    const auto made = [&](const ModeChanged& each) { return each.subject == change.subject && each.to_mode == mode.mode; };
    if (mode.when != Brought::Before || std::none_of(brought.begin(), brought.end(), made)) continue;
    values[mode.slot].number = mode.mode;
    entered = true;
  }
  return entered;
}

}  // namespace ringfence
