// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios of a policy through a gate on its rule table (language reference, section 11), and says which statements they
// showed at work and which atoms of guards they saw true and false. Each scenario starts from an empty gate and stops at its first step that is not as written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command/guard_coverage.h"
#include "command/load.h"

namespace ringfence {

/// The time at which a scenario begins, 2026-01-01T00:00:00Z: language reference, 11.2.
inline constexpr std::int64_t kScenarioStartMs = 1'767'225'600'000;

struct ScenarioResult {
  std::string name;
  std::uint32_t line = 0;
  bool passed = true;
  std::uint32_t failed_line = 0;   ///< of the step that was not as written
  std::string failure;             ///< what was expected, what came instead and why; empty when it passed
  Decision decision;               ///< on its last step that asked for one
};

struct ScenarioRun {
  std::vector<ScenarioResult> scenarios;   ///< in text order
  /// By statement of the table: whether it decided at least once: an allow or transition that let something through, a deny,
  /// floor or limit that refused, a deadline that had passed when something was asked for.
  std::vector<bool> decided;
  std::vector<GuardAtom> atoms;
  bool passed() const;                     ///< every scenario did
};

/// One scenario, in the numbers of the policy, which may have come from a table.
ScenarioResult run_scenario(const LoadedPolicy& policy, const Scenario&);
/// All of the policy's own. `policy.typed` is there: it was loaded from text.
ScenarioRun run_scenarios(const LoadedPolicy& policy);

}  // namespace ringfence
