// SPDX-License-Identifier: Apache-2.0
// What a gate keeps, for gate.cc, which decides on it, and gate_change.cc, which carries it over to another policy. All of it is in the numbers of one
// rule table, but for the ids that were used under earlier ones.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/gate.h"
#include "runtime/gate_balances.h"
#include "runtime/gate_place_map.h"
#include "runtime/gate_seen.h"
#include "runtime/gate_window.h"
#include "runtime/mode_in_force.h"

namespace ringfence {

struct Observation { Int128 number = 0; std::int64_t observed_ms = 0; };

using Subjects = PlaceMap<Observation>;   // by ids; the asset is not used
using SubjectModes = PlaceMap<KeptMode>;
using Windows = PlaceMap<GateWindow>;

inline PlaceKey subject_key(const Ids& ids) { return PlaceKey{ids, kNone}; }

struct Gate::State {
  explicit State(const RuleTable& rule_table)
      : table(rule_table), balances(rule_table), facts(rule_table.fact_count()), modes(rule_table.machine_count()),
        windows(rule_table.limit_count()) {}

  /// A policy that is no longer in force, and the ids that were used under it, whose contents are in its numbers.
  struct EarlierPolicy { const RuleTable* table; SeenIds seen; };

  const RuleTable& table;
  GateBalances balances;
  std::vector<Subjects> facts;        // by fact
  std::vector<SubjectModes> modes;    // by machine, as kept: mode_in_force says which is in force; absent: the first mode
  std::vector<Windows> windows;       // by limit
  SeenIds seen;                       // under the present policy
  std::vector<EarlierPolicy> earlier; // in their order; an id is in one of these at most, or in `seen`
  std::optional<std::int64_t> last_applied_ms;
  std::vector<HashedKey> places;      // of the row in hand: where each of its slots is kept
  std::vector<Value> values;          // of the decision in hand
  std::vector<Value> denial_values;
  std::vector<GateWindow*> counting;  // of the transfer applied last: the windows that count it; they hold until another is applied
  std::string content;                // of the submission in hand

  /// Finds the places of the row's slots, and has them brought nearer, while something else is done: most of the time goes into waiting for memory.
  void locate(const Needs&, const Instance& from, const Instance& to);
  /// When something is decided. Modes are those in force at `modes_ms`: in a batch the time of its first leg, so that no deadline passes within it.
  struct At { std::int64_t time_ms, modes_ms; };
  /// The values at the places located last.
  void fetch(const Needs&, At, std::vector<Value>& out);
  Value fetch_slot(const SlotView&, const HashedKey&, At);
  void keep_denial_values(const Needs&, const Decision&);
  KeptMode mode_of(Index machine, const Ids&) const;

  /// The row's places have been located.
  Decision decide_transfer(const Transfer&, const Needs&, Floors, std::int64_t modes_ms);
  Decision decide_mode_change(const ModeChange&);
  std::optional<Reason> refusal_by_time(std::int64_t time_ms) const;

  /// Where it throws, nothing has been applied. Windows forget nothing yet, so that it can be taken back.
  void apply(const Transfer&, Index row);
  void take_back(const Transfer&, Index row);
  void forget(const Transfer&, Index row);
  void make_room(std::string_view id, std::size_t answers) { seen.make_room(1, id.size() + content.size(), answers); }
  class Batch;
  std::vector<Decision> decide_and_apply_batch(std::span<const GateTransfer>);
  std::vector<std::string> make_room_for_batch(const std::string& id, std::span<const GateTransfer>);
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
