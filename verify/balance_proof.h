// SPDX-License-Identifier: Apache-2.0
// What the followed units and the modes alone can't decide: balances that guards read become part of the state, of buckets without ids and of
// instances whose ids the followed units mention, and every move that changes one of them a step, whether it takes a followed unit or not. An invariant over such states is searched by
// Spacer under a time limit. Only that it is one, checked by plain obligations afterwards, makes a verdict. No Z3 type appears here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "verify/certificate.h"

namespace ringfence {

struct BalanceSystem {
  std::string horn;             ///< constrained Horn clauses: satisfiable exactly when some `inv` keeps the fence
  std::string declarations;     ///< of the obligations
  std::vector<std::string> parameters;   ///< of `inv`, by what they are (checker/README.md)
  Obligations obligations;      ///< about `inv`: start, every step, fence
};

/// Nothing where no guard reads such a balance.
std::optional<BalanceSystem> balance_system(const Arena&, const std::vector<Mask>& modes_possible, const Fence&, unsigned coin_count);
inline constexpr std::size_t kBalancesMax = 12;   ///< of buckets without ids; with more, none of them is in the state
inline constexpr std::size_t kViewsMax = 24;      ///< with those that have ids; what does not fit stays open

/// The definition of `inv` that Spacer finds for the clauses, as SMT-LIB; nothing when it finds none within so much of the processor's
/// time, and of the clock's.
std::optional<std::string> find_invariant(const std::string& horn, const std::vector<std::string>& parameters, std::uint32_t processor_ms, std::uint32_t clock_ms);

/// `(assert (forall (...) (=> body head)))`: constants of the declarations that the clause mentions are its variables.
std::string horn_clause(const std::string& declarations, const std::vector<std::string>& body, const std::string& head);

}  // namespace ringfence
