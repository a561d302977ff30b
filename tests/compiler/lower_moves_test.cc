// SPDX-License-Identifier: Apache-2.0
// Language reference 4.1 to 4.4, 5 and 8.2, for any rules at all: for every (from, to, relation, purpose, asset, role) there is at most
// one row, there is one exactly when an allow rule speaks of it, and on it are exactly the statements that do, in text order.
#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <random>

#include "tests/compiler/typed_sample.h"

namespace ringfence {
namespace {

using namespace small;

bool has(const std::vector<Index>& list, Index index) { return std::find(list.begin(), list.end(), index) != list.end(); }

struct Place { Index from, to; Relation relation; Index purpose, asset, role; };

bool admits(const std::vector<Pair>& pairs, const Place& place) {
  for (const Pair& pair : pairs) {
    if (pair.from != place.from || pair.to != place.to) continue;
    bool fits = true;
    for (std::size_t i = 0; i < pair.matches.size(); ++i) {
      const bool differs = (place.relation >> i & 1) != 0;
      fits = fits && (pair.matches[i] == Match::Any || (pair.matches[i] == Match::Other) == differs);
    }
    return fits;
  }
  return false;
}

bool speaks(const TypedRule& rule, const Place& place) {
  return has(rule.purposes, place.purpose) && has(rule.assets, place.asset) && (rule.roles >> place.role & 1) != 0 && admits(rule.pairs, place);
}

struct Expected { std::vector<Index> allows, denies, floors, limits; bool operator==(const Expected&) const = default; };

Expected expected_at(const TypedPolicy& p, const Place& place) {
  Expected e;
  Index statement = 0;
  for (const TypedRule& rule : p.rules) {
    if (speaks(rule, place)) (rule.effect == Effect::Allow ? e.allows : e.denies).push_back(statement);
    ++statement;
  }
  if (e.allows.empty()) return {};
  for (const TypedFloor& floor : p.floors) {
    if (floor.bucket == place.from && has(floor.assets, place.asset)) e.floors.push_back(statement);
    ++statement;
  }
  for (const TypedLimit& limit : p.limits) {
    if (limit.asset == place.asset && has(limit.purposes, place.purpose) && admits(limit.pairs, place)) e.limits.push_back(statement);
    ++statement;
  }
  return e;
}

Expected found_at(const Moves& moves, const Place& place) {
  Expected e;
  const auto indexes = [](const std::vector<Guarded>& list) {
    std::vector<Index> out;
    for (const Guarded& guarded : list) out.push_back(guarded.statement);
    return out;
  };
  std::size_t rows = 0;
  for (const Move& move : moves.moves) {
    if (move.from != place.from || move.to != place.to || move.relation != place.relation || move.purpose != place.purpose ||
        move.asset != place.asset || (move.roles >> place.role & 1) == 0)
      continue;
    e = {indexes(move.allows), indexes(move.denies), indexes(move.floors), indexes(move.limits)};
    ++rows;
  }
  REQUIRE(rows <= 1);
  return e;
}

class RandomPolicies {
 public:
  explicit RandomPolicies(std::uint32_t seed) : random_(seed) {}

  TypedPolicy policy() {
    TypedPolicy p;
    p.vocabulary = vocabulary();
    for (std::size_t i = 0, count = upto(6); i < count; ++i) p.rules.push_back(rule());
    for (std::size_t i = 0, count = upto(2); i < count; ++i) p.floors.push_back({{}, {}, bucket(), some(2), number(1), {}});
    for (std::size_t i = 0, count = upto(2); i < count; ++i) p.limits.push_back({{}, {}, some(2), pairs(), static_cast<Index>(upto(1)), {}, number(1), 0, {}});
    std::erase_if(p.floors, [&](const TypedFloor& floor) { return p.vocabulary.buckets[floor.bucket].external; });
    return p;
  }

 private:
  std::size_t upto(std::size_t most) { return random_() % (most + 1); }
  Index bucket() { return static_cast<Index>(upto(3)); }   // wallet, margin, fees, bank: few, so that rules meet
  std::vector<Index> some(Index count) {
    std::vector<Index> list;
    for (Index i = 0; i < count; ++i)
      if (upto(2) != 0) list.push_back(i);
    if (list.empty()) list.push_back(static_cast<Index>(upto(count - 1)));
    return list;
  }
  std::vector<Pair> pairs() {
    const Vocabulary v = vocabulary();
    std::vector<Pair> list;
    for (Index from = 0; from < 4; ++from)
      for (Index to = 0; to < 4; ++to) {
        if (upto(2) != 0) continue;
        Pair pair{from, to, {}};
        for (std::size_t i = shared_keys(v.buckets[from], v.buckets[to]).size(); i > 0; --i) pair.matches.push_back(static_cast<Match>(upto(2)));
        list.push_back(pair);
      }
    return list;
  }
  TypedRule rule() {
    TypedRule r = small::rule(upto(2) == 0 ? Effect::Deny : Effect::Allow, {}, 1 + upto(6));
    r.purposes = some(2);
    r.assets = some(2);
    r.pairs = pairs();
    return r;
  }
  std::mt19937 random_;
};

/// Calls `use` with every place that a transfer could have, whether or not a rule speaks of it.
template <class Use>
void each_place(const Vocabulary& v, const Use& use) {
  for (Index from = 0; from < 4; ++from)
    for (Index to = 0; to < 4; ++to) {
      const auto shared = shared_keys(v.buckets[from], v.buckets[to]).size();
      for (unsigned relation = from == to ? 1 : 0; relation < 1u << shared; ++relation)
        for (Index rest = 0; rest < 2 * 2 * 3; ++rest) use(Place{from, to, static_cast<Relation>(relation), rest % 2, rest / 2 % 2, rest / 4});
    }
}

bool in_order(const Move& a, const Move& b) {
  const auto key = [](const Move& m) { return std::tuple(m.from, m.to, m.relation, m.purpose, m.asset, std::countr_zero(m.roles)); };
  return key(a) < key(b);
}

TEST_CASE("Rows are exactly what the rules say, on every place of random policies", "[lower]") {
  RandomPolicies random(4711);
  std::size_t rows = 0;
  for (int i = 0; i < 300; ++i) {
    const TypedPolicy p = random.policy();
    const Moves moves = lowered(p);
    rows += moves.moves.size();
    REQUIRE(std::adjacent_find(moves.moves.begin(), moves.moves.end(), [](const Move& a, const Move& b) { return !in_order(a, b); }) == moves.moves.end());
    each_place(p.vocabulary, [&](const Place& place) {
      if (!(found_at(moves, place) == expected_at(p, place)))
        FAIL("policy " << i << ", " << place.from << " -> " << place.to << " relation " << unsigned{place.relation} << '\n' << dump(p) << dump(moves));
    });
  }
  CHECK(rows > 3000);
}

}  // namespace
}  // namespace ringfence
