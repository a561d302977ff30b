// SPDX-License-Identifier: Apache-2.0
// See expand_calendar.h. The tz library throws where a zone is unknown or the database can't be read: no exception leaves this file.
#include "compiler/expand_calendar.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <date/tz.h>

namespace ringfence {
namespace {

const date::time_zone* zone_of(const std::string& name) noexcept {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

/// `choose::earliest` gives the first of two; of a time that is skipped, the instant of the change.
std::int64_t instant_ms(const date::time_zone& zone, Day day, std::uint32_t second_of_day) {
  const date::local_seconds local{date::local_days{date::days{static_cast<int>(day)}} + std::chrono::seconds{second_of_day}};
  return std::chrono::duration_cast<std::chrono::milliseconds>(zone.to_sys(local, date::choose::earliest).time_since_epoch()).count();
}

Day day_of(int year, unsigned month, unsigned day) noexcept {
  return date::sys_days{date::year{year} / static_cast<int>(month) / static_cast<int>(day)}.time_since_epoch().count();
}

date::sys_days as_days(Day day) noexcept { return date::sys_days{date::days{static_cast<int>(day)}}; }

}  // namespace

bool is_time_zone(const std::string& name) { return zone_of(name) != nullptr; }

std::optional<unsigned> parse_weekday(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 7> kWords{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  const auto found = std::find(kWords.begin(), kWords.end(), word);
  return found == kWords.end() ? std::nullopt : std::optional(static_cast<unsigned>(found - kWords.begin()));
}

std::optional<Day> parse_day(std::string_view text) noexcept {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  std::array<int, 3> parts{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 3> kPlaces{{{0, 4}, {5, 2}, {8, 2}}};
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (const char c : text.substr(kPlaces[i].first, kPlaces[i].second)) {
      if (c < '0' || c > '9') return std::nullopt;
      parts[i] = 10 * parts[i] + (c - '0');
    }
  const date::year_month_day date{date::year{parts[0]}, date::month{static_cast<unsigned>(parts[1])}, date::day{static_cast<unsigned>(parts[2])}};
  return date.ok() ? std::optional<Day>(date::sys_days{date}.time_since_epoch().count()) : std::nullopt;
}

int year_of(Day day) noexcept { return static_cast<int>(date::year_month_day{as_days(day)}.year()); }

bool is_closed(const Calendar& calendar, Day day) noexcept { return (calendar.closed >> date::weekday{as_days(day)}.c_encoding() & 1u) != 0; }

std::optional<Schedule> expand(const Calendar& calendar, std::string name, std::uint32_t second_of_day) {
  const date::time_zone* zone = zone_of(calendar.zone);
  if (zone == nullptr) return std::nullopt;
  Schedule schedule{std::move(name), instant_ms(*zone, day_of(calendar.first_year, 1, 1), 0), {}};
  for (Day day = day_of(calendar.first_year, 1, 1), end = day_of(calendar.last_year + 1, 1, 1); day < end; ++day) {
    if (is_closed(calendar, day) || std::binary_search(calendar.holidays.begin(), calendar.holidays.end(), day)) continue;
    const std::int64_t start_ms = instant_ms(*zone, day, 0);
    if (start_ms == instant_ms(*zone, day + 1, 0)) continue;   // Samoa had no 2011-12-30
    schedule.days.push_back({start_ms, instant_ms(*zone, day, second_of_day)});
  }
  return schedule;
}

}  // namespace ringfence
