// SPDX-License-Identifier: Apache-2.0
// Exact fractions for the reference interpreter: plain, reduced after every step, and checked. An operation that would leave 128 bits
// throws, because a policy whose guards could do that must not have compiled (language reference, 7.2).
#pragma once

#include <stdexcept>

#include "runtime/integer.h"

namespace ringfence::reference {

class Fraction {
 public:
  Fraction(Int128 numerator = 0, Int128 denominator = 1) : numerator_(numerator), denominator_(denominator) {
    if (denominator <= 0) throw std::logic_error("a fraction's denominator is not positive");
    const Int128 divisor = common_divisor(numerator < 0 ? -numerator : numerator, denominator);
    numerator_ /= divisor;
    denominator_ /= divisor;
  }
  Fraction operator+(const Fraction& other) const {
    const Int128 shared = common_divisor(denominator_, other.denominator_);
    const Int128 mine = multiply(numerator_, other.denominator_ / shared);
    const Int128 theirs = multiply(other.numerator_, denominator_ / shared);
    Int128 sum = 0;
    if (__builtin_add_overflow(mine, theirs, &sum)) throw std::overflow_error("a guard left 128 bits");
    return {sum, multiply(denominator_, other.denominator_ / shared)};
  }
  Fraction operator*(const Fraction& other) const {
    const Fraction left(numerator_, other.denominator_), right(other.numerator_, denominator_);  // reduced crosswise first
    return {multiply(left.numerator_, right.numerator_), multiply(left.denominator_, right.denominator_)};
  }
  Fraction operator-(const Fraction& other) const { return *this + other * Fraction(-1); }
  /// -1, 0 or 1.
  int sign() const noexcept { return numerator_ < 0 ? -1 : numerator_ > 0 ? 1 : 0; }

 private:
  static Int128 common_divisor(Int128 a, Int128 b) noexcept {
    while (b != 0) {
      const Int128 rest = a % b;
      a = b;
      b = rest;
    }
    return a == 0 ? 1 : a;
  }
  static Int128 multiply(Int128 a, Int128 b) {
    Int128 product = 0;
    if (__builtin_mul_overflow(a, b, &product)) throw std::overflow_error("a guard left 128 bits");
    return product;
  }
  Int128 numerator_, denominator_;
};

}  // namespace ringfence::reference
