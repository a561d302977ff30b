// SPDX-License-Identifier: Apache-2.0
// A scenario in the words of the language (reference, 11): what `parse` and `check` read again as the same scenario.
#pragma once

#include <string>
#include <string_view>

#include "compiler/typed_policy.h"

namespace ringfence {

/// Lines of text, the last one ended. Every number in it is one of the vocabulary. A name that is longer than a text may be is cut.
std::string print(const Vocabulary&, const Scenario&);

}  // namespace ringfence
