// SPDX-License-Identifier: Apache-2.0
// The part of `load` that checks the way from a transfer to its row (rule_table.md, "Lookup"). Afterwards it leads each transfer
// to the one row that speaks of it and to no other, so that what is decided is what `decode` shows to the verifier. Each cell's
// row agrees with the cell; cells of one key have disjoint roles; and together they have as many roles as the rows.
#include "runtime/load_check.h"

#include <bit>

namespace ringfence::load_check {
namespace {

using namespace format;

/// What a class map says the other way round: per class, which of purposes, roles or assets are in it.
struct Classes {
  std::size_t stride = 0;                          ///< entries of one map
  std::vector<std::uint32_t> first;                ///< one per map, and the end: into members
  std::vector<Mask> members;                       ///< roles: a set. Purposes and assets: the one member
  std::uint32_t count(std::uint32_t map) const noexcept { return first[map + 1] - first[map]; }
  Mask of(std::uint32_t map, std::uint32_t which) const noexcept { return members[first[map] + which]; }
  std::uint32_t map_count() const noexcept { return static_cast<std::uint32_t>(first.size() - 1); }
};

/// Classes are numbered by their first member. `is_set`: a class may have several members.
Failure read_classes(const Image& image, std::span<const std::uint16_t> maps, Section section, std::size_t stride, bool is_set, Classes& classes) {
  classes.stride = stride;
  classes.first.push_back(0);
  if (stride == 0 ? !maps.empty() : maps.size() % stride != 0) return fail_in(image, section, "a class map is incomplete");
  for (std::size_t begin = 0; begin < maps.size(); begin += stride) {
    const std::size_t first = classes.members.size();
    for (std::size_t i = 0; i < stride; ++i) {
      const std::uint16_t& which = maps[begin + i];
      if (which == kNoClass) continue;
      const std::size_t count = classes.members.size() - first;
      if (which > count || (which < count && !is_set)) return fail_at(image, which, "a class map's classes are not numbered by their first member");
      if (which == count) classes.members.push_back(is_set ? Mask{1} << i : Mask{i});
      else classes.members[first + which] |= Mask{1} << i;
    }
    classes.first.push_back(static_cast<std::uint32_t>(classes.members.size()));
  }
  return {};
}

struct Lookup {
  const Image& image;
  Classes purposes, roles, assets;
  std::uint32_t next_block = 0, next_lane = 0, next_cell = 0;
  std::uint64_t role_count = 0;                    ///< roles that some cell leads from to a row
};

struct Key { std::uint32_t from, to, relation, purpose; };

Failure check_cell(Lookup& lookup, const LaneRecord& lane, const Key& key, std::uint32_t role_class, std::uint32_t asset_class) {
  const Image& image = lookup.image;
  const std::uint32_t& cell = image.sections.cells[lane.first_cell + role_class * lane.asset_count + asset_class];
  if (cell == kNone) return {};
  if (cell >= image.sections.rows.size()) return fail_at(image, cell, "the lookup leads to a row that does not exist");
  const RowRecord& row = image.sections.rows[cell];
  const Mask roles = lookup.roles.of(lane.role_map, role_class);
  const bool agrees = row.from == key.from && row.to == key.to && row.relation == key.relation && row.purpose == key.purpose &&
                      row.asset == lookup.assets.of(lane.asset_map, asset_class) && (roles & ~row.roles) == 0;
  if (!agrees) return fail_at(image, cell, "the lookup leads to a row that speaks of another move");
  lookup.role_count += static_cast<std::uint64_t>(std::popcount(roles));
  return {};
}

Failure check_lane(Lookup& lookup, const LaneRecord& lane, const Key& key) {
  const Image& image = lookup.image;
  if (lane.role_map >= lookup.roles.map_count() || lane.asset_map >= lookup.assets.map_count() ||
      lane.role_count != lookup.roles.count(lane.role_map) || lane.asset_count != lookup.assets.count(lane.asset_map))
    return fail_at(image, lane, "a lane's class maps are wrong");
  const std::uint64_t cell_count = std::uint64_t{lane.role_count} * lane.asset_count;
  if (lane.first_cell != lookup.next_cell || !is_run(lane.first_cell, cell_count, image.sections.cells.size())) return fail_at(image, lane.first_cell, "a lane's cells are wrong");
  lookup.next_cell += static_cast<std::uint32_t>(cell_count);
  for (std::uint32_t role_class = 0; role_class < lane.role_count; ++role_class) {
    for (std::uint32_t asset_class = 0; asset_class < lane.asset_count; ++asset_class) {
      if (Failure failure = check_cell(lookup, lane, key, role_class, asset_class)) return failure;
    }
  }
  return {};
}

/// The relation mask and key positions are those of the shared keys of the two buckets.
Failure check_relation(const Image& image, const BlockRecord& block, std::uint32_t from, std::uint32_t to) {
  const std::span<const Index> from_keys = image.list(image.sections.buckets[from].keys), to_keys = image.list(image.sections.buckets[to].keys);
  BlockRecord expected{};
  unsigned shared = 0;
  for (std::uint8_t i = 0; i < from_keys.size(); ++i) {
    const auto there = std::find(to_keys.begin(), to_keys.end(), from_keys[i]);
    if (there == to_keys.end()) continue;
    expected.from_keys[shared] = i;
    expected.to_keys[shared] = static_cast<std::uint8_t>(there - to_keys.begin());
    ++shared;
  }
  if (block.relation_mask != (1u << shared) - 1 || block.reserved != 0 || block.from_keys != expected.from_keys || block.to_keys != expected.to_keys)
    return fail_at(image, block.relation_mask, "a block compares other ids than the shared ones");
  return {};
}

Failure check_block(Lookup& lookup, std::uint32_t from, std::uint32_t to) {
  const Image& image = lookup.image;
  const BlockRecord& block = image.sections.blocks[lookup.next_block++];
  if (Failure failure = check_relation(image, block, from, to)) return failure;
  if (block.purpose_map >= lookup.purposes.map_count() || block.purpose_count != lookup.purposes.count(block.purpose_map)) return fail_at(image, block.purpose_map, "a block's class map is wrong");
  const std::uint64_t lane_count = (std::uint64_t{block.relation_mask} + 1) * block.purpose_count;
  if (block.first_lane != lookup.next_lane || !is_run(block.first_lane, lane_count, image.sections.lanes.size())) return fail_at(image, block.first_lane, "a block's lanes are wrong");
  lookup.next_lane += static_cast<std::uint32_t>(lane_count);
  std::uint32_t lane = block.first_lane;
  for (std::uint32_t relation = 0; relation <= block.relation_mask; ++relation) {
    for (std::uint32_t which = 0; which < block.purpose_count; ++which, ++lane) {
      const auto purpose = static_cast<std::uint32_t>(lookup.purposes.of(block.purpose_map, which));
      if (Failure failure = check_lane(lookup, image.sections.lanes[lane], {from, to, relation, purpose})) return failure;
    }
  }
  return {};
}

Failure check_word(Lookup& lookup, const PairWord& word, std::uint32_t from, std::uint32_t first_to) {
  const Image& image = lookup.image;
  const auto block_count = static_cast<std::uint32_t>(std::popcount(word.bits));
  if (word.first_block != lookup.next_block || word.reserved != 0 || !is_run(word.first_block, block_count, image.sections.blocks.size()))
    return fail_at(image, word.first_block, "a pair word's blocks are wrong");
  for (std::uint64_t bits = word.bits; bits != 0; bits &= bits - 1) {
    const std::uint32_t to = first_to + static_cast<std::uint32_t>(std::countr_zero(bits));
    if (to >= image.sections.buckets.size()) return fail_at(image, word.bits, "a pair word names a bucket that is not declared");
    if (Failure failure = check_block(lookup, from, to)) return failure;
  }
  return {};
}

Failure check_sources(Lookup& lookup) {
  const Image& image = lookup.image;
  const Sections& sections = image.sections;
  if (sections.sources.size() != sections.buckets.size()) return fail_in(image, Section::sources, "there is not one source per bucket");
  std::uint32_t next_word = 0;
  for (std::uint32_t from = 0; from < sections.sources.size(); ++from) {
    const SourceRecord& source = sections.sources[from];
    if (source.key_count != sections.buckets[from].keys.count) return fail_at(image, source.key_count, "a source has another number of keys than its bucket");
    if (source.first_word != next_word || !is_run(next_word, source.word_count, sections.pair_words.size())) return fail_at(image, source.first_word, "a source's pair words are wrong");
    for (std::uint32_t i = 0; i < source.word_count; ++i) {
      if (Failure failure = check_word(lookup, sections.pair_words[next_word + i], from, (source.first_to_word + i) * 64)) return failure;
    }
    next_word += source.word_count;
  }
  if (next_word != sections.pair_words.size() || lookup.next_block != sections.blocks.size() || lookup.next_lane != sections.lanes.size() || lookup.next_cell != sections.cells.size())
    return fail_in(image, Section::cells, "the lookup has parts that nothing leads to");
  return {};
}

}  // namespace

Failure check_lookup(const Image& image) {
  const Sections& sections = image.sections;
  Lookup lookup{image, {}, {}, {}};
  if (Failure failure = read_classes(image, sections.purpose_maps, Section::purpose_maps, sections.purposes.size(), false, lookup.purposes)) return failure;
  if (Failure failure = read_classes(image, sections.role_maps, Section::role_maps, sections.roles.size(), true, lookup.roles)) return failure;
  if (Failure failure = read_classes(image, sections.asset_maps, Section::asset_maps, sections.assets.size(), false, lookup.assets)) return failure;
  if (Failure failure = check_sources(lookup)) return failure;
  std::uint64_t role_count = 0;
  for (const RowRecord& row : sections.rows) role_count += static_cast<std::uint64_t>(std::popcount(row.roles));
  if (role_count != lookup.role_count) return fail_in(image, Section::rows, "there is a row that the lookup does not lead to");
  return {};
}

}  // namespace ringfence::load_check
