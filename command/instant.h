// SPDX-License-Identifier: Apache-2.0
// Unix milliseconds as an instant, `2026-01-05T09:30:00Z` with milliseconds where there are any (language reference, 1.5), and seconds
// as a time of day. compiler/literals.h reads both.
#pragma once

#include <cstdint>
#include <string>

namespace ringfence {

std::string print_instant(std::int64_t time_ms);
/// In the largest unit of the language that it is a whole number of: "10 s", "24 h", "500 ms".
std::string print_duration(std::int64_t duration_ms);
/// "09:30:00", from seconds since midnight.
std::string print_time_of_day(std::int64_t seconds);

}  // namespace ringfence
