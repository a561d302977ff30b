// SPDX-License-Identifier: Apache-2.0
// A calendar as a policy declares it, and one time of day of it as instants (language reference, 2.12 and 2.13). Only expand_calendar.cc knows of time zones:
// it asks the system's tz database, so what comes out depends on the version that is installed; the rule table keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/vocabulary.h"

namespace ringfence {

/// Days since 1970-01-01.
using Day = std::int64_t;

struct Calendar {
  std::string name, zone;
  std::uint8_t closed = 0;             ///< weekdays, Sunday is bit 0
  std::vector<Day> holidays;           ///< ascending
  int first_year = 0, last_year = 0;
};

bool is_time_zone(const std::string& name);
/// Of "saturday".
std::optional<unsigned> parse_weekday(std::string_view) noexcept;
/// Of "2026-12-25".
std::optional<Day> parse_day(std::string_view) noexcept;
int year_of(Day) noexcept;
bool is_closed(const Calendar&, Day) noexcept;

/// A local time that comes twice is the first of the two; one that is skipped is the instant at which the clocks go forward. `zone` is a time zone. Nothing
/// when the tz database can't be read.
std::optional<Schedule> expand(const Calendar&, std::string name, std::uint32_t second_of_day);

}  // namespace ringfence
