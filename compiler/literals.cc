// SPDX-License-Identifier: Apache-2.0
// In: digits as written. Out: exact values, or nothing. Every step is checked before it is taken, so nothing wraps.
#include "compiler/literals.h"

#include <chrono>

namespace ringfence {
namespace {

UInt128 magnitude(Int128 value) noexcept { return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value); }

UInt128 greatest_common_divisor(UInt128 a, UInt128 b) noexcept {
  while (b != 0) {
    const UInt128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

std::optional<Int128> checked_multiply(Int128 a, Int128 b) noexcept {
  Int128 out = 0;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}

std::optional<WideRational> make_wide(Int128 numerator, Int128 denominator) noexcept {
  if (denominator < 0) {
    if (numerator < -kInt128Max || denominator < -kInt128Max) return std::nullopt;
    numerator = -numerator;
    denominator = -denominator;
  }
  const UInt128 divisor = greatest_common_divisor(magnitude(numerator), static_cast<UInt128>(denominator));
  const Int128 n = numerator / static_cast<Int128>(divisor), d = denominator / static_cast<Int128>(divisor);
  if (n < -kInt128Max || d > kRationalMax) return std::nullopt;
  return WideRational{n, static_cast<std::int64_t>(d)};
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Exactly `count` digits at `at`, as a number; moves `at` past them.
std::optional<unsigned> digits(std::string_view text, std::size_t& at, std::size_t count) noexcept {
  if (text.size() < at + count) return std::nullopt;
  unsigned value = 0;
  for (std::size_t end = at + count; at < end; ++at) {
    if (!is_digit(text[at])) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[at] - '0');
  }
  return value;
}

bool skip(std::string_view text, std::size_t& at, char wanted) noexcept {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

}  // namespace

std::optional<Rational> make_rational(Int128 numerator, Int128 denominator) noexcept {
  const auto wide = make_wide(numerator, denominator);
  if (!wide || magnitude(wide->numerator) > static_cast<UInt128>(kRationalMax)) return std::nullopt;
  return Rational{static_cast<std::int64_t>(wide->numerator), wide->denominator};
}

std::optional<Rational> add(const Rational& a, const Rational& b) noexcept {
  // Each product is within 2^124 and their sum within 2^125.
  return make_rational(Int128{a.numerator} * b.denominator + Int128{b.numerator} * a.denominator, Int128{a.denominator} * b.denominator);
}

std::optional<Rational> multiply(const Rational& a, const Rational& b) noexcept {
  return make_rational(Int128{a.numerator} * b.numerator, Int128{a.denominator} * b.denominator);
}

std::optional<WideRational> add(const WideRational& a, const WideRational& b) noexcept {
  // Over the least common denominator, so that a sum that fits is not lost on the way.
  const auto divisor = static_cast<std::int64_t>(greatest_common_divisor(static_cast<UInt128>(a.denominator), static_cast<UInt128>(b.denominator)));
  const auto left = checked_multiply(a.numerator, b.denominator / divisor), right = checked_multiply(b.numerator, a.denominator / divisor);
  Int128 sum = 0;
  if (!left || !right || __builtin_add_overflow(*left, *right, &sum)) return std::nullopt;
  return make_wide(sum, Int128{a.denominator} * (b.denominator / divisor));
}

std::optional<WideRational> multiply(const WideRational& a, const Rational& b) noexcept {
  const auto across = make_wide(a.numerator, b.denominator);
  const auto other = make_rational(b.numerator, a.denominator);
  if (!across || !other) return std::nullopt;
  const auto numerator = checked_multiply(across->numerator, other->numerator);
  return numerator ? make_wide(*numerator, Int128{across->denominator} * other->denominator) : std::nullopt;
}

std::optional<WideRational> parse_number(std::string_view text) noexcept {
  Int128 value = 0, scale = 1;
  bool fraction = false, any = false;
  std::size_t zeros = 0;   // decimal zeros, which do not count unless another digit follows
  for (const char c : text) {
    if (c == '_') continue;
    if (c == '.' && !fraction && any) { fraction = true; continue; }
    if (!is_digit(c)) return std::nullopt;
    any = true;
    if (fraction && c == '0') { ++zeros; continue; }
    const std::size_t steps = fraction ? zeros + 1 : 1;
    zeros = 0;
    if (steps > 40) return std::nullopt;
    for (std::size_t i = 0; i < steps; ++i) {
      if (__builtin_mul_overflow(value, Int128{10}, &value)) return std::nullopt;
      if (fraction && __builtin_mul_overflow(scale, Int128{10}, &scale)) return std::nullopt;
    }
    if (__builtin_add_overflow(value, Int128{c - '0'}, &value)) return std::nullopt;
  }
  return any ? make_wide(value, scale) : std::nullopt;
}

ParsedAmount parse_amount(std::string_view text, unsigned decimals) noexcept {
  Int128 value = 0;
  if (parse_decimal(text.data(), text.data() + text.size(), decimals, value)) return {value, AmountFault::None};
  const std::size_t point = text.find('.');
  bool any = false;
  std::size_t last_used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) any = true;
    else if (text[i] != '_' && text[i] != '.') return {0, AmountFault::NotANumber};
  }
  if (!any) return {0, AmountFault::NotANumber};
  if (point != std::string_view::npos) {
    std::size_t places = 0;
    for (std::size_t i = point + 1; i < text.size(); ++i) {
      if (text[i] == '_') continue;
      ++places;
      if (text[i] != '0') last_used = places;
    }
    if (last_used > decimals) return {0, AmountFault::TooFine};
    // Only zeros beyond the smallest unit: the same amount without them.
    if (places > decimals) return parse_amount(text.substr(0, decimals == 0 ? point : point + 1 + decimals), decimals);
  }
  return {0, AmountFault::TooLarge};
}

std::optional<std::int64_t> parse_duration_ms(std::string_view number, std::string_view unit) noexcept {
  const std::int64_t scale = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60'000 : unit == "h" ? 3'600'000 : unit == "d" ? 86'400'000 : 0;
  constexpr Int128 kMost = kDurationMax;
  const auto value = parse_number(number);
  if (scale == 0 || !value || value->numerator > kMost) return std::nullopt;
  const Int128 scaled = value->numerator * scale;
  if (scaled % value->denominator != 0 || scaled / value->denominator > kMost) return std::nullopt;
  return static_cast<std::int64_t>(scaled / value->denominator);
}

std::optional<std::uint32_t> parse_time_of_day(std::string_view text) noexcept {
  std::size_t at = 0;
  const auto hour = digits(text, at, 2);
  if (!hour || *hour > 23 || !skip(text, at, ':')) return std::nullopt;
  const auto minute = digits(text, at, 2);
  if (!minute || *minute > 59) return std::nullopt;
  unsigned second = 0;
  if (at < text.size()) {
    if (!skip(text, at, ':')) return std::nullopt;
    const auto read = digits(text, at, 2);
    if (!read || *read > 59) return std::nullopt;
    second = *read;
  }
  if (at != text.size()) return std::nullopt;
  return *hour * 3600 + *minute * 60 + second;
}

std::optional<std::int64_t> parse_instant_ms(std::string_view text) noexcept {
  std::size_t at = 0;
  const auto year = digits(text, at, 4);
  if (!year || *year < 1970 || !skip(text, at, '-')) return std::nullopt;
  const auto month = digits(text, at, 2);
  if (!month || !skip(text, at, '-')) return std::nullopt;
  const auto day = digits(text, at, 2);
  if (!day || !skip(text, at, 'T') || text.size() < at + 8) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month}, std::chrono::day{*day}};
  const auto seconds = parse_time_of_day(text.substr(at, 8));
  at += 8;
  if (!date.ok() || !seconds || text.empty() || text.back() != 'Z') return std::nullopt;
  unsigned milliseconds = 0;
  if (at + 1 < text.size()) {
    if (!skip(text, at, '.') || text.size() - 1 - at < 1 || text.size() - 1 - at > 3) return std::nullopt;
    const std::size_t places = text.size() - 1 - at;
    const auto read = digits(text, at, places);
    if (!read) return std::nullopt;
    milliseconds = *read * (places == 1 ? 100 : places == 2 ? 10 : 1);
  }
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return (days * 86'400 + *seconds) * 1000 + milliseconds;
}

}  // namespace ringfence
