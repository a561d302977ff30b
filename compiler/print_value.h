// SPDX-License-Identifier: Apache-2.0
// Values as the language writes them: what goes in is as a rule table holds it, what comes out can be read again (literals.h, and a
// transfer file's `value`). Language reference, 1.3, 1.5 and 2.10.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/vocabulary.h"

namespace ringfence {

/// "60 USDC"
std::string print_money(const Vocabulary&, Int128 minor_units, Index asset);
/// "50 USDC", "3", "25%", "true", "2026-01-05T09:30:00Z", "30 d". What is out of its type's range, as a number.
std::string print_fact(const Vocabulary&, const Fact&, Int128 number);
/// Of Unix milliseconds: "2026-01-05T09:30:00Z", with milliseconds where there are any.
std::string print_instant(std::int64_t time_ms);
/// In the largest unit of the language that it is a whole number of: "10 s", "30 d", "500 ms".
std::string print_duration(std::int64_t duration_ms);
/// "09:30:00", from seconds since midnight.
std::string print_time_of_day(std::int64_t seconds);

}  // namespace ringfence
