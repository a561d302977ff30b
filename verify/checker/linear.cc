// SPDX-License-Identifier: Apache-2.0
// See linear.h. A. Schrijver, Theory of Linear and Integer Programming (1986), 12.2; the rounding is the Omega test's (W. Pugh, 1991).
#include "linear.h"

#include <algorithm>
#include <map>
#include <utility>

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

/// Which variable is eliminated first: the one that makes the fewest inequalities, or the one that loses the least of what integers alone say. It loses
/// nothing where it has no factor on one side (Pugh's exact elimination); and of two with factors, the larger is better rounded last.
enum class First : bool { Fewest, Exact };

std::optional<std::size_t> next_variable(const System& system, First first) {
  std::optional<std::size_t> best;
  std::pair<Wide, std::size_t> best_cost;
  for (std::size_t i = 0; i < system.begin()->first.size(); ++i) {
    std::size_t above = 0, below = 0;
    Wide factor_above = 1, factor_below = 1;
    for (const auto& [coefficients, constant] : system) {
      above += coefficients[i] > 0;
      below += coefficients[i] < 0;
      factor_above = std::max(factor_above, coefficients[i]);
      factor_below = std::max(factor_below, multiply(coefficients[i], -1));
    }
    const std::pair<Wide, std::size_t> cost{first == First::Exact ? std::min(factor_above, factor_below) : 1, above * below};
    if (above + below == 0 || (best && cost >= best_cost)) continue;
    best = i;
    best_cost = cost;
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

/// A variable that was eliminated, and the inequalities that bound it.
struct Eliminated { std::size_t variable = 0; std::vector<Inequality> bounds; };

Solvable eliminate(System system, First first, std::vector<Eliminated>& order) {
  bool left_out = false;   // leaving an inequality out makes more possible
  while (!system.empty()) {
    const auto variable = next_variable(system, first);
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
    order.push_back({*variable, {}});
    for (const auto* side : {&above, &below})
      for (const auto& [coefficients, constant] : *side) order.back().bounds.push_back({coefficients, constant});
    system = std::move(rest);
  }
  return left_out ? Solvable::GaveUp : Solvable::Maybe;
}

Wide rounded_down(Wide a, Wide b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

/// Values for the variables in the opposite order, each the nearest to zero that its bounds leave; false where they leave no integer.
bool choose(const std::vector<Eliminated>& order, std::vector<Wide>& integers) {
  for (std::size_t i = order.size(); i-- > 0;) {
    std::optional<Wide> least, most;
    for (const auto& [coefficients, constant] : order[i].bounds) {
      Wide rest = constant;
      for (std::size_t k = 0; k < coefficients.size(); ++k)
        if (k != order[i].variable) rest = add(rest, multiply(coefficients[k], integers[k]));
      const Wide own = coefficients[order[i].variable];
      if (own > 0) least = std::max(least.value_or(-rounded_down(rest, own)), -rounded_down(rest, own));
      else most = std::min(most.value_or(rounded_down(rest, -own)), rounded_down(rest, -own));
    }
    if (least && most && *least > *most) return false;
    Wide& value = integers[order[i].variable];
    value = least && *least > 0 ? *least : most && *most < 0 ? *most : Wide{0};
  }
  return true;
}

/// The inequalities rounded, each once; nothing when one without a variable does not hold.
std::optional<System> system_of(std::vector<Inequality> inequalities) {
  System system;
  for (Inequality& each : inequalities)
    if (!put(system, std::move(each))) return std::nullopt;
  return system;
}

}  // namespace

Solvable solve(std::vector<Inequality> inequalities, std::optional<std::vector<Wide>>& integers) {
  integers.reset();
  try {
    std::vector<Wide> values(inequalities.empty() ? 0 : inequalities[0].coefficients.size(), 0);
    auto system = system_of(std::move(inequalities));
    if (!system) return Solvable::No;
    for (const First first : {First::Fewest, First::Exact}) {
      std::vector<Eliminated> order;
      const Solvable answer = eliminate(*system, first, order);
      if (answer != Solvable::Maybe) return first == First::Fewest || answer == Solvable::No ? answer : Solvable::Maybe;
      values.assign(values.size(), 0);
      if (choose(order, values)) integers = values;
      if (integers) break;
    }
    return Solvable::Maybe;
  } catch (const Overflow&) {
    return Solvable::GaveUp;
  }
}

}  // namespace checker
