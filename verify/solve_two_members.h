// SPDX-License-Identifier: Apache-2.0
// Runs between two members of each entity, as one question to Z3: every bucket and mode that an invariant depends on, a clean start, and for each step a choice among
// all transfers and changes of mode between these members; the last steps may be the legs of a batch. Asserted into the solver as it grows. Only the files
// named solve* know Z3. What comes out is a proposal: only `replay_invariant` makes it evidence.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <z3++.h>

#include "verify/claim.h"
#include "verify/coin_state.h"
#include "verify/trace.h"

namespace ringfence {

class TwoMembers {
 public:
  using SmallIds = std::array<std::uint8_t, kKeysMax>;
  using Holding = std::tuple<Index, SmallIds, Index>;      ///< bucket, ids, asset

  /// All of them outlive it.
  TwoMembers(z3::solver&, const Arena&, const Invariant&);

  /// Finds all transfers and changes of mode that one step can be, and says how many.
  std::size_t list_choices();
  /// The clean start. Comes once, after the choices are listed, where there will be steps.
  void open();
  void add_step();
  /// The steps from now on are one batch: transfers at one time, whose floors wait for `add_floors_at_end`.
  void begin_batch() { batch_from_ = steps_; }
  void add_floors_at_end();
  /// The ranges of the values that were named since the last step.
  void add_ranges();

  /// The invariant holds before the last step, or batch, and not after it, under the same facts.
  z3::expr broken_at_the_end();
  std::size_t steps() const noexcept { return steps_; }
  const std::map<Holding, z3::expr>& openings() const { return balances_[0]; }

  /// The run in the solver's model: solve_two_members_trace.cc.
  Trace trace();
  std::string member(Index entity, std::uint8_t which) const;

 private:
  using Subjects = std::pair<Index, SmallIds>;             // machine or fact, ids
  /// One transfer or change of mode between members.
  struct Choice { Index move = kNone, transition = kNone; SmallIds from{}, to{}; };

  bool fits(const Move&, const SmallIds& from, const SmallIds& to) const;
  const std::vector<Slot>& slots_of(const Choice&) const;
  void clean_start();

  // Values in one state, under the facts of one step.
  std::vector<z3::expr> values_of(const std::vector<Slot>&, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step);
  z3::expr value(const Slot&, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step);
  std::size_t moment(std::size_t step) const;
  z3::expr now(std::size_t moment) { return named("now", moment, kInstantMin, kInstantMax); }
  void pass_time(std::size_t step);
  z3::expr named(const std::string& name, std::size_t step, Int128 low, Int128 high);
  z3::expr total(const Slot&, const SmallIds&, std::size_t state);
  z3::expr approvals(const Slot&, std::size_t step);
  static std::string approval_prefix(std::size_t step);
  z3::expr claim_holds(const Invariant&, const SmallIds&, std::size_t state, std::size_t step);

  z3::expr choice_at(std::size_t step);
  z3::expr possible(const Choice&, std::size_t step);
  z3::expr allowed(const Move&, const std::vector<z3::expr>& values, const z3::expr& amount, bool floors_later);
  z3::expr floors_at_end(const Choice&, std::size_t leg);
  void effect(const Choice&, const z3::expr& is_this, const z3::expr& amount, std::map<Holding, z3::expr>& balances, std::map<Subjects, z3::expr>& modes);

  TraceStep trace_step(const z3::model&, std::size_t step);
  NamedInstance instance(Index target, const std::vector<Index>& keys, const SmallIds&) const;
  Index rule_in(const z3::model&, const Move&, const Choice&, std::size_t step);
  void supply(const z3::model&, const std::vector<Slot>&, const SmallIds& from, const SmallIds& to, std::size_t step, TraceStep&);

  z3::solver& solver_;
  z3::context& context_;
  const Arena& arena_;
  const Moves& moves_;
  const Vocabulary& v_;
  const Invariant& invariant_;
  Dependence depends_;
  std::vector<Choice> choices_;
  std::vector<std::map<Holding, z3::expr>> balances_;   // by state
  std::vector<std::map<Subjects, z3::expr>> modes_;
  std::set<std::string> bounded_;
  std::vector<z3::expr> ranges_;
  std::vector<Slot> approval_slots_;
  std::map<std::size_t, std::vector<z3::expr>> approval_values_;
  std::size_t steps_ = 0;
  bool reads_now_ = false;                              // some guard does: then steps have the times that they need, else they are days apart
  std::size_t batch_from_ = SIZE_MAX;                   // the first leg, where the run ends in a batch
};

}  // namespace ringfence
