// SPDX-License-Identifier: Apache-2.0
// Guards of a typed policy, evaluated on a concrete state: language reference, section 6 and 7. A `Moment` is everything that a guard can
// see: the state, and the transfer (or the mode change) that asks.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/typed_policy.h"
#include "runtime/decision.h"
#include "tests/reference/fraction.h"
#include "tests/reference/state.h"

namespace ringfence::reference {

/// One end of an arrow; for a mode change, its subject stands at the source and there is no destination.
struct End {
  bool present = false;
  Index bucket = kNone;                 ///< kNone: a subject that is not a bucket
  std::vector<Index> keys;
  Instance instance;
};

struct Moment {
  const Vocabulary& vocabulary;
  const State& state;
  End from, to;
  Index asset = kNone;                  ///< kNone for a mode change
  Int128 amount = 0;
  const Authority& authority;
};

Moment moment_of(const Vocabulary&, const State&, const Transfer&);
Moment moment_of(const Vocabulary&, const State&, const ModeChange&);
/// The same transfer as a floor sees it: only the source's keys are known (5.1).
Moment source_only(Moment);

/// A value that a guard reads, or why there is none: Allowed, or one of Reason::Value* (8.3).
struct Reading { Reason reason = Reason::Allowed; Int128 number = 0; };

/// 8.3: the first of the values that the guard or sum reads that is missing, stale or out of range; Allowed when all are there.
Reason unreadable(const Moment&, const Guard&);
Reason unreadable(const Moment&, const LinearSum&);
Reason unreadable(const Moment&, const std::vector<Condition>&);

/// Section 6; every value must be readable.
bool holds(const Moment&, const Guard&);
Fraction value_of(const Moment&, const LinearSum&);
/// Position of the first condition that does not hold, or kNone.
Index first_failing(const Moment&, const std::vector<Condition>&);

/// Whose mode it is, and the mode: kModeNotKnown where it can't be told.
Instance subject_of(const Moment&, const Reference& machine);

/// Balance of one account instance: the sum over all buckets in it.
Int128 account_total(const Vocabulary&, const State&, Index account, const Ids& ids, Index asset);
/// The ids of the account instance that a bucket instance sits in.
Ids account_ids(const Vocabulary&, const Instance& bucket);
bool within_range(Int128 number, Int128 min, Int128 max);

}  // namespace ringfence::reference
