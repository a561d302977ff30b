// SPDX-License-Identifier: Apache-2.0
// The order of the comparison, on one screen: one numbering for both, rows side by side, a question for each that differs as data, the
// answers grouped by the statements that differ, then declarations and flows.
#include "verify/diff.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "verify/diff_cells.h"
#include "verify/diff_declarations.h"
#include "verify/diff_flows.h"
#include "verify/diff_replay.h"
#include "verify/diff_solve.h"

namespace ringfence {
namespace {

/// Examples that are tried for one class before it is reported as unknown.
constexpr unsigned kAttemptsMax = 8;

class Comparison {
 public:
  Comparison(const RuleTable& older, const RuleTable& newer, const DiffOptions& options)
      : options_(options), moves_{decode(older), decode(newer)}, tables_{{&older, &newer}, {&moves_[kOlder], &moves_[kNewer]}} {}

  Difference run() {
    result_.joint = join(moves_[kOlder], moves_[kNewer]);
    result_.declarations = compare_declarations(moves_[kOlder].vocabulary, moves_[kNewer].vocabulary);
    for (DeclarationChange& deadline : compare_deadlines(moves_[kOlder], moves_[kNewer])) {
      result_.declarations.push_back(std::move(deadline));
      same_deadlines_ = false;
    }
    for (DeclarationChange& brought : compare_brought_modes(moves_[kOlder], moves_[kNewer])) result_.declarations.push_back(std::move(brought));
    if (!result_.joint.incomparable.empty()) return std::move(result_);
    for (DeclarationChange& fence : compare_fences(result_.joint)) result_.declarations.push_back(std::move(fence));
    const Cells cells = pair_rows(result_.joint);
    result_.equal_moves = cells.equal;
    compare_cells(cells.differing);
    compare_needs(cells.differing);
    if (!cells.differing.empty() || !same_deadlines_) result_.flows = compare_flows(result_.joint, tables_, options_, result_.flows_unknown);
    return std::move(result_);
  }

 private:
  struct Kept { std::size_t place = 0; unsigned attempts = 0; };
  using ClassKey = std::tuple<Change, bool, std::array<std::vector<Index>, 2>, std::vector<std::string>>;   // bool: the solver answered

  void compare_cells(const std::vector<Cell>& cells) {
    DiffSolver solver(result_.joint, options_.budget);
    result_.permits_no_more = same_deadlines_;   // one that is gone, or later, leaves a mode in which more may be allowed
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (options_.progress && i % 64 == 0) options_.progress(fmt::format("comparing rules: {} of {} that differ", i, cells.size()));
      bool title_more = false;
      for (const Change change : changes_possible(cells[i])) {
        if (change == Change::TitleLess && title_more) continue;   // said already: the example shows both ways
        const bool happens = ask(solver, cells[i], change);
        title_more = title_more || (change == Change::TitleMore && happens);
      }
    }
  }

  std::vector<Change> changes_possible(const Cell& cell) const {
    if (cell.rows[kOlder].empty()) return {Change::Allowed};
    if (cell.rows[kNewer].empty()) return {Change::Denied};
    std::vector<Change> changes{Change::Allowed, Change::Denied};
    if (cell.kind.is_transfer && treats_title_both_ways(cell)) changes.insert(changes.end(), {Change::TitleMore, Change::TitleLess});
    return changes;
  }

  bool treats_title_both_ways(const Cell& cell) const {
    bool keeps = false, passes = false;
    for (const unsigned policy : {kOlder, kNewer})
      for (const Guarded& allow : result_.joint.sides[policy].moves[cell.rows[policy][0]].allows) (allow.passing_title ? passes : keeps) = true;
    return keeps && passes;
  }

  /// False when it can't happen.
  bool ask(DiffSolver& solver, const Cell& cell, Change change) {
    Kept& kept = kept_of(cell, change, true);
    const bool want_values = kept.place == kNone || (!result_.classes[kept.place].example && kept.attempts < kAttemptsMax);
    const Reply reply = solver.ask(cell, change, want_values);
    if (reply.kind == Reply::Kind::Impossible) {
      if (is_more(change)) ++result_.obligations;
      return false;
    }
    if (is_more(change)) result_.permits_no_more = false;
    const bool answered = reply.kind == Reply::Kind::Possible;
    ChangeClass& found = class_of(kept_of(cell, change, answered), cell, change);
    found.covers.push_back(cell.kind);
    if (!answered) found.unknown = "the solver did not say in time whether some transfer is decided differently";
    if (reply.values) {
      ++kept.attempts;
      show(found, decide_example(result_.joint, tables_, cell, *reply.values));
    }
    return true;
  }

  Kept& kept_of(const Cell& cell, Change change, bool answered) {
    return classes_.try_emplace(ClassKey{change, answered, cell.statements, cell.declarations}, Kept{kNone, 0}).first->second;
  }

  ChangeClass& class_of(Kept& kept, const Cell& cell, Change change) {
    if (kept.place == kNone) {
      kept.place = result_.classes.size();
      result_.classes.push_back({change, cell.statements, {}, cell.declarations, {}, {}, {}});
      for (const unsigned policy : {kOlder, kNewer})
        for (const Index statement : cell.statements[policy]) result_.classes.back().conditions[policy].push_back(conditions(cell, policy, statement));
    }
    return result_.classes[kept.place];
  }

  std::vector<std::string> conditions(const Cell& cell, unsigned policy, Index statement) const {
    const Moves& side = result_.joint.sides[policy];
    std::vector<std::string> texts;
    const auto take = [&](const Guarded& guarded) {
      if (guarded.statement == statement && texts.empty())
        for (const Clause& clause : guarded.clauses) texts.push_back(clause.text);
    };
    for (const Index row : cell.rows[policy]) {
      if (!cell.kind.is_transfer) take(side.transitions[row].guard);
      else for (const auto group : {&Move::allows, &Move::denies, &Move::floors, &Move::limits}) std::for_each((side.moves[row].*group).begin(), (side.moves[row].*group).end(), take);
    }
    return texts;
  }

  static void show(ChangeClass& found, Example example) {
    if (shows(example, found.change)) {
      found.example = std::move(example);
      found.unknown.clear();
    } else {
      found.unknown = fmt::format("the transfer that the solver proposed is decided otherwise: {} by the older table, {} by the newer",
                                  reason_word(example.decisions[kOlder].reason), reason_word(example.decisions[kNewer].reason));
    }
  }

  static bool is_more(Change change) { return change == Change::Allowed || change == Change::TitleMore; }

  // ---- what must be supplied

  void compare_needs(const std::vector<Cell>& cells) {
    for (const Cell& cell : cells) {
      if (!cell.kind.is_transfer || cell.rows[kOlder].empty() || cell.rows[kNewer].empty()) continue;
      const auto older = slots_of(result_.joint, cell, kOlder), newer = slots_of(result_.joint, cell, kNewer);
      note_needs(cell.kind, newer, older, true);
      note_needs(cell.kind, older, newer, false);
    }
  }

  void note_needs(const RequestKind& kind, const std::vector<Slot>& having, const std::vector<Slot>& lacking, bool added) {
    for (const Slot& slot : having) {
      if (!is_supplied(slot.kind) || slot.kind == SlotKind::Used || std::find(lacking.begin(), lacking.end(), slot) != lacking.end()) continue;
      const auto same = [&](const NeedChange& need) { return need.added == added && need.slot == slot; };
      const auto known = std::find_if(result_.needs.begin(), result_.needs.end(), same);
      if (known == result_.needs.end()) result_.needs.push_back({added, slot, {kind}});
      else known->covers.push_back(kind);
    }
  }

  const DiffOptions& options_;
  const std::array<Moves, 2> moves_;
  const Tables tables_;
  Difference result_;
  bool same_deadlines_ = true;
  std::map<ClassKey, Kept> classes_;
};

}  // namespace

const char* change_word(Change change) noexcept {
  switch (change) {
    case Change::Allowed: return "became_allowed";
    case Change::Denied: return "became_denied";
    case Change::TitleMore: return "title_gained";
    case Change::TitleLess: return "title_lost";
  }
  return "";
}

bool Difference::same() const {
  return joint.incomparable.empty() && declarations.empty() && classes.empty() && needs.empty() && flows.empty() && flows_unknown.empty();
}

bool Difference::undecided() const {
  const bool any_shown = std::any_of(classes.begin(), classes.end(), [](const ChangeClass& each) { return each.example.has_value(); });
  return !same() && !any_shown && declarations.empty() && needs.empty() && flows.empty();
}

Difference diff(const RuleTable& older, const RuleTable& newer, const DiffOptions& options) { return Comparison(older, newer, options).run(); }

}  // namespace ringfence
