// SPDX-License-Identifier: Apache-2.0
// See policy_names.h.
#include "runtime/policy_names.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

bool same_keys(const RuleTable& from, std::span<const Index> keys, const RuleTable& to, std::span<const Index> to_keys) {
  return std::ranges::equal(keys, to_keys, [&](Index key, Index to_key) { return from.entity(key).name == to.entity(to_key).name; });
}

/// That of no asset is none.
bool same_asset_or_none(const RuleTable& from, Index asset, const RuleTable& to, Index to_asset) {
  return asset == kNone || to_asset == kNone ? asset == to_asset : same_asset(from, asset, to) == to_asset;
}

/// An index that no declaration has stands for a name that there is none of, and goes on doing so.
Index undeclared(Index index, Index to_count) { return index < to_count ? kNone : index; }

Index bucket_of_name(const RuleTable& from, Index bucket, const RuleTable& to) { return to.find_bucket(from.bucket(bucket).name); }
Index role_of_name(const RuleTable& from, Index role, const RuleTable& to) { return role < from.role_count() ? to.find_role(from.role(role)) : kNone; }
Index evidence_of_name(const RuleTable& from, Index evidence, const RuleTable& to) { return evidence < from.evidence_count() ? to.find_evidence(from.evidence(evidence)) : kNone; }

using OfName = Index (*)(const RuleTable& from, Index, const RuleTable& to);
Mask mask_of_names(const RuleTable& from, Mask mask, const RuleTable& to, OfName of_name) {
  Mask result = 0;
  for (Index i = 0; i < 64; ++i) {
    const Index found = (mask >> i & 1u) != 0 ? of_name(from, i, to) : kNone;
    if (found != kNone) result |= Mask{1} << found;
  }
  return result;
}

void renumber(Authority& authority, std::vector<Approval>& approvals, const RuleTable& from, const RuleTable& to) {
  authority.role = authority.role < from.role_count() ? role_of_name(from, authority.role, to) : undeclared(authority.role, to.role_count());
  authority.evidence = mask_of_names(from, authority.evidence, to, evidence_of_name);
  for (Approval& approval : approvals) approval.roles = mask_of_names(from, approval.roles, to, role_of_name);
}

bool is_same_window(const RuleTable& from, const LimitView& before, const RuleTable& to, const LimitView& after) {
  return before.window_ms == after.window_ms && same_keys(from, before.per, to, after.per) && same_asset_or_none(from, before.asset, to, after.asset);
}

using CountedMoves = std::vector<std::array<std::string_view, 3>>;   // purpose, from, to; sorted, each once

/// By limit.
std::vector<CountedMoves> counted_moves(const RuleTable& table) {
  std::vector<CountedMoves> result(table.limit_count());
  const auto rows = table.image().sections.rows;
  for (Index row = 0; row < rows.size(); ++row)
    for (const RuleTable::Counted& counted : table.counted(row))
      result[counted.limit].push_back({table.purpose(rows[row].purpose), table.bucket(rows[row].from).name, table.bucket(rows[row].to).name});
  for (CountedMoves& moves : result) {
    std::ranges::sort(moves);
    moves.erase(std::unique(moves.begin(), moves.end()), moves.end());
  }
  return result;
}

struct Overlap { std::uint64_t shared, all; };
Overlap overlap_of(const CountedMoves& left, const CountedMoves& right) {
  CountedMoves shared;
  std::ranges::set_intersection(left, right, std::back_inserter(shared));
  return {shared.size(), left.size() + right.size() - shared.size()};
}

}  // namespace

Index same_asset(const RuleTable& from, Index asset, const RuleTable& to) {
  if (asset >= from.asset_count()) return kNone;
  const Index found = to.find_asset(from.asset(asset).name);
  return found != kNone && to.asset(found).decimals == from.asset(asset).decimals ? found : kNone;
}

Index same_bucket(const RuleTable& from, Index bucket, const RuleTable& to) {
  const Index found = bucket_of_name(from, bucket, to);
  if (found == kNone) return kNone;
  const BucketView before = from.bucket(bucket), after = to.bucket(found);
  return !before.external && !after.external && same_keys(from, before.keys, to, after.keys) ? found : kNone;
}

Index same_fact(const RuleTable& from, Index fact, const RuleTable& to) {
  const FactView before = from.fact(fact);
  const Index found = to.find_fact(before.name);
  if (found == kNone) return kNone;
  const FactView after = to.fact(found);
  const auto subject = [](const RuleTable& table, const FactView& view) {
    return view.subject_kind == SubjectKind::System ? std::string_view{} : view.subject_kind == SubjectKind::Entity ? table.entity(view.subject).name : table.bucket(view.subject).name;
  };
  const bool same = before.subject_kind == after.subject_kind && subject(from, before) == subject(to, after) && before.type == after.type &&
                    same_keys(from, before.keys, to, after.keys) && same_asset_or_none(from, before.asset, to, after.asset);
  return same ? found : kNone;
}

Index same_machine(const RuleTable& from, Index machine, const RuleTable& to) {
  const Index found = to.find_machine(from.machine_name(machine));
  if (found == kNone) return kNone;
  const MachineView before = from.machine(machine), after = to.machine(found);
  return before.subject_kind == after.subject_kind && same_keys(from, before.keys, to, after.keys) ? found : kNone;
}

Index same_mode(const RuleTable& from, Index machine, Index mode, const RuleTable& to, Index to_machine) {
  return mode < from.machine(machine).mode_count ? to.find_mode(to_machine, from.mode_name(machine, mode)) : kNone;
}

std::vector<Index> limits_taken_over(const RuleTable& from, const RuleTable& to) {
  const std::vector<CountedMoves> before = counted_moves(from), after = counted_moves(to);
  std::vector<Index> result(to.limit_count(), kNone);
  for (Index limit = 0; limit < result.size(); ++limit) {
    Overlap best{0, 1};
    for (Index other = 0; other < before.size(); ++other) {
      if (!is_same_window(from, from.limit(other), to, to.limit(limit))) continue;
      const Overlap overlap = overlap_of(before[other], after[limit]);
      if (overlap.shared * best.all <= best.shared * overlap.all) continue;
      best = overlap;
      result[limit] = other;
    }
  }
  return result;
}

GateTransfer in_numbers_of(const RuleTable& to, const RuleTable& from, GateTransfer submitted) {
  Transfer& transfer = submitted.transfer;
  transfer.purpose = transfer.purpose < from.purpose_count() ? to.find_purpose(from.purpose(transfer.purpose)) : undeclared(transfer.purpose, to.purpose_count());
  for (Instance* instance : {&transfer.from, &transfer.to})
    instance->target = instance->target < from.bucket_count() ? bucket_of_name(from, instance->target, to) : undeclared(instance->target, to.bucket_count());
  transfer.asset = transfer.asset < from.asset_count() ? same_asset(from, transfer.asset, to) : undeclared(transfer.asset, to.asset_count());
  renumber(transfer.authority, submitted.approvals, from, to);
  return submitted;
}

GateModeChange in_numbers_of(const RuleTable& to, const RuleTable& from, GateModeChange submitted) {
  ModeChange& change = submitted.change;
  const Index machine = change.subject.target;
  if (machine >= from.machine_count()) {
    change.subject.target = undeclared(machine, to.machine_count());
  } else {
    change.subject.target = to.find_machine(from.machine_name(machine));
    const Index mode_count = change.subject.target == kNone ? 0 : to.machine(change.subject.target).mode_count;
    const bool declared = change.to_mode < from.machine(machine).mode_count;
    change.to_mode = declared && mode_count != 0 ? same_mode(from, machine, change.to_mode, to, change.subject.target) : undeclared(change.to_mode, mode_count);
  }
  renumber(change.authority, submitted.approvals, from, to);
  return submitted;
}

std::vector<GateTransfer> in_numbers_of(const RuleTable& to, const RuleTable& from, std::span<const GateTransfer> legs) {
  std::vector<GateTransfer> result;
  for (const GateTransfer& leg : legs) result.push_back(in_numbers_of(to, from, leg));
  return result;
}

}  // namespace ringfence
