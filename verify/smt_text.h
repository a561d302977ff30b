// SPDX-License-Identifier: Apache-2.0
// SMT-LIB 2 terms as text: the few shapes that certificates are made of.
#pragma once

#include <string>
#include <vector>

#include "compiler/moves.h"

namespace ringfence::smt {

/// A line of comment. It may quote a policy, and a table is anybody's: nothing in it can end the line.
std::string comment(std::string text);
std::string number(Int128 value);                                      ///< 5   (- 5)
std::string all(const std::vector<std::string>& terms);                ///< (and a b)   a   true
std::string any(const std::vector<std::string>& terms);                ///< (or a b)   a   false
std::string negation(const std::string& term);                         ///< (not a)
std::string equal(const std::string& a, const std::string& b);         ///< (= a b)
std::string choice(const std::string& condition, const std::string& a, const std::string& b);  ///< (ite c a b)
std::string second_of_day(const std::string& instant);                 ///< (mod (div t 1000) 86400)
std::string sum(const std::vector<std::string>& terms);                ///< (+ a b)   a   0
std::string apply(const std::string& function, const std::vector<std::string>& arguments);     ///< (f a b)   f
/// `term` is one of the values: runs of them as ranges.
std::string one_of(const std::string& term, const std::vector<Index>& sorted);
std::string one_of(const std::string& term, Mask values);
/// True exactly when all clauses of the statement hold; slot i is the constant v<i>.
std::string holds(const Guarded&);

}  // namespace ringfence::smt
