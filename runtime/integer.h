// SPDX-License-Identifier: Apache-2.0
// The exact integers of the whole project: amounts, balances and guard arithmetic. Nothing here is floating point.
// An amount is a whole number of an asset's minor units, 1 to 2^96-1; a balance or total is within +-(2^96-1); a guard is
// evaluated in 128 bits, and the compiler has proved that it can't leave them (language reference, section 7).
#pragma once

#include <cstdint>
#include <string>

#include "export.h"

namespace ringfence {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// The largest amount, balance and total, in minor units: 2^96 - 1.
inline constexpr Int128 kAmountMax = (Int128{1} << 96) - 1;
/// The largest Int128: every guard's arithmetic is proved to stay within +-kInt128Max.
inline constexpr Int128 kInt128Max = static_cast<Int128>(~UInt128{0} >> 1);

/// Decimal digits of `value`, with a leading '-' below zero. Allocates; never fails.
RINGFENCE_API std::string to_string(Int128 value);

/// `value` minor units written with `decimals` decimals and no trailing zeros: (1500000, 6) is "1.5".
RINGFENCE_API std::string format_decimal(Int128 value, unsigned decimals);

/// Reads an optional '-', digits with optional '_' between them, and at most `decimals` decimals after a '.'.
/// Returns false, and leaves `value` alone, for anything else or beyond +-kAmountMax: "1.5" with 6 decimals is 1500000.
RINGFENCE_API bool parse_decimal(const char* begin, const char* end, unsigned decimals, Int128& value) noexcept;

}  // namespace ringfence
