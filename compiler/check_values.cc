// SPDX-License-Identifier: Apache-2.0
// Literals where a declaration or a scenario expects a value of one type: exact, with its unit, within its bounds. Language
// reference, 1.3, 1.5 and 2.10.
#include <fmt/core.h>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

Int128 signed_value(const AmountAst& literal, Int128 magnitude) { return literal.negative ? -magnitude : magnitude; }

bool is_zero(const AmountAst& literal) {
  if (literal.instant) return false;
  const auto value = parse_number(literal.number.text);
  return value && value->numerator == 0;
}

void report_amount(State& state, const AmountAst& literal, const Asset& asset, AmountFault fault) {
  if (fault == AmountFault::TooFine) {
    state.error("E0303", literal.range, fmt::format("`{}` is not a whole number of minor units of {}", literal.number.text, asset.name),
                asset.decimals == 0 ? fmt::format("the smallest unit is 1 {}", asset.name)
                                    : fmt::format("the smallest unit is {} {}, as it has {} decimals", format_decimal(1, asset.decimals), asset.name, asset.decimals));
  } else {
    state.error("E0304", literal.range, fmt::format("`{}` {} is too large", literal.number.text, asset.name),
                fmt::format("the largest amount is 2^96-1 minor units, {} {}", format_decimal(kAmountMax, asset.decimals), asset.name));
  }
}

}  // namespace

std::string money(const Vocabulary& vocabulary, Int128 minor_units, Index asset) {
  return format_decimal(minor_units, vocabulary.assets[asset].decimals) + ' ' + vocabulary.assets[asset].name;
}

std::optional<Int128> amount_of(State& state, const AmountAst& literal, Index asset) {
  const Asset& expected = state.policy.vocabulary.assets[asset];
  if (!literal.unit && !literal.number.percent && is_zero(literal)) return 0;
  if (!literal.unit || literal.instant) {
    state.error("E0301", literal.range, fmt::format("`{}{}` is not an amount of {}", literal.number.text, literal.number.percent ? "%" : "", expected.name),
                literal.instant ? fmt::format("write an amount, as in `100 {}`", expected.name) : fmt::format("write the asset: `{} {}`", literal.number.text, expected.name));
    return std::nullopt;
  }
  const auto written = state.find(Kind::Asset, *literal.unit);
  if (!written) return std::nullopt;
  if (*written != asset) {
    state.error("E0301", literal.range, fmt::format("this is an amount of {}; one of {} is expected", literal.unit->text, expected.name));
    return std::nullopt;
  }
  const ParsedAmount parsed = parse_amount(literal.number.text, expected.decimals);
  if (parsed.fault == AmountFault::None) return signed_value(literal, parsed.minor_units);
  report_amount(state, literal, expected, parsed.fault);
  return std::nullopt;
}

std::optional<Int128> whole_number(State& state, const AmountAst& literal) {
  if (literal.unit || literal.number.percent || literal.instant) {
    state.error("E0301", literal.range, "a plain whole number is expected here", literal.instant ? "write a number, or declare the fact as an `instant`" : "leave out the unit");
    return std::nullopt;
  }
  const auto value = parse_number(literal.number.text);
  if (value && value->denominator != 1) {
    state.error("E0303", literal.range, fmt::format("`{}` is not a whole number", literal.number.text));
    return std::nullopt;
  }
  if (!value || value->numerator > INT64_MAX) {
    state.error("E0304", literal.range, fmt::format("`{}` is too large", literal.number.text), "the largest number is 2^63-1, 9223372036854775807");
    return std::nullopt;
  }
  return signed_value(literal, value->numerator);
}

std::optional<Int128> ratio_millionths(State& state, const AmountAst& literal) {
  if (!literal.unit && !literal.number.percent && is_zero(literal)) return 0;
  if (literal.unit || !literal.number.percent) {
    state.error("E0301", literal.range, "a ratio is expected here", "write it as a percentage: `25%`");
    return std::nullopt;
  }
  // One percent is 10^4 millionths: the text with four decimals is the number of millionths.
  const ParsedAmount parsed = parse_amount(literal.number.text, 4);
  if (parsed.fault == AmountFault::None && parsed.minor_units <= INT64_MAX) return signed_value(literal, parsed.minor_units);
  if (parsed.fault == AmountFault::TooFine)
    state.error("E0303", literal.range, fmt::format("`{}%` is finer than a millionth", literal.number.text), "a ratio has at most 4 decimals in percent: `0.0001%`");
  else
    state.error("E0304", literal.range, fmt::format("`{}%` is too large", literal.number.text), "the largest ratio is 2^63-1 millionths");
  return std::nullopt;
}

std::optional<std::int64_t> instant_of(State& state, std::string_view text, SourceRange range) {
  const auto instant = parse_instant_ms(text);
  if (!instant) state.error("E0345", range, fmt::format("`{}` is not an instant", text), "write one from 1970 to 9999, as in `2026-01-05T09:30:00Z`");
  return instant;
}

bool is_duration(const State& state, const AmountAst& literal) {
  return literal.unit && parse_duration_ms("1", literal.unit->text) && state.lookup(Kind::Asset, literal.unit->text) == nullptr;
}

std::optional<std::int64_t> length_of(State& state, const AmountAst& literal) {
  const auto length = parse_duration_ms(literal.number.text, literal.unit->text);
  if (length) return literal.negative ? -*length : *length;
  state.error("E0214", literal.range, fmt::format("`{} {}` is not a duration", literal.number.text, literal.unit->text),
              "write a whole number of milliseconds in `ms`, `s`, `min`, `h` or `d`, at most 366000 d");
  return std::nullopt;
}

namespace {

std::optional<Int128> instant_value(State& state, const AmountAst& literal) {
  if (literal.instant && !literal.negative) return instant_of(state, literal.number.text, literal.range);
  state.error("E0301", literal.range, "an instant is expected here", "write it as `2026-01-05T09:30:00Z`");
  return std::nullopt;
}

std::optional<Int128> duration_value(State& state, const AmountAst& literal) {
  if (is_duration(state, literal)) return length_of(state, literal);
  if (!literal.unit && !literal.number.percent && is_zero(literal)) return 0;
  state.error("E0301", literal.range, "a duration is expected here", "write it with its unit, `ms`, `s`, `min`, `h` or `d`: `30 d`");
  return std::nullopt;
}

}  // namespace

std::optional<Int128> value_of_type(State& state, const AmountAst& literal, FactType type, Index asset) {
  switch (type) {
    case FactType::Amount: return amount_of(state, literal, asset);
    case FactType::Ratio: return ratio_millionths(state, literal);
    case FactType::Instant: return instant_value(state, literal);
    case FactType::Duration: return duration_value(state, literal);
    case FactType::Number: case FactType::Flag: break;
  }
  return whole_number(state, literal);
}

std::optional<std::int64_t> duration_of(State& state, const DurationAst& duration) {
  const auto value = parse_duration_ms(duration.number.text, duration.unit);
  if (value && *value > 0) return value;
  state.error("E0214", duration.range, fmt::format("`{} {}` is not a duration", duration.number.text, duration.unit),
              "write a number of `ms`, `s`, `min`, `h` or `d`, at least 1 ms and at most 366000 d");
  return std::nullopt;
}

}  // namespace ringfence::checking
