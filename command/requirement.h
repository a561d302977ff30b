// SPDX-License-Identifier: Apache-2.0
// What a policy itself requires of the balances as they stand: the right side of each floor for each instance of its bucket, and both sides of each comparison
// of an invariant for the members that are known. Nothing is required but by these. Nobody approves and nothing is shown, so an `unless` that asks for it does not lift.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command/books.h"

namespace ringfence {

/// Whole minor units of one asset (or plain numbers, millionths of a ratio, milliseconds), rounded so that nothing looks better than it is.
struct Measure {
  Int128 held = 0, required = 0;
  Int128 excess = 0;               ///< how far on the right side of the bound; negative: a deficit
  bool met = true;
};

/// One floor on one bucket instance, or one condition of an invariant for some members.
struct Requirement {
  std::uint32_t line = 0;
  std::string text;                ///< "floor Client.margin >= maintenance", or the invariant's condition
  std::string of;                  ///< whom an invariant speaks of: "Client alice, Position p1"; empty for a floor
  std::string bound;               ///< how `held` must be to `required`: "at least", "exactly"
  Index asset = kNone;             ///< kNone: no money
  bool lifted = false;             ///< its `unless` holds: nothing is required now
  std::optional<Measure> measure;  ///< not there: see `unknown`; or it is no comparison: see `met`
  bool met = true;
  std::string unknown;             ///< why it can't be said: "maintenance of alice, p1 is not known"
};

class Requirements {
 public:
  /// All are borrowed; `policy` was made from text. `at_ms`: what facts must be fresh at.
  Requirements(const LoadedPolicy& policy, const Books& books, std::int64_t at_ms) : policy_(policy), books_(books), at_ms_(at_ms), holdings_(books.gate().holdings()) {}

  /// Each floor of this bucket for the asset, in text order.
  std::vector<Requirement> floors(const Instance& bucket, Index asset) const;
  /// Each condition of each invariant, for all members of which something is known together.
  std::vector<Requirement> invariants() const;

 private:
  const LoadedPolicy& policy_;
  const Books& books_;
  std::int64_t at_ms_;
  std::vector<Gate::Holding> holdings_;
};

}  // namespace ringfence
