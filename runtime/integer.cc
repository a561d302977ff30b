// SPDX-License-Identifier: Apache-2.0
// Exact integers to and from decimal text. Reading is strict: anything that is not exactly a number of at most the allowed
// decimals, within +-kAmountMax, is refused, never rounded or cut off.
#include "runtime/integer.h"

#include <algorithm>

namespace ringfence {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Appends one digit; false when the result would exceed kAmountMax. `number` is within 0..kAmountMax.
bool append_digit(Int128& number, int digit) noexcept {
  const Int128 next = number * 10 + digit;   // at most 10 * 2^96: no overflow
  if (next > kAmountMax) return false;
  number = next;
  return true;
}

/// Digits with single '_' between them. Moves `at` behind them; false when there is none, a '_' is misplaced, or it is too large.
bool read_whole(const char*& at, const char* end, Int128& number) noexcept {
  if (at == end || !is_digit(*at)) return false;
  while (at != end && (is_digit(*at) || *at == '_')) {
    if (*at == '_') {
      ++at;
      if (at == end || !is_digit(*at)) return false;
    }
    if (!append_digit(number, *at - '0')) return false;
    ++at;
  }
  return true;
}

/// One to `decimals` digits, then as many zeros as are missing. False when there is none, too many, or it is too large.
bool read_decimals(const char*& at, const char* end, unsigned decimals, Int128& number) noexcept {
  unsigned count = 0;
  for (; at != end && is_digit(*at); ++at, ++count) {
    if (count == decimals || !append_digit(number, *at - '0')) return false;
  }
  if (count == 0) return false;
  for (; count < decimals; ++count) {
    if (!append_digit(number, 0)) return false;
  }
  return true;
}

std::string digits_of(UInt128 magnitude) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

UInt128 magnitude_of(Int128 value) noexcept {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

}  // namespace

std::string to_string(Int128 value) { return (value < 0 ? "-" : "") + digits_of(magnitude_of(value)); }

std::string format_decimal(Int128 value, unsigned decimals) {
  std::string digits = digits_of(magnitude_of(value));
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  std::string fraction = digits.substr(digits.size() - decimals);
  digits.resize(digits.size() - decimals);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return (value < 0 ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

bool parse_decimal(const char* begin, const char* end, unsigned decimals, Int128& value) noexcept {
  const char* at = begin;
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  Int128 number = 0;
  if (!read_whole(at, end, number)) return false;
  if (at != end) {
    if (*at != '.') return false;
    ++at;
    if (!read_decimals(at, end, decimals, number)) return false;
  } else {
    for (unsigned i = 0; i < decimals; ++i) {
      if (!append_digit(number, 0)) return false;
    }
  }
  if (at != end) return false;
  value = negative ? -number : number;
  return true;
}

}  // namespace ringfence
