// SPDX-License-Identifier: Apache-2.0
// A gate goes over to another policy: what it keeps, in the numbers of the other. Either all that matters has its counterpart there, or nothing has
// changed. A new state is filled beside the old one and takes its place at the end, where nothing can fail.
#include <limits>
#include <utility>

#include "runtime/gate.h"
#include "runtime/gate_state.h"
#include "runtime/policy_names.h"

namespace ringfence {
namespace {

using Why = NotCarried::Why;

std::optional<NotCarried> carry_balances(const GateBalances& balances, const RuleTable& from, GateBalances& out, const RuleTable& to) {
  for (const Gate::Holding& holding : balances.holdings()) {
    const auto refused = [&](Why why) { return NotCarried{why, holding.bucket, holding.asset, holding.balance}; };
    const Index bucket = same_bucket(from, holding.bucket.target, to), asset = same_asset(from, holding.asset, to);
    if (bucket == kNone) return refused(Why::NoBucket);
    if (asset == kNone) return refused(Why::NoAsset);
    if (holding.balance < 0 && !to.bucket(bucket).may_overdraw) return refused(Why::MayNotOverdraw);
    out.add(bucket, PlaceKey{holding.bucket.ids, asset}, holding.balance);
  }
  return std::nullopt;
}

/// Facts that have no counterpart are left out: what reads one is denied until it is supplied again.
void carry_facts(const std::vector<Subjects>& facts, const RuleTable& from, std::vector<Subjects>& out, const RuleTable& to) {
  for (Index fact = 0; fact < facts.size(); ++fact)
    if (const Index same = same_fact(from, fact, to); same != kNone) out[same] = facts[fact];
}

/// Whoever was never named is in the first mode, so that has to be the same one.
/// What deadlines of the old policy have ended by `time_ms` has ended; one that is later is for the new policy to have or not.
std::optional<NotCarried> carry_modes(const std::vector<SubjectModes>& modes, const RuleTable& from, std::int64_t time_ms, std::vector<SubjectModes>& out, const RuleTable& to) {
  for (Index machine = 0; machine < modes.size(); ++machine) {
    const Index same = same_machine(from, machine, to);
    if (same != kNone && same_mode(from, machine, 0, to, same) != 0) return NotCarried{Why::OtherFirstMode, {machine, 0, {}}, kNone, 0};
    for (const SubjectModes::Place& place : modes[machine].places()) {
      const KeptMode kept = place.used ? mode_in_force(from, machine, place.kept, time_ms).value_or(place.kept) : KeptMode{};
      if (kept.mode == 0) continue;
      const Index mode = same == kNone ? kNone : same_mode(from, machine, kept.mode, to, same);
      if (mode == kNone) return NotCarried{Why::NoMode, {machine, static_cast<std::uint8_t>(from.machine(machine).keys.size()), place.key.ids}, kNone, kept.mode};
      out[same].add(place.key, {mode, kept.entered_ms});
    }
  }
  return std::nullopt;
}

void carry_windows(const std::vector<Windows>& windows, const RuleTable& from, std::vector<Windows>& out, const RuleTable& to) {
  const std::vector<Index> taken_over = limits_taken_over(from, to);
  for (Index limit = 0; limit < out.size(); ++limit)
    if (taken_over[limit] != kNone) out[limit] = windows[taken_over[limit]];
}

}  // namespace

std::optional<NotCarried> Gate::change_policy(const RuleTable& next) {
  auto carried = std::make_unique<State>(next);
  const std::int64_t time_ms = state_->last_applied_ms.value_or(std::numeric_limits<std::int64_t>::min());
  if (auto refused = carry_balances(state_->balances, state_->table, carried->balances, next)) return refused;
  if (auto refused = carry_modes(state_->modes, state_->table, time_ms, carried->modes, next)) return refused;
  carry_facts(state_->facts, state_->table, carried->facts, next);
  carry_windows(state_->windows, state_->table, carried->windows, next);
  carried->last_applied_ms = state_->last_applied_ms;
  carried->earlier.reserve(state_->earlier.size() + 1);
  for (State::EarlierPolicy& policy : state_->earlier) carried->earlier.push_back(std::move(policy));
  carried->earlier.push_back({&state_->table, std::move(state_->seen)});
  state_ = std::move(carried);
  return std::nullopt;
}

}  // namespace ringfence
