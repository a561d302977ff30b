// SPDX-License-Identifier: Apache-2.0
// One rule, floor, limit, transition or invariant on one site: its clauses as programs, with the slots that they read. What can't be lowered
// is reported at its place in the text, once.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/diagnostic.h"
#include "compiler/lower_compare.h"
#include "compiler/moves.h"
#include "compiler/resolve.h"

namespace ringfence {

/// Diagnostics of one run: the same problem at the same place is kept once, and `diagnostics_max` are kept in all.
class Report {
 public:
  explicit Report(std::size_t diagnostics_max) : max_(diagnostics_max) {}
  void add(const Problem&, SourceRange);
  bool failed() const noexcept { return failed_; }
  Diagnostics take() { return std::move(diagnostics_); }

 private:
  std::size_t max_;
  bool failed_ = false;
  Diagnostics diagnostics_;
  std::set<std::pair<std::string, std::pair<std::uint32_t, std::uint32_t>>> seen_;
};

/// A statement whose terms name positions in its own list of slots. Meaningless once the report has failed.
struct Lowered {
  Guarded guarded;
  std::vector<Slot> slots;
};
Lowered lower_rule(const Vocabulary&, const Site&, const TypedRule&, Index statement, Report&);
/// `site` is the floor's own: floor_site.
Lowered lower_floor(const Vocabulary&, const Site&, const TypedFloor&, Index statement, Report&);
/// `limit` is its position among the limits.
Lowered lower_limit(const Vocabulary&, const Site&, const TypedLimit&, Index statement, Index limit, Report&);
Lowered lower_transition(const Vocabulary&, const Site&, const TypedTransition&, Index statement, Report&);
/// A clause for each condition; with an `unless`, one clause that it comes first in.
Lowered lower_invariant(const Vocabulary&, const Site&, const TypedInvariant&, Index statement, Report&);

/// Canonical order: by kind, target, asset, roles, keys. No slot twice afterwards.
void sort_slots(std::vector<Slot>&);
/// Position in sorted slots, where it must be.
Index find_slot(const std::vector<Slot>& sorted, const Slot&);
/// The statement with its terms naming positions in `sorted`, which has all of its slots.
Guarded renumber(const Lowered&, const std::vector<Slot>& sorted);

}  // namespace ringfence
