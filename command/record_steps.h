// SPDX-License-Identifier: Apache-2.0
// A record of a transfer file as the steps of a scenario that say the same (language reference, 11), without what is expected.
#pragma once

#include <vector>

#include "command/instance.h"
#include "command/record.h"
#include "compiler/typed_policy.h"
#include "runtime/rule_table.h"

namespace ringfence {

/// Its time, where it has one, and then the step. None when no scenario can say it: a name that the policy does not declare, or a batch of several times.
std::vector<ScenarioStep> steps_of(const RecordContent&, const RuleTable&, Interner&);

}  // namespace ringfence
