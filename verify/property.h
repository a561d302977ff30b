// SPDX-License-Identifier: Apache-2.0
// What is asked of a policy besides its fences, and the answer: one form for all, so that a new kind is an entry in property.def, code
// that makes its verdicts, and nothing in what prints, counts or stores them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/kinds.h"
#include "verify/answer.h"
#include "verify/trace.h"

namespace ringfence {

/// Each kind of property: verify/property.def.
enum class PropertyKind : std::uint8_t {
#define X(identifier, word, claim) identifier,
#include "verify/property.def"
#undef X
};
const char* property_word(PropertyKind) noexcept;    ///< "conservation": its name in JSON
const char* property_claim(PropertyKind) noexcept;   ///< what PROVED says of it, one sentence without a full stop

/// One thing that stands against a property, or explains it: a statement with its line, or a place without one.
struct PropertyDetail {
  std::uint32_t line = 0;                ///< of the policy text; 0: of no statement
  std::string text;
};

struct PropertyVerdict {
  PropertyKind kind{};
  std::string claim;                     ///< what is proved or refuted, one sentence: property_claim, or the statement's own text
  std::uint32_t line = 0;                ///< the statement that asks for it; 0: it is asked of every policy
  Answer answer = Answer::Unknown;
  std::string reason;                    ///< UNKNOWN: what stood in the way. REFUTED: in what way it fails, one sentence. PROVED: empty
  std::vector<PropertyDetail> details;   ///< REFUTED: each case, in text order
  std::optional<Trace> trace;            ///< REFUTED, of a property of runs: a run that shows it, replayed
  std::string certificate;               ///< PROVED, where there is one: SMT-LIB 2, every check-sat of which must answer unsat
  std::uint32_t obligations = 0;         ///< PROVED: what was shown, counted; 0: there was nothing to show, and it holds of nothing
};

}  // namespace ringfence
