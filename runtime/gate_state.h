// SPDX-License-Identifier: Apache-2.0
// What a gate keeps, for gate.cc, which decides on it, and gate_change.cc, which carries it over to another policy. All of it is in the numbers of one
// rule table, but for the ids that were used under earlier ones.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/gate.h"
#include "runtime/gate_content.h"
#include "runtime/gate_located.h"
#include "runtime/gate_seen.h"

namespace ringfence {

inline Decision denial(Reason reason, const Needs& needed) noexcept {
  Decision decision;
  decision.reason = reason;
  decision.move = needed.row;
  return decision;
}

struct Gate::State {
  State(const RuleTable& rule_table, BroughtModes which)
      : table(rule_table), places(rule_table), brought_modes(which) {}

  /// A policy that is no longer in force, and the ids that were used under it, whose contents are in its numbers.
  struct EarlierPolicy { const RuleTable* table; SeenIds seen; };

  const RuleTable& table;
  GatePlaces places;                  // modes as kept: mode_in_force says which is in force
  BroughtModes brought_modes;
  SeenIds seen;                       // under the present policy
  std::vector<EarlierPolicy> earlier; // in their order; an id is in one of these at most, or in `seen`
  std::optional<std::int64_t> last_applied_ms;
  /// A transfer as it is asked, with what can be said of it before those that stand before it are decided.
  struct Asked {
    Asked(const State& state, const GateTransfer& submitted) noexcept;
    SeenIds::Id id;
    Transfer transfer;
    Needs needed;
  };
  static constexpr std::size_t kTogether = 8;
  Located located;                    // of the transfer, leg or change in hand
  std::array<Located, kTogether> together;
  Located::Values values;             // of the decision in hand
  std::vector<Value> denial_values;
  std::vector<ModeChanged> modes_brought, modes_taken_back;   // by the last submission

  /// The value of any slot, as the state stands.
  Value fetch_slot(const SlotView&, const Instance& from, const Instance& to, std::int64_t time_ms);
  void keep_denial_values(const Needs&, const Decision&);
  /// What is kept of the kind; what everything is at first where nothing is.
  Cell kept(const Kept&, const Ids&) const noexcept;
  struct Held { Place place; Index record; };
  /// Where it is kept from now on, to be changed; room in the totals over a balance.
  Held hold(const Kept&, const Ids&);
  Cell& cell(const Held& held) noexcept { return places.stores[held.place.store].cell(held.record, held.place.at); }

  /// Of a new submission nothing is said yet.
  void begin() noexcept { denial_values.clear(), modes_brought.clear(), modes_taken_back.clear(); }
  GateAnswer answer(const GateTransfer&, const Asked&, Located&);
  void submit_together(std::span<const GateTransfer* const>, GateAnswer* answers);   ///< at most kTogether
  Decision decide_transfer(const Asked&, const Located&, Floors, std::int64_t modes_ms);
  Decision decide_mode_change(const ModeChange&);
  std::optional<Reason> refusal_by_time(std::int64_t time_ms) const;

  template <class Submitted>
  void make_room(const Submitted& submitted) { seen.make_room(1, submitted.id.size() + content_bytes_max(submitted), 1); }
  template <class Submitted>
  SeenIds::Written write(const SeenIds::Id& id, const Submitted& submitted, std::span<const Decision> answers) noexcept {
    return seen.write(id, [&](std::byte* at) { return put_content(at, submitted); }, answers);
  }
  template <class Submitted>
  void record(const SeenIds::Id& id, const Submitted& submitted, std::span<const Decision> answers) noexcept { seen.add(id, write(id, submitted, answers)); }
  class Batch;
  class Carrying;
  class ModeChanges;
  // A change of mode that a transfer brings with it: 4.8, 10.5.
  GateAnswer answer_bringing(const GateTransfer&, const Asked&, Decision first);
  bool enter_mode(const Asked&, std::int64_t time_ms, ModeChanges&);
  void follow_mode(const Asked&, const Decision&, std::int64_t time_ms, ModeChanges&);
  bool enter_modes(Legs, ModeChanges&);
  void follow_modes(Legs, const std::vector<Decision>&, ModeChanges&);
  std::vector<Decision> decide_and_apply_batch(Legs);
  std::vector<Decision> decide_batch(Legs, Batch&);
  void make_room_for_batch(const std::string& id, Legs);
  std::vector<Decision> deny_batch(std::size_t leg_count, std::size_t position, const Decision&) const;

  struct Before { bool same_content; std::vector<Decision> answers; };
  template <class Submitted>
  std::optional<Before> before(const SeenIds::Id&, const Submitted&) const;
  template <class Submitted>
  std::optional<GateAnswer> answered_before(const SeenIds::Id&, const Submitted&) const;
  bool is_seen(std::string_view id) const;
  bool any_leg_seen(const std::string& id, std::span<const GateTransfer>) const;
};

}  // namespace ringfence
