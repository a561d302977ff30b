// SPDX-License-Identifier: Apache-2.0
// Every transfer that takes a followed unit, every one that changes a balance in sight, and every change of a mode in sight. See step.h.
#include "step.h"

#include <algorithm>
#include <functional>

#include "known.h"
#include "places.h"

namespace checker {
namespace {

class Steps {
 public:
  Steps(const Invariant& invariant, Guards& guards, const StateSet& set)
      : invariant_(invariant), frame_(invariant.frame()), table_(frame_.table), guards_(guards), set_(set), rows_from_(table_.buckets.size()), transitions_of_(table_.machines.size()) {
    for (const Row& row : table_.rows) rows_from_[row.from].push_back(&row);
    for (Index i = 0; i < table_.transitions.size(); ++i) transitions_of_[table_.transitions[i].machine].push_back(i);
  }

  void check(const State& state) {
    for (const Place& from : sources(frame_, state))
      for (const Row* row : rows_from_[from.bucket]) transfer(state, *row, from);
    for (std::size_t v = 0; v < frame_.views.size(); ++v) change(state, v);
    if (kept_in(state) != Kept::Always) other_money(state);
  }

  const std::string& undecided() const { return undecided_; }

 private:
  /// Whether a state is in the set for all balances, for some of them or for none.
  enum class Kept { Never, Sometimes, Always };
  Kept kept_in(const State& state) const {
    const auto found = set_.find(key_of(frame_, state));
    return found == set_.end() ? Kept::Never : found->second ? Kept::Always : Kept::Sometimes;
  }

  // ---- transfers of followed units

  void transfer(const State& state, const Row& row, const Place& from) {
    for (unsigned taken = 1; taken < 1u << frame_.units; ++taken) {
      bool possible = true, from_others = false, own_stay = false;
      for (unsigned unit = 0; unit < frame_.units; ++unit) {
        const bool right = state.assets[unit] == row.asset, own = state.spots[2 * unit + 1] == from;
        if ((taken >> unit & 1) != 0) {
          possible = possible && right && within_reach(frame_, state, unit, from);
          from_others = from_others || !own;
        } else {
          own_stay = own_stay || (right && own);
        }
      }
      if (!possible || (from_others && own_stay)) continue;   // a source pays with its own units first
      for_each_place(row.to, destinations(frame_, state, row, from), [&](const Place& to) {
        if (to == from) return;   // not a transfer
        for (const bool passing : {false, true}) arrive(state, row, from, to, taken, passing);
      });
    }
  }

  static bool has_rule(const Body& body, bool passing) {
    return std::any_of(body.allows.begin(), body.allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; });
  }

  void arrive(const State& state, const Row& row, const Place& from, const Place& to, unsigned taken, bool passing) {
    if (!has_rule(table_.bodies[row.body], passing)) return;
    State after = state;
    for (unsigned unit = 0; unit < frame_.units; ++unit) {
      if ((taken >> unit & 1) == 0) continue;
      if (passing && is_theirs(frame_, state.spots[2 * unit], from)) after.spots[2 * unit] = to;
      after.spots[2 * unit + 1] = to;
    }
    if (frame_.units == 2 && (is_gone(frame_, after, 0) || is_gone(frame_, after, 1))) return;   // a pair no longer, and outside of all custody
    choose_modes(state, after, 0, [&] {
      if (kept_in(canonical(frame_, after)) != Kept::Always) judge(state, after, row, from, to, taken, passing);
    });
  }

  /// Refused when the transfer can lead to where the state after it is not in the set.
  void judge(const State& state, const State& after, const Row& row, const Place& from, const Place& to, unsigned taken, bool passing) {
    const Body& body = table_.bodies[row.body];
    const Step step(frame_, state, after, from.ids, to.ids);
    const Known known = step.known_of_move(row, taken, guards_.nothing_known(body.slots));
    const Transfer transfer{row.asset, from, to};
    const Solvable answer = frame_.balances.empty() ? guards_.can_move(row, passing, known) : guards_.can_move(row, passing, known, asked(step, state, after, body.slots, &transfer));
    if (answer != Solvable::No) leaves(answer, state, words_of(row, passing, from, to) + (taken == 0 ? ", of other money," : ""), after);
  }

  std::string words_of(const Row& row, bool passing, const Place& from, const Place& to) const {
    const std::vector<Guarded>& allows = table_.bodies[row.body].allows;
    const auto rule = std::find_if(allows.begin(), allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; });
    return rule->words + " (" + words(frame_, from) + " -> " + words(frame_, to) + ")";
  }

  // ---- transfers that take no followed unit, but change a balance in sight

  void other_money(const State& state) {
    for (const Row& row : table_.rows) {
      const auto touched = [&](const BalanceView& view) { return view.asset == row.asset && (view.bucket == row.from || view.bucket == row.to); };
      if (std::none_of(frame_.balances.begin(), frame_.balances.end(), touched)) continue;
      Choices ids;
      for (const Index key : table_.buckets[row.from].keys) ids.push_back(any_id(ids_mentioned(frame_, state, key)));
      for_each_place(row.from, ids, [&](const Place& from) {
        for_each_place(row.to, destinations(frame_, state, row, from), [&](const Place& to) {
          if (to == from) return;
          for (const bool passing : {false, true}) pass_by(state, row, from, to, passing);
        });
      });
    }
  }

  void pass_by(const State& state, const Row& row, const Place& from, const Place& to, bool passing) {
    if (!has_rule(table_.bodies[row.body], passing)) return;
    Formulas formulas;
    const Balances in_sight(frame_, state, formulas);
    if (in_sight.of({from.bucket, row.asset, from.ids}) || in_sight.of({to.bucket, row.asset, to.ids})) judge(state, state, row, from, to, 0, passing);
  }

  /// Subjects keep their modes; one that comes into sight can be in any that is possible.
  void choose_modes(const State& before, State& after, std::size_t view, const std::function<void()>& visit) {
    if (view == frame_.views.size()) return visit();
    Subject subject, other;
    const auto seen_as = [&](char mode) {
      after.modes[view] = mode;
      choose_modes(before, after, view + 1, visit);
    };
    if (!subject_at(frame_, after, frame_.views[view], subject)) return seen_as(kUnseen);
    for (std::size_t v = 0; v < frame_.views.size(); ++v)
      if (subject_at(frame_, before, frame_.views[v], other) && other == subject) return seen_as(before.modes[v]);
    for (std::size_t v = 0; v < view; ++v)
      if (subject_at(frame_, after, frame_.views[v], other) && other == subject) return seen_as(after.modes[v]);
    for (char mode = 0; mode < 64; ++mode)
      if ((frame_.modes_possible[subject.machine] >> mode & 1) != 0) seen_as(mode);
  }

  // ---- changes of mode

  void change(const State& state, std::size_t view) {
    Subject subject, other;
    if (!subject_at(frame_, state, frame_.views[view], subject)) return;
    for (std::size_t v = 0; v < view; ++v)
      if (subject_at(frame_, state, frame_.views[v], other) && other == subject) return;   // done for that view
    for (const Index index : transitions_of_[subject.machine]) {
      const Transition& transition = table_.transitions[index];
      if ((transition.from_modes >> state.modes[view] & 1) == 0 || (frame_.modes_possible[subject.machine] >> transition.to_mode & 1) == 0) continue;
      State after = state;
      for (std::size_t v = 0; v < frame_.views.size(); ++v)
        if (subject_at(frame_, state, frame_.views[v], other) && other == subject) after.modes[v] = static_cast<char>(transition.to_mode);
      if (kept_in(after) == Kept::Always) continue;
      const Step step(frame_, state, after, subject.ids, {});
      const Known known = step.known(transition.slots, guards_.nothing_known(transition.slots));
      const Solvable answer = frame_.balances.empty() ? guards_.can_change(index, known) : guards_.can_change(index, known, asked(step, state, after, transition.slots, nullptr));
      if (answer != Solvable::No) leaves(answer, state, transition.guard.words, after);
    }
  }

  void leaves(Solvable answer, const State& state, const std::string& rule, const State& after) {
    const std::string step = "from " + words(frame_, state) + ", " + rule + " leads to " + words(frame_, after);
    if (answer == Solvable::Maybe) throw Refused{"a step leaves the invariant: " + step};
    if (undecided_.empty()) undecided_ = "whether a guard can hold: " + step;
  }

  /// The balances in sight: within the invariant before the step, outside of it after the step.
  Asked asked(const Step& step, const State& state, const State& after, const std::vector<Slot>& slots, const Transfer* transfer) const {
    Asked asked;
    Formulas& formulas = asked.formulas;
    Balances balances(frame_, state, formulas);
    balances.sees(after);
    asked.values = step.made_of(slots, balances);
    if (kept_in(state) == Kept::Sometimes) formulas.assume(invariant_.holds(formulas, state, balances.seen(state)));
    const State named = canonical(frame_, after);
    if (kept_in(named) == Kept::Sometimes) formulas.assume(Formulas::negation(invariant_.holds(formulas, named, balances.seen(after, transfer, asked.amount))));
    return asked;
  }

  const Invariant& invariant_;
  const Frame& frame_;
  const Table& table_;
  Guards& guards_;
  const StateSet& set_;
  std::vector<std::vector<const Row*>> rows_from_;
  std::vector<std::vector<Index>> transitions_of_;
  std::string undecided_;
};

}  // namespace

void check_steps(const Invariant& invariant, Guards& guards, const States& states, const StateSet& set) {
  Steps steps(invariant, guards, set);
  for (const State& state : states) steps.check(state);
  if (!steps.undecided().empty()) throw TooLarge{steps.undecided()};
}

}  // namespace checker
