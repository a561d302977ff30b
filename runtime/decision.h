// SPDX-License-Identifier: Apache-2.0
// The answer of decide and of the gate: allowed or not, why, and which statement says so. A trivial value: its texts are looked
// up in the table that made it (RuleTable::statement, RuleTable::clause_text).
#pragma once

#include <cstdint>

#include "export.h"
#include "kinds.h"

namespace ringfence {

enum class Reason : std::uint8_t {
#define X(identifier, word, sentence) identifier,
#include "reasons.def"
#undef X
};
/// The word that scenarios and JSON use: "floor". Static storage.
RINGFENCE_API const char* reason_word(Reason) noexcept;
/// One sentence in plain words. Static storage.
RINGFENCE_API const char* reason_sentence(Reason) noexcept;

struct Decision {
  Reason reason = Reason::NoRule;
  Index statement = kNone;   ///< what decided: the first allow whose conditions hold; the deny rule, floor, limit or transition
                             ///< that refuses; for Reason::Condition the first allow that speaks of the move
  Index clause = kNone;      ///< Reason::Condition, Floor, Limit: the first condition of `statement` that failed (position in it)
  Index slot = kNone;        ///< Reason::Value*: position in the move's slots of the value; else kNone
  Index move = kNone;        ///< row of the table that was consulted, or kNone: what `slot` and `clause` are positions in
  bool allowed() const noexcept { return reason == Reason::Allowed; }
  bool operator==(const Decision&) const = default;
};

}  // namespace ringfence
