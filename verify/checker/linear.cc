// SPDX-License-Identifier: Apache-2.0
// See linear.h. A. Schrijver, Theory of Linear and Integer Programming (1986), 12.2; the rounding is the Omega test's (W. Pugh, 1991).
#include "linear.h"

#include <algorithm>
#include <map>
#include <optional>

namespace checker {
namespace {

constexpr std::size_t kInequalitiesMax = 3'000;

struct Overflow {};

Wide add(Wide a, Wide b) {
  Wide sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) throw Overflow{};
  return sum;
}
Wide multiply(Wide a, Wide b) {
  Wide product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw Overflow{};
  return product;
}
Wide magnitude(Wide a) { return a < 0 ? multiply(a, -1) : a; }
Wide divisor(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/// By their coefficients, each the tightest: the lowest constant.
using System = std::map<std::vector<Wide>, Wide>;

/// False when the inequality has no variable and does not hold.
bool put(System& system, Inequality inequality) {
  Wide common = 0;
  for (const Wide coefficient : inequality.coefficients) common = divisor(magnitude(coefficient), common);
  if (common == 0) return inequality.constant >= 0;
  for (Wide& coefficient : inequality.coefficients) coefficient /= common;
  const Wide rest = ((inequality.constant % common) + common) % common;
  const Wide rounded = add(inequality.constant, -rest) / common;   // integers: rounded down
  const auto [place, is_new] = system.emplace(std::move(inequality.coefficients), rounded);
  if (!is_new) place->second = std::min(place->second, rounded);
  return true;
}

/// The variable whose elimination makes the fewest inequalities.
std::optional<std::size_t> cheapest(const System& system) {
  std::optional<std::size_t> best;
  std::size_t best_made = 0;
  for (std::size_t i = 0; i < system.begin()->first.size(); ++i) {
    std::size_t above = 0, below = 0;
    for (const auto& [coefficients, constant] : system) {
      above += coefficients[i] > 0;
      below += coefficients[i] < 0;
    }
    if (above + below == 0 || (best && above * below >= best_made)) continue;
    best = i;
    best_made = above * below;
  }
  return best;
}

Inequality combined(const System::value_type& above, const System::value_type& below, std::size_t variable) {
  const Wide a = above.first[variable], b = -below.first[variable], common = divisor(a, b);
  Inequality sum{{}, add(multiply(above.second, b / common), multiply(below.second, a / common))};
  for (std::size_t i = 0; i < above.first.size(); ++i)
    sum.coefficients.push_back(add(multiply(above.first[i], b / common), multiply(below.first[i], a / common)));
  return sum;
}

Solvable eliminate(System system) {
  bool left_out = false;   // leaving an inequality out makes more possible
  while (!system.empty()) {
    const auto variable = cheapest(system);
    if (!variable) break;
    System rest;
    std::vector<System::value_type> above, below;
    for (const auto& each : system) {
      if (each.first[*variable] > 0) above.push_back(each);
      else if (each.first[*variable] < 0) below.push_back(each);
      else rest.insert(each);
    }
    for (const auto& one : above)
      for (const auto& other : below) {
        try {
          if (!put(rest, combined(one, other, *variable))) return Solvable::No;
        } catch (const Overflow&) {
          left_out = true;
        }
        if (rest.size() > kInequalitiesMax) return Solvable::GaveUp;
      }
    system = std::move(rest);
  }
  return left_out ? Solvable::GaveUp : Solvable::Maybe;
}

}  // namespace

Solvable solvable(std::vector<Inequality> inequalities) {
  try {
    System system;
    for (Inequality& each : inequalities)
      if (!put(system, std::move(each))) return Solvable::No;
    return eliminate(std::move(system));
  } catch (const Overflow&) {
    return Solvable::GaveUp;
  }
}

}  // namespace checker
