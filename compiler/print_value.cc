// SPDX-License-Identifier: Apache-2.0
// See print_value.h.
#include "compiler/print_value.h"

#include <chrono>

#include <fmt/core.h>

namespace ringfence {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

}  // namespace

std::string print_money(const Vocabulary& vocabulary, Int128 minor_units, Index asset) {
  return fmt::format("{} {}", format_decimal(minor_units, vocabulary.assets[asset].decimals), vocabulary.assets[asset].name);
}

std::string print_fact(const Vocabulary& vocabulary, const Fact& fact, Int128 number) {
  switch (fact.type) {
    case FactType::Amount: return print_money(vocabulary, number, fact.asset);
    case FactType::Ratio: return format_decimal(number, kRatioDecimals - 2) + "%";
    case FactType::Flag:
      if (number == 0 || number == 1) return number != 0 ? "true" : "false";
      break;
    case FactType::Instant:
      if (number >= kInstantMin && number <= kInstantMax) return print_instant(static_cast<std::int64_t>(number));
      break;
    case FactType::Duration:
      if (number >= -kDurationMax && number <= kDurationMax) return print_duration(static_cast<std::int64_t>(number));
      break;
    case FactType::Number: break;
  }
  return to_string(number);
}

std::string print_instant(std::int64_t time_ms) {
  const std::int64_t days = time_ms / kDayMs - (time_ms % kDayMs < 0 ? 1 : 0);
  const std::int64_t in_day = time_ms - days * kDayMs;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const std::string text = fmt::format("{:04}-{:02}-{:02}T{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                       static_cast<unsigned>(date.day()), print_time_of_day(in_day / 1000));
  return in_day % 1000 == 0 ? text + "Z" : fmt::format("{}.{:03}Z", text, in_day % 1000);
}

std::string print_time_of_day(std::int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string print_duration(std::int64_t duration_ms) {
  struct Unit { std::int64_t ms; const char* word; };
  for (const Unit unit : {Unit{kDayMs, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "min"}, Unit{1'000, "s"}})
    if (duration_ms != 0 && duration_ms % unit.ms == 0) return std::to_string(duration_ms / unit.ms) + " " + unit.word;
  return std::to_string(duration_ms) + " ms";
}

}  // namespace ringfence
