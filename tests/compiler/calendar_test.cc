// SPDX-License-Identifier: Apache-2.0
// Calendars (language reference, 2.13): local times as instants, where clocks change too; closed days and holidays; what a file of holidays may say, and that it
// is part of the policy's digest.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "compiler/expand_calendar.h"
#include "compiler/literals.h"
#include "compiler/passes.h"

using namespace ringfence;

namespace {

constexpr std::uint8_t kWeekend = 1u << 0 | 1u << 6;
constexpr std::uint32_t kHour = 3'600;

std::int64_t ms(const char* instant) {
  const auto parsed = parse_instant_ms(instant);
  REQUIRE(parsed);
  return *parsed;
}
Day day(const char* date) {
  const auto parsed = parse_day(date);
  REQUIRE(parsed);
  return *parsed;
}
Schedule schedule(Calendar calendar, std::uint32_t second) {
  auto made = expand(calendar, "s", second);
  REQUIRE(made);
  return *std::move(made);
}
bool has(const Schedule& in, const char* start, const char* cut_off) {
  return std::find(in.days.begin(), in.days.end(), BusinessDay{ms(start), ms(cut_off)}) != in.days.end();
}

const std::string kBefore = "policy \"p\" version \"1\"\nasset USD decimals 2\nrole ops\npurpose pay\nentity Client many\nbucket Client.a\nbucket Client.b\n";
const std::string kAfter = "\nmode of Client: calm, called, late\n  calm -> called by ops\n  called must end by 18:00 on the same business day of Desk, else late\nsegregate each Client\nallow pay Client.a -> Client.b by ops\n";
const std::string kDesk = "calendar Desk in \"America/New_York\" closed saturday, sunday holidays \"days.txt\" from 2026 to 2027";

Passed<Compiled> with_file(const std::string& file) {
  return compile(kBefore + kDesk + kAfter, {}, [&](const std::string& name) { return name == "days.txt" ? std::optional(file) : std::nullopt; });
}

}  // namespace

TEST_CASE("a local time is an instant, in winter and in summer") {
  const Schedule cut_offs = schedule({"NewYork", "America/New_York", kWeekend, {}, 2026, 2026}, 18 * kHour);
  CHECK(cut_offs.first_ms == ms("2026-01-01T05:00:00Z"));
  CHECK(cut_offs.days.front() == BusinessDay{ms("2026-01-01T05:00:00Z"), ms("2026-01-01T23:00:00Z")});
  CHECK(has(cut_offs, "2026-07-06T04:00:00Z", "2026-07-06T22:00:00Z"));
  CHECK(cut_offs.days.back() == BusinessDay{ms("2026-12-31T05:00:00Z"), ms("2026-12-31T23:00:00Z")});
  CHECK(cut_offs.days.size() == 261);   // 365 days, of which 52 Saturdays and 52 Sundays
}

TEST_CASE("a time that is skipped is the instant of the change, one that comes twice the first") {
  const Calendar every_day{"NewYork", "America/New_York", 0, {}, 2026, 2026};
  CHECK(has(schedule(every_day, 2 * kHour + kHour / 2), "2026-03-08T05:00:00Z", "2026-03-08T07:00:00Z"));
  CHECK(has(schedule(every_day, kHour + kHour / 2), "2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z"));
  CHECK(schedule(every_day, 0).days.size() == 365);
  const Calendar skipped_midnight{"SaoPaulo", "America/Sao_Paulo", 0, {}, 2018, 2018};
  CHECK(has(schedule(skipped_midnight, 9 * kHour), "2018-11-04T03:00:00Z", "2018-11-04T11:00:00Z"));
  const Calendar skipped_day{"Apia", "Pacific/Apia", 0, {}, 2011, 2011};
  CHECK(schedule(skipped_day, 9 * kHour).days.size() == 364);
}

TEST_CASE("holidays and closed weekdays are no business days, leap days are days") {
  const Calendar calendar{"C", "UTC", kWeekend, {day("2028-02-29"), day("2028-12-25")}, 2028, 2028};
  const Schedule days = schedule(calendar, 12 * kHour);
  CHECK(days.days.size() == 366 - 106 - 2);   // 53 Saturdays and 53 Sundays
  CHECK_FALSE(has(days, "2028-02-29T00:00:00Z", "2028-02-29T12:00:00Z"));
  CHECK(has(days, "2028-02-28T00:00:00Z", "2028-02-28T12:00:00Z"));
  CHECK_FALSE(has(days, "2028-01-01T00:00:00Z", "2028-01-01T12:00:00Z"));   // a Saturday
}

TEST_CASE("what is no date, weekday or zone") {
  for (const char* wrong : {"", "2026-1-01", "2026-13-01", "2026-02-29", "2026-00-10", "2026-01-00", "2026-01-011", "2026/01/01", "-026-01-01", "20260-1-01"}) CHECK_FALSE(parse_day(wrong));
  CHECK(parse_day("1970-01-02") == 1);
  CHECK(year_of(day("2026-12-31")) == 2026);
  CHECK(parse_weekday("saturday") == 6u);
  CHECK_FALSE(parse_weekday("Saturday"));
  CHECK(is_time_zone("Europe/London"));
  for (const char* wrong : {"", "Europe/Nowhere", "../UTC", "EST5EDT,M3"}) CHECK_FALSE(is_time_zone(wrong));
}

TEST_CASE("a file of holidays is read line by line, and each line that is wrong is named") {
  CHECK(with_file("# a comment\n\n 2026-12-25 # Christmas\r\n2027-01-01").artefact);
  const auto first_error = [](const std::string& file) {
    const auto passed = with_file(file);
    CHECK_FALSE(passed.artefact);
    return passed.diagnostics.empty() ? "" : passed.diagnostics.front().message;
  };
  CHECK(first_error("2026-12-25\n25.12.2026\n") == "`days.txt`, line 2: `25.12.2026` is no date; write 2026-12-25");
  CHECK(first_error("#\n2025-12-25\n") == "`days.txt`, line 2: 2025-12-25 is in none of the years of the calendar");
  CHECK(first_error("2026-12-26") == "`days.txt`, line 1: 2026-12-26 is on a weekday that is closed anyway");
  CHECK(first_error("2026-12-25\n2026-12-24\n2026-12-25\n") == "`days.txt`, line 3: 2026-12-25 is there twice");
  const auto without = compile(kBefore + kDesk + kAfter);
  REQUIRE_FALSE(without.artefact);
  CHECK(without.diagnostics.front().message == "the file `days.txt` can't be read");
}

TEST_CASE("what a file says is part of the policy's digest, and of the table") {
  const auto one = with_file("2026-12-25\n"), same = with_file("2026-12-25\n"), comment = with_file("2026-12-25 # \n"), other = with_file("2026-12-24\n");
  REQUIRE((one.artefact && same.artefact && comment.artefact && other.artefact));
  CHECK(one.artefact->table == same.artefact->table);
  CHECK(dump(one.artefact->policy).find("transition of Client: called -> late by the clock, by 18:00 of Desk, the same business day") != std::string::npos);
  CHECK(dump(one.artefact->moves).find("transition of Client: called -> late by the clock, by 18:00 of Desk, the same business day") != std::string::npos);
  CHECK(one.artefact->policy.source_digest != comment.artefact->policy.source_digest);
  CHECK(one.artefact->moves.vocabulary == comment.artefact->moves.vocabulary);
  CHECK(one.artefact->moves.vocabulary != other.artefact->moves.vocabulary);
}
