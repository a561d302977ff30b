// SPDX-License-Identifier: Apache-2.0
// The part of `emit` that writes the way from a transfer to its row: source -> pair word -> block -> lane -> cell (rule_table.md,
// "Lookup"). Only what occurs takes room: the destinations of one source, the purposes of one pair, the roles and assets of one
// relation and purpose. A step costs the same however many rows there are.
#include <algorithm>

#include "compiler/emit_parts.h"

namespace ringfence {
namespace {

using namespace format;
using Rows = std::span<const Move>;

/// Class maps: equal ones once. A map has one entry per purpose, role or asset of the policy.
class Maps {
 public:
  Maps(std::vector<std::uint16_t>& section, std::size_t stride) : pool_(section), stride_(stride) {}
  std::uint32_t place(const std::vector<std::uint16_t>& map) { return static_cast<std::uint32_t>(pool_.place(map) / stride_); }

 private:
  Pool<std::uint16_t> pool_;
  std::size_t stride_;
};

struct LookupDraft { const Moves& moves; Draft& draft; Maps purposes, roles, assets; };

/// Classes by the order of their first member, as far as `group_of` tells members apart; those in group kNone get no class.
template <class GroupOf>
std::vector<std::uint16_t> classes_of(std::size_t count, std::uint16_t& class_count, GroupOf group_of) {
  std::vector<std::uint16_t> map(count, kNoClass);
  std::vector<std::uint32_t> groups;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t group = group_of(i);
    if (group == kNone) continue;
    const auto found = std::find(groups.begin(), groups.end(), group);
    map[i] = static_cast<std::uint16_t>(found - groups.begin());
    if (found == groups.end()) groups.push_back(group);
  }
  class_count = static_cast<std::uint16_t>(groups.size());
  return map;
}

template <class IsIn>
std::vector<std::uint16_t> members_of(std::size_t count, std::uint16_t& class_count, IsIn is_in) {
  return classes_of(count, class_count, [&](std::size_t i) { return is_in(i) ? static_cast<std::uint32_t>(i) : kNone; });
}

/// Roles are in one class when exactly the same rows have them.
std::vector<std::uint16_t> role_classes(std::size_t role_count, Rows rows, std::uint16_t& class_count) {
  std::vector<Mask> masks;
  for (const Move& row : rows) {
    if (std::find(masks.begin(), masks.end(), row.roles) == masks.end()) masks.push_back(row.roles);
  }
  const auto has = [](Mask mask, std::size_t role) { return (mask >> role & 1u) != 0; };
  return classes_of(role_count, class_count, [&](std::size_t role) {
    if (std::none_of(masks.begin(), masks.end(), [&](Mask mask) { return has(mask, role); })) return kNone;
    std::size_t first = 0;
    while (!std::all_of(masks.begin(), masks.end(), [&](Mask mask) { return has(mask, first) == has(mask, role); })) ++first;
    return static_cast<Index>(first);
  });
}

/// The rows of one (from, to, relation, purpose): possibly none.
LaneRecord lane_of(LookupDraft& lookup, Rows rows) {
  LaneRecord lane{static_cast<std::uint32_t>(lookup.draft.cells.size()), 0, 0, 0, 0};
  const Vocabulary& vocabulary = lookup.moves.vocabulary;
  const auto roles = role_classes(vocabulary.roles.size(), rows, lane.role_count);
  std::vector<bool> has_asset(vocabulary.assets.size());
  for (const Move& row : rows) has_asset[row.asset] = true;
  const auto assets = members_of(vocabulary.assets.size(), lane.asset_count, [&](std::size_t asset) { return has_asset[asset]; });
  lane.role_map = lookup.roles.place(roles);
  lane.asset_map = lookup.assets.place(assets);
  lookup.draft.cells.resize(lookup.draft.cells.size() + std::size_t{lane.role_count} * lane.asset_count, kNone);
  for (const Move& row : rows) {
    const auto index = static_cast<std::uint32_t>(&row - lookup.moves.moves.data());
    for (std::size_t role = 0; role < roles.size(); ++role) {
      if ((row.roles >> role & 1u) != 0) lookup.draft.cells[lane.first_cell + std::size_t{roles[role]} * lane.asset_count + assets[row.asset]] = index;
    }
  }
  return lane;
}

/// The rows from the start of `rows` that agree with the first one, as far as `same` looks. Cuts them off.
template <class Same>
Rows take_while(Rows& rows, Same same) {
  const auto end = std::find_if(rows.begin(), rows.end(), [&](const Move& row) { return !same(row); });
  const Rows taken = rows.first(static_cast<std::size_t>(end - rows.begin()));
  rows = rows.subspan(taken.size());
  return taken;
}

void emit_block(LookupDraft& lookup, Rows rows) {
  const Vocabulary& vocabulary = lookup.moves.vocabulary;
  const Bucket& from = vocabulary.buckets[rows[0].from];
  const Bucket& to = vocabulary.buckets[rows[0].to];
  BlockRecord block{static_cast<std::uint32_t>(lookup.draft.lanes.size()), 0, 0, 0, 0, {}, {}};
  const std::vector<Index> shared = shared_keys(from, to);
  for (std::size_t i = 0; i < shared.size(); ++i) {
    block.from_keys[i] = static_cast<std::uint8_t>(key_position(from.keys, shared[i]));
    block.to_keys[i] = static_cast<std::uint8_t>(key_position(to.keys, shared[i]));
  }
  block.relation_mask = static_cast<std::uint8_t>((1u << shared.size()) - 1);
  std::vector<bool> has_purpose(vocabulary.purposes.size());
  for (const Move& row : rows) has_purpose[row.purpose] = true;
  block.purpose_map = lookup.purposes.place(members_of(has_purpose.size(), block.purpose_count, [&](std::size_t purpose) { return has_purpose[purpose]; }));
  for (unsigned relation = 0; relation <= block.relation_mask; ++relation) {
    for (std::size_t purpose = 0; purpose < has_purpose.size(); ++purpose) {
      if (has_purpose[purpose])
        lookup.draft.lanes.push_back(lane_of(lookup, take_while(rows, [&](const Move& row) { return row.relation == relation && row.purpose == purpose; })));
    }
  }
  assert(rows.empty());   // rows are sorted, and name declared purposes
  lookup.draft.blocks.push_back(block);
}

void emit_source(LookupDraft& lookup, Index from, Rows rows) {
  Draft& draft = lookup.draft;
  SourceRecord source{static_cast<std::uint32_t>(draft.pair_words.size()), 0, 0, static_cast<std::uint32_t>(lookup.moves.vocabulary.buckets[from].keys.size())};
  if (!rows.empty()) {
    source.first_to_word = static_cast<std::uint16_t>(rows.front().to / 64);
    source.word_count = static_cast<std::uint16_t>(rows.back().to / 64 - source.first_to_word + 1);
  }
  for (std::size_t word = source.first_to_word; word < std::size_t{source.first_to_word} + source.word_count; ++word) {
    PairWord pairs{0, static_cast<std::uint32_t>(draft.blocks.size()), 0};
    while (!rows.empty() && rows.front().to / 64 == word) {
      const Index to = rows.front().to;
      pairs.bits |= std::uint64_t{1} << to % 64;
      emit_block(lookup, take_while(rows, [&](const Move& row) { return row.to == to; }));
    }
    draft.pair_words.push_back(pairs);
  }
  draft.sources.push_back(source);
}

}  // namespace

void emit_lookup(const Moves& moves, Draft& draft) {
  const Vocabulary& vocabulary = moves.vocabulary;
  LookupDraft lookup{moves, draft, {draft.purpose_maps, vocabulary.purposes.size()}, {draft.role_maps, vocabulary.roles.size()}, {draft.asset_maps, vocabulary.assets.size()}};
  Rows rows = moves.moves;
  for (Index from = 0; from < vocabulary.buckets.size(); ++from) emit_source(lookup, from, take_while(rows, [&](const Move& row) { return row.from == from; }));
}

}  // namespace ringfence
