// SPDX-License-Identifier: Apache-2.0
// Patterns of buckets, and the pairs that two of them stand for. Language reference, 4.2 to 4.4: what is written on both sides is the
// same, `other` differs, `any` is open; what is not written is the same in an allow rule and open in a deny rule or a limit.
#include "compiler/check_patterns.h"

#include <fmt/core.h>

#include <algorithm>

namespace ringfence::checking {
namespace {

const char* word(Match match) { return match == Match::Other ? "other" : "any"; }

/// The entities that a pattern writes, each with its word.
struct Written { Index entity = kNone; Match match = Match::Same; SourceRange range; bool has_meaning = false; };
struct Side { std::vector<Index> buckets; std::vector<Written> written; };

Written* find_written(Side& side, Index entity) {
  for (Written& written : side.written)
    if (written.entity == entity) return &written;
  return nullptr;
}

/// False after a diagnostic.
bool add_written(State& state, Side& side, Index entity, Match match, SourceRange range) {
  const Entity& found = state.policy.vocabulary.entities[entity];
  if (match != Match::Same && !found.many) {
    state.error("E0312", range, fmt::format("there is only one `{}`, so `{}` says nothing", found.name, word(match)), fmt::format("leave out `{}`", word(match)));
    return false;
  }
  if (found.many) side.written.push_back({entity, match, range, false});
  return true;
}

std::optional<Side> expand_named(State& state, const PatternAst& pattern) {
  const auto index = state.find(Kind::Place, full_name(pattern), pattern.range);
  if (!index) return std::nullopt;
  const Bucket& bucket = state.policy.vocabulary.buckets[*index];
  const bool owner_many = state.policy.vocabulary.entities[bucket.owner].many;
  if (!brackets_fit(state, pattern, bucket.keys, owner_many, bucket.name)) return std::nullopt;
  Side side{{*index}, {}};
  bool good = add_written(state, side, bucket.owner, pattern.match, pattern.range);
  for (std::size_t i = 0; i < pattern.keys.size(); ++i)
    good = add_written(state, side, bucket.keys[i + (owner_many ? 1 : 0)], pattern.keys[i].match, pattern.keys[i].entity.range) && good;
  return good ? std::optional(std::move(side)) : std::nullopt;
}

std::optional<Side> expand_side(State& state, const PatternAst& pattern) {
  Side side;
  if (pattern.everything) {
    for (Index i = 0; i < state.policy.vocabulary.buckets.size(); ++i) side.buckets.push_back(i);
    return side;
  }
  if (pattern.bucket) return expand_named(state, pattern);
  const auto owner = state.find(Kind::Entity, *pattern.owner);
  if (!owner) return std::nullopt;
  const std::string& name = pattern.owner->text;
  if (!pattern.all_of_owner) {
    state.error("E0220", pattern.range, fmt::format("a move is between buckets, and `{}` is an entity", name), fmt::format("write one of its buckets, or `{}.*` for all", name));
    return std::nullopt;
  }
  side.buckets = state.owned[*owner];
  if (side.buckets.empty()) {
    state.error("E0218", pattern.range, fmt::format("`{}` owns no bucket and no external", name));
    return std::nullopt;
  }
  if (!add_written(state, side, *owner, pattern.match, pattern.range)) return std::nullopt;
  return side;
}

struct Expansion {
  State& state;
  Side& from;
  Side& to;
  bool narrow;
  bool failed = false;

  std::string name(Index a, Index b) const {
    const auto& buckets = state.policy.vocabulary.buckets;
    return fmt::format("{} -> {}", buckets[a].name, buckets[b].name);
  }

  /// How the ids of an entity that keys both sides relate.
  Match match_of(Index entity) {
    Written* left = find_written(from, entity);
    Written* right = find_written(to, entity);
    for (Written* side : {left, right})
      if (side != nullptr) side->has_meaning = true;
    if (left != nullptr && left->match != Match::Same) return left->match;
    if (right != nullptr && right->match != Match::Same) return right->match;
    return (left != nullptr && right != nullptr) || narrow ? Match::Same : Match::Any;
  }

  /// `other E` must mean something on every pair.
  void require_shared(const Side& side, const std::vector<Index>& shared, Index a, Index b) {
    for (const Written& written : side.written) {
      if (written.match != Match::Other || key_position(shared, written.entity) != kNone || failed) continue;
      failed = true;
      const std::string& entity = state.policy.vocabulary.entities[written.entity].name;
      state.error("E0313", written.range, fmt::format("`other {}` has no meaning for {}: only one side has a `{}`", entity, name(a, b), entity),
                  fmt::format("leave out `other`, or name buckets that are keyed by `{}` on both sides", entity));
    }
  }

  std::vector<Pair> run() {
    const auto& buckets = state.policy.vocabulary.buckets;
    std::vector<Pair> pairs;
    for (const Index a : from.buckets) {
      for (const Index b : to.buckets) {
        Pair pair{a, b, {}};
        const std::vector<Index> shared = shared_keys(buckets[a], buckets[b]);
        for (const Index entity : shared) pair.matches.push_back(match_of(entity));
        require_shared(from, shared, a, b);
        require_shared(to, shared, a, b);
        const bool itself = a == b && std::all_of(pair.matches.begin(), pair.matches.end(), [](Match m) { return m == Match::Same; });
        if (!itself) pairs.push_back(std::move(pair));
      }
    }
    return pairs;
  }
};

/// `other` on both sides, or `other` against `any`. True after a diagnostic.
bool contradict(State& state, Side& from, Side& to) {
  for (const Written& left : from.written) {
    const Written* right = find_written(to, left.entity);
    if (right == nullptr || left.match == Match::Same || right->match == Match::Same) continue;
    if (left.match == Match::Any && right->match == Match::Any) continue;
    state.error("E0316", right->range, fmt::format("`{}` stands on both sides of the arrow with a word of its own", state.policy.vocabulary.entities[left.entity].name),
                "write `other` or `any` on one side only");
    return true;
  }
  return false;
}

/// `any E` must mean something on some pair. True after a diagnostic.
bool idle_word(State& state, const Side& side) {
  for (const Written& written : side.written) {
    if (written.match != Match::Any || written.has_meaning) continue;
    const std::string& entity = state.policy.vocabulary.entities[written.entity].name;
    state.error("E0313", written.range, fmt::format("`any {}` has no meaning here: the other side has no `{}`", entity, entity), "leave out `any`");
    return true;
  }
  return false;
}

}  // namespace

std::string full_name(const PatternAst& pattern) {
  return (pattern.owner ? pattern.owner->text : std::string()) + '.' + (pattern.bucket ? pattern.bucket->text : std::string());
}

bool no_words(State& state, const PatternAst& pattern, const char* what) {
  Match match = pattern.match;
  for (const KeyAst& key : pattern.keys)
    if (match == Match::Same) match = key.summed ? Match::Any : key.match;
  if (match == Match::Same) return true;
  state.error("E0220", pattern.range, fmt::format("{} can't say `{}` here", what, word(match)), fmt::format("leave out `{}`", word(match)));
  return false;
}

bool brackets_fit(State& state, const PatternAst& pattern, const std::vector<Index>& keys, bool owner_many, const std::string& name) {
  if (!pattern.brackets) return true;
  const auto& entities = state.policy.vocabulary.entities;
  const std::size_t skip = owner_many ? 1 : 0;
  bool same = pattern.keys.size() + skip == keys.size(), known = true;
  std::string expected;
  for (std::size_t i = skip; i < keys.size(); ++i) expected += (expected.empty() ? "" : ", ") + entities[keys[i]].name;
  for (std::size_t i = 0; i < pattern.keys.size(); ++i) {
    const auto entity = state.find(Kind::Entity, pattern.keys[i].entity);
    known = known && entity;
    same = same && entity && *entity == keys[i + skip];
  }
  if (same || !known) return same;
  state.error("E0314", pattern.range, expected.empty() ? fmt::format("`{}` has no keys in brackets", name) : fmt::format("the keys of `{}` in brackets are [{}]", name, expected),
              expected.empty() ? "leave out the brackets" : fmt::format("write `{}[{}]`, or leave out the brackets", name, expected));
  return false;
}

std::optional<Index> one_bucket(State& state, const PatternAst& pattern, const char* what) {
  if (pattern.everything || pattern.all_of_owner || !pattern.bucket) {
    state.error("E0220", pattern.range, fmt::format("{} speaks of one bucket here", what), "write it as `Client.wallet`");
    return std::nullopt;
  }
  const auto index = state.find(Kind::Place, full_name(pattern), pattern.range);
  if (!index || !no_words(state, pattern, what)) return std::nullopt;
  const Bucket& bucket = state.policy.vocabulary.buckets[*index];
  if (!brackets_fit(state, pattern, bucket.keys, state.policy.vocabulary.entities[bucket.owner].many, bucket.name)) return std::nullopt;
  return index;
}

std::optional<std::vector<Pair>> expand_pairs(State& state, const PatternAst& from_pattern, const PatternAst& to_pattern, bool narrow) {
  auto from = expand_side(state, from_pattern);
  auto to = expand_side(state, to_pattern);
  if (!from || !to || contradict(state, *from, *to)) return std::nullopt;
  const SourceRange range{from_pattern.range.begin, to_pattern.range.end};
  const std::size_t count = from->buckets.size() * to->buckets.size();
  if (count > state.pairs_left) {
    state.error("E0315", range, fmt::format("with this pattern the rules stand for more than {} pairs of buckets", state.limits.moves), "name fewer buckets");
    return std::nullopt;
  }
  state.pairs_left -= count;
  Expansion expansion{state, *from, *to, narrow};
  std::vector<Pair> pairs = expansion.run();
  if (expansion.failed || idle_word(state, *from) || idle_word(state, *to)) return std::nullopt;
  if (!pairs.empty()) return pairs;
  const Bucket& bucket = state.policy.vocabulary.buckets[from->buckets.front()];
  state.error("E0311", range, "this could only be a move from an instance to itself, which is not a transfer",
              bucket.keys.empty() ? "name another bucket on one side"
                                  : fmt::format("write `other {}` on one side", state.policy.vocabulary.entities[bucket.keys.back()].name));
  return std::nullopt;
}

}  // namespace ringfence::checking
