// SPDX-License-Identifier: Apache-2.0
// Everything that the adversary may choose beside the transfer itself, and that some guard of it can tell apart: facts, approvals,
// evidence, time. For the explicit-state search only.
#pragma once

#include <optional>
#include <vector>

#include "compiler/typed_policy.h"
#include "tests/reference/state.h"

namespace ringfence::reference {

struct Choice {
  Mask evidence = 0;
  std::int64_t time_ms = 0;
  std::uint8_t order = 0;               ///< no step of a smaller one comes after it; 0 where no guard of the policy reads `now`
  std::vector<Approval> approvals;
  std::vector<KnownFact> facts;
};

/// Who starts everything in the search: never among the approvals.
inline constexpr std::uint64_t kInitiator = 1;

/// Every choice that the statements which may speak of this transfer can tell apart; facts are of the ids that it names. Nothing when
/// there are more than `most`.
std::optional<std::vector<Choice>> choices(const TypedPolicy&, const Transfer&, std::size_t most);
std::optional<std::vector<Choice>> choices(const TypedPolicy&, const ModeChange&, std::size_t most);

/// One role, and one purpose, of each set that no rule or transition tells apart.
std::vector<Index> different_roles(const TypedPolicy&);
std::vector<Index> different_purposes(const TypedPolicy&);

}  // namespace ringfence::reference
