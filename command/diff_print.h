// SPDX-License-Identifier: Apache-2.0
// A difference printed for a risk officer, and as one JSON document; README.md has the fields.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "command/load.h"
#include "verify/diff.h"
#include "verify/diff_state.h"

namespace ringfence {

/// The two policies as they were loaded, older first.
struct ComparedPolicies { const LoadedPolicy& older; const LoadedPolicy& newer; };

/// What the new policy finds in balances as they stand. `unknown`: why it could not be told what may be mixed.
struct StateReport { std::vector<StateFinding> findings; std::string unknown; };

/// "Became allowed: 1 class; became denied: 2 classes; flows: 0 new, 1 gone.": the first line of what is printed.
std::string summary(const Difference&);
void print_difference(std::ostream&, const ComparedPolicies&, const Difference&, const std::optional<StateReport>&);
void print_difference_json(std::ostream&, const ComparedPolicies&, const Difference&, const std::optional<StateReport>&);

}  // namespace ringfence
