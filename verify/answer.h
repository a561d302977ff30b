// SPDX-License-Identifier: Apache-2.0
// The three answers that a proof can have. UNKNOWN never counts as proved.
#pragma once

#include <cstdint>

namespace ringfence {

enum class Answer : std::uint8_t { Proved, Refuted, Unknown };
const char* answer_word(Answer) noexcept;   ///< "PROVED", "REFUTED", "UNKNOWN"

}  // namespace ringfence
