// SPDX-License-Identifier: Apache-2.0
// Guards as decision diagrams: what is the same by form is the same in truth. Compared with plain evaluation on every value of small ranges.
#include <catch2/catch.hpp>

#include <functional>

#include "tests/generate/random.h"
#include "verify/difference_solver.h"
#include "verify/guard_diagram.h"

namespace ringfence::equivalence {
namespace {

constexpr Int128 kLow = -2, kHigh = 3;
constexpr Index kFacts = 3;

/// Three facts from -2 to 3, and a machine of four modes.
Vocabulary small_world() {
  Vocabulary vocabulary;
  for (Index i = 0; i < kFacts; ++i) vocabulary.facts.push_back({"f", {}, FactType::Number, kNone, kLow, kHigh, 0, ""});
  vocabulary.machines.push_back({{}, {"a", "b", "c", "d"}});
  return vocabulary;
}

struct World {
  Vocabulary vocabulary = small_world();
  GuardDiagrams diagrams{vocabulary, 100'000};
  World() {
    for (Index i = 0; i < kFacts; ++i) REQUIRE(diagrams.value({SlotKind::Fact, i, kNone, 0, {}}) == i);
    REQUIRE(diagrams.value({SlotKind::Mode, 0, kNone, 0, {}}) == kFacts);
  }
};

using Values = std::vector<Int128>;
using Truth = std::function<bool(const Values&)>;
struct Guarding { Diagram diagram; Truth truth; };

WeightedSum random_sum(generate::Random& random) {
  WeightedSum sum;
  for (std::size_t terms = random.below(4); terms > 0; --terms) sum.terms.emplace_back(random.below(kFacts), Int128{random.below(9)} - 4);
  sum.constant = Int128{random.below(13)} - 6;
  return sum;
}

Int128 total(const WeightedSum& sum, const Values& values) {
  Int128 result = sum.constant;
  for (const auto& [value, coefficient] : sum.terms) result += coefficient * values[value];
  return result;
}

Guarding random_guard(generate::Random& random, GuardDiagrams& diagrams, unsigned depth) {
  const std::uint32_t kind = random.below(depth == 0 ? 3 : 6);
  if (kind == 2) {
    const Mask modes = random.below(16);
    return {diagrams.in_set(kFacts, modes), [modes](const Values& values) { return (modes >> static_cast<unsigned>(values[kFacts]) & 1) != 0; }};
  }
  if (kind < 2) {
    const WeightedSum sum = random_sum(random);
    if (kind == 0) return {diagrams.at_least_zero(sum), [sum](const Values& values) { return total(sum, values) >= 0; }};
    return {diagrams.is_zero(sum), [sum](const Values& values) { return total(sum, values) == 0; }};
  }
  const Guarding a = random_guard(random, diagrams, depth - 1), b = random_guard(random, diagrams, depth - 1);
  if (kind == 3) return {diagrams.both(a.diagram, b.diagram), [=](const Values& values) { return a.truth(values) && b.truth(values); }};
  if (kind == 4) return {diagrams.either(a.diagram, b.diagram), [=](const Values& values) { return a.truth(values) || b.truth(values); }};
  return {diagrams.difference(a.diagram, b.diagram), [=](const Values& values) { return a.truth(values) != b.truth(values); }};
}

template <class Use>
void each_value(const Use& use) {
  for (Int128 a = kLow; a <= kHigh; ++a)
    for (Int128 b = kLow; b <= kHigh; ++b)
      for (Int128 c = kLow; c <= kHigh; ++c)
        for (Int128 mode = 0; mode < 4; ++mode) use(Values{a, b, c, mode});
}

TEST_CASE("a diagram holds exactly where its guard does, and the solver agrees") {
  DifferenceSolver solver(10'000);
  std::size_t same_by_form = 0, same_by_solver = 0, different = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    generate::Random random(seed);
    World world;
    const Guarding first = random_guard(random, world.diagrams, 3);
    Guarding second = random_guard(random, world.diagrams, 3);
    if (seed % 2 == 0) {   // or something that never is, though not by form: at least 2 and less than 1
      GuardDiagrams& diagrams = world.diagrams;
      const Diagram never = diagrams.both(diagrams.at_least_zero({{{0, 1}}, -2}), diagrams.negation(diagrams.at_least_zero({{{0, 1}}, -1})));
      second = {diagrams.either(first.diagram, never), first.truth};
    }
    bool alike = true;
    each_value([&](const Values& values) {
      if (world.diagrams.holds(first.diagram, values) != first.truth(values)) FAIL("the diagram is not the guard");
      alike = alike && first.truth(values) == second.truth(values);
    });
    REQUIRE(world.diagrams.problem().empty());
    if (first.diagram == second.diagram) REQUIRE(alike);
    const Diagram apart = world.diagrams.difference(first.diagram, second.diagram);
    const Search search = solver.find(world.diagrams, apart);
    REQUIRE(search.answer == (alike ? Search::Answer::None : Search::Answer::Found));
    if (!alike) REQUIRE(first.truth(search.example.values) != second.truth(search.example.values));
    (first.diagram == second.diagram ? same_by_form : alike ? same_by_solver : different) += 1;
  }
  CHECK(same_by_form > 5);
  CHECK(same_by_solver > 5);
  CHECK(different > 100);
}

TEST_CASE("one comparison has one form") {
  World world;
  GuardDiagrams& diagrams = world.diagrams;
  const Diagram form = diagrams.at_least_zero({{{0, 2}, {1, -3}}, 1});
  CHECK(diagrams.at_least_zero({{{1, -6}, {0, 4}}, 3}) == form);                 // 4a - 6b + 3 >= 0 as 2a - 3b + 1 >= 0, in whole numbers
  CHECK(diagrams.at_least_zero({{{0, 1}, {1, -3}, {0, 1}}, 1}) == form);
  CHECK(diagrams.negation(diagrams.at_least_zero({{{0, -2}, {1, 3}}, -2})) == form);
  CHECK(diagrams.at_least_zero({{{0, 2}, {1, -3}}, 0}) != form);
  CHECK(diagrams.is_zero({{{0, 2}, {1, -4}}, 1}) == kNever);
  CHECK(diagrams.is_zero({{{0, -1}}, 3}) == diagrams.at_least_zero({{{0, 1}}, -3}));   // the greatest value
  CHECK(diagrams.at_least_zero({{{0, 1}}, 2}) == kAlways);
  CHECK(diagrams.at_least_zero({{{0, 1}}, -4}) == kNever);
  CHECK(diagrams.in_set(kFacts, 0b0011) == diagrams.negation(diagrams.in_set(kFacts, 0b1100)));
  CHECK(diagrams.in_set(kFacts, ~Mask{0}) == kAlways);
}

TEST_CASE("what outgrows its bounds is a problem, and nothing is told of it") {
  World world;
  static_cast<void>(world.diagrams.at_least_zero({{{0, kInt128Max}, {0, 1}}, 0}));
  CHECK(world.diagrams.problem().find("128 bits") != std::string::npos);
  const Vocabulary vocabulary = small_world();
  GuardDiagrams few(vocabulary, 3);
  for (Index i = 0; i < kFacts; ++i) static_cast<void>(few.at_least_zero({{{few.value({SlotKind::Fact, i, kNone, 0, {}}), 1}}, 0}));
  CHECK(few.problem().find("choices") != std::string::npos);
  GuardDiagrams wide(vocabulary, 1'000);
  const Index a = wide.value({SlotKind::Fact, 0, kNone, 0, {}}), b = wide.value({SlotKind::Fact, 1, kNone, 0, {}});
  CHECK_FALSE(wide.holds(wide.at_least_zero({{{a, kInt128Max / 2}, {b, kInt128Max / 2 - 1}}, 0}), {3, 3}));
}

}  // namespace
}  // namespace ringfence::equivalence
