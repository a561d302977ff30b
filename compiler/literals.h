// SPDX-License-Identifier: Apache-2.0
// Exact reading of what people write as numbers: decimals, amounts, durations, times of day, instants. Text goes in; an exact
// value comes out, or nothing. No floating point, no overflow. Language reference, sections 1.3 and 1.5; also the exact
// fractions (7.1) that guards are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "compiler/typed_policy.h"
#include "runtime/integer.h"

namespace ringfence {

/// Both parts of a Rational stay within this.
inline constexpr std::int64_t kRationalMax = std::int64_t{1} << 62;

/// In lowest terms, or nothing when a part would leave +-2^62. `denominator` is not 0.
std::optional<Rational> make_rational(Int128 numerator, Int128 denominator) noexcept;
std::optional<Rational> add(const Rational&, const Rational&) noexcept;
std::optional<Rational> multiply(const Rational&, const Rational&) noexcept;

/// A fraction with a wide numerator: constants of a LinearSum. Lowest terms, denominator 1 to 2^62, numerator within +-kInt128Max.
struct WideRational { Int128 numerator = 0; std::int64_t denominator = 1; bool operator==(const WideRational&) const = default; };
std::optional<WideRational> add(const WideRational&, const WideRational&) noexcept;
std::optional<WideRational> multiply(const WideRational&, const Rational&) noexcept;

/// "1_000.25" is 1000.25 exactly; nothing when it is no number or has too many digits to hold.
std::optional<WideRational> parse_number(std::string_view) noexcept;

/// Why a text is no whole number of minor units.
enum class AmountFault : std::uint8_t { None, NotANumber, TooFine, TooLarge };
struct ParsedAmount { Int128 minor_units = 0; AmountFault fault = AmountFault::None; };
/// "0.5" with 6 decimals is 500000. TooFine: more decimals than the asset has. TooLarge: beyond 2^96-1.
ParsedAmount parse_amount(std::string_view, unsigned decimals) noexcept;

/// Milliseconds of "10" "s"; units ms, s, min, h, d. Nothing for a fraction of a millisecond, or beyond 1000 years.
std::optional<std::int64_t> parse_duration_ms(std::string_view number, std::string_view unit) noexcept;
/// Seconds since midnight of "08:00" or "08:00:30".
std::optional<std::uint32_t> parse_time_of_day(std::string_view) noexcept;
/// Unix milliseconds of "2026-01-05T09:30:00Z" or "2026-01-05T09:30:00.250Z"; years 1970 to 9999.
std::optional<std::int64_t> parse_instant_ms(std::string_view) noexcept;

}  // namespace ringfence
