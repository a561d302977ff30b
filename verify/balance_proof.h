// SPDX-License-Identifier: Apache-2.0
// What the followed units and the modes alone can't decide: the balances of buckets without ids, where guards read them, become part of the
// state, and every move that changes one of them a step, whether it takes a followed unit or not. An invariant over such states is searched by
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
  Obligations obligations;      ///< about `inv`: start, every step, fence
};

/// Nothing where no guard reads such a balance, or more than kBalancesMax are read.
std::optional<BalanceSystem> balance_system(const Arena&, const std::vector<Mask>& modes_possible, const Fence&, unsigned coin_count);
inline constexpr std::size_t kBalancesMax = 12;

/// The definition of `inv` that Spacer finds for the clauses, as SMT-LIB; nothing when it finds none in time.
std::optional<std::string> find_invariant(const std::string& horn, std::uint32_t timeout_ms);

/// `(assert (forall (...) (=> body head)))`: constants of the declarations that the clause mentions are its variables.
std::string horn_clause(const std::string& declarations, const std::vector<std::string>& body, const std::string& head);

}  // namespace ringfence
