// SPDX-License-Identifier: Apache-2.0
// Calendars (language reference, 2.13): their zone, closed weekdays, years and holidays, read from a file of one date a line; and the schedules that deadlines
// make of them (2.12). What the files say is part of the policy's source, and of its digest.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

std::string without_comment(std::string line) {
  line = line.substr(0, line.find('#'));
  const std::size_t begin = line.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

/// Why a date is no holiday of the calendar; empty when it may be one.
std::string wrong_with(const Calendar& calendar, const std::optional<Day>& day, const std::string& written) {
  if (!day) return fmt::format("`{}` is no date; write 2026-12-25", written.substr(0, 40));
  if (year_of(*day) < calendar.first_year || year_of(*day) > calendar.last_year) return fmt::format("{} is in none of the years of the calendar", written);
  if (is_closed(calendar, *day)) return fmt::format("{} is on a weekday that is closed anyway", written);
  if (std::find(calendar.holidays.begin(), calendar.holidays.end(), *day) != calendar.holidays.end()) return fmt::format("{} is there twice", written);
  return "";
}

void read_holidays(State& state, const TextAst& name, Calendar& calendar) {
  const std::optional<std::string> text = state.read_file ? state.read_file(name.text) : std::nullopt;
  if (!text) return state.error("E0223", name.range, fmt::format("the file `{}` can't be read", name.text), "name it as seen from the folder of the policy");
  state.files += '\0' + *text;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text->size(); ++line_number) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string written = without_comment(text->substr(begin, end - begin));
    begin = end + 1;
    if (written.empty()) continue;
    const std::optional<Day> day = parse_day(written);
    const std::string wrong = wrong_with(calendar, day, written);
    if (wrong.empty()) calendar.holidays.push_back(*day);
    else state.error("E0223", name.range, fmt::format("`{}`, line {}: {}", name.text, line_number + 1, wrong), "one date a line; what follows a `#` is left out");
  }
  std::sort(calendar.holidays.begin(), calendar.holidays.end());
}

std::optional<int> year(State& state, const NumberAst& number) {
  if (number.text.size() == 4 && number.text.find_first_not_of("0123456789") == std::string::npos && number.text >= "1970") return std::stoi(number.text);
  state.error("E0223", number.range, fmt::format("`{}` is no year from 1970 to 9999", number.text), "write four digits");
  return std::nullopt;
}

void read_years(State& state, const CalendarDecl& decl, Calendar& calendar) {
  const auto first = year(state, decl.first_year), last = year(state, decl.last_year);
  if (!first || !last) return;
  calendar.first_year = *first, calendar.last_year = *last;
  if (*last < *first || *last - *first >= static_cast<int>(kCalendarYearsMax))
    state.error("E0223", decl.last_year.range, fmt::format("{} to {} are not 1 to {} years", *first, *last, kCalendarYearsMax), "write the first year, then the last");
}

void check_calendar(State& state, const CalendarDecl& decl) {
  const std::size_t errors_before = state.error_count();
  Calendar calendar{decl.name.text, decl.zone.text, 0, {}, 0, 0};
  if (!state.declare(Kind::Calendar, calendar.name, decl.name.range, static_cast<Index>(state.calendars.size()))) return;
  if (!is_time_zone(decl.zone.text))
    state.error("E0223", decl.zone.range, fmt::format("there is no time zone `{}`", decl.zone.text), "write one of the tz database, as \"America/New_York\"");
  for (const NameAst& name : decl.closed.names) {
    const auto weekday = parse_weekday(name.text);
    if (!weekday) state.error("E0223", name.range, fmt::format("`{}` is no weekday", name.text), "write sunday, monday, tuesday, wednesday, thursday, friday or saturday");
    else calendar.closed = static_cast<std::uint8_t>(calendar.closed | 1u << *weekday);
  }
  read_years(state, decl, calendar);
  if (decl.holidays && state.error_count() == errors_before) read_holidays(state, *decl.holidays, calendar);
  if (state.error_count() != errors_before) state.spoil(Kind::Calendar, calendar.name);
  state.calendars.push_back(std::move(calendar));
}

std::optional<std::uint32_t> business_day(State& state, const CutOffAst& cut_off) {
  if (!cut_off.business_day) return cut_off.next ? 1 : 0;
  const std::string& text = cut_off.business_day->text;
  if (text.size() <= 3 && text.find_first_not_of("0123456789") == std::string::npos && std::stoul(text) >= 1 && std::stoul(text) <= kBusinessDayMax)
    return static_cast<std::uint32_t>(std::stoul(text));
  state.error("E0222", cut_off.business_day->range, fmt::format("`{}` is not 1 to {}", text, kBusinessDayMax), "business day 1 is the next one");
  return std::nullopt;
}

}  // namespace

void check_calendars(State& state) {
  for (const StatementNode& node : state.ast.statements)
    if (const auto* decl = std::get_if<CalendarDecl>(&node.statement)) check_calendar(state, *decl);
}

std::optional<Deadline> deadline_of(State& state, const CutOffAst& cut_off) {
  const auto found = state.find(Kind::Calendar, cut_off.calendar);
  const auto day = business_day(state, cut_off);
  const auto second = parse_time_of_day(cut_off.time.text);
  if (!second) state.error("E0322", cut_off.time.range, fmt::format("`{}` is not a time of day", cut_off.time.text), "write 00:00 to 23:59");
  if (!found || !day || !second) return std::nullopt;
  const Calendar& calendar = state.calendars[*found];
  auto& schedules = state.policy.vocabulary.schedules;
  const std::string name = fmt::format("{} of {}", cut_off.time.text, calendar.name);
  for (Index i = 0; i < schedules.size(); ++i)
    if (schedules[i].name == name) return Deadline{0, i, *day};
  auto schedule = expand(calendar, name, *second);
  if (!schedule) return std::nullopt;   // reported at the calendar
  schedules.push_back(*std::move(schedule));
  return Deadline{0, static_cast<Index>(schedules.size() - 1), *day};
}

}  // namespace ringfence::checking
