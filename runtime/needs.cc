// SPDX-License-Identifier: Apache-2.0
// Language reference, 8.1 and 8.2: whether a transfer or change of mode is well formed, and the row that speaks of it. No allocation, no exception.
#include <algorithm>
#include <array>

#include "runtime/decide.h"
#include "runtime/form.h"
#include "runtime/rule_table_image.h"

namespace ringfence {
namespace {

using namespace format;
using Image = RuleTable::Image;

// ---- 8.1

bool has_keys(const Instance& instance, std::uint32_t key_count) noexcept {
  std::uint64_t unused = 0;
  for (std::uint32_t i = 0; i < kKeysMax; ++i) unused |= i < key_count ? 0 : instance.ids[i];
  return instance.id_count == key_count && unused == 0;
}

Reason check_form(const Image& image, const Transfer& transfer) noexcept {
  const Sections& sections = image.sections;
  if (transfer.purpose >= sections.purposes.size() || transfer.asset >= sections.assets.size() || transfer.from.target >= sections.sources.size() ||
      transfer.to.target >= sections.sources.size() || !is_known(image, transfer.authority))
    return Reason::UnknownName;
  if (!has_keys(transfer.from, sections.sources[transfer.from.target].key_count) || !has_keys(transfer.to, sections.sources[transfer.to.target].key_count) ||
      !has_approvals(image, transfer.authority.approvals))
    return Reason::Malformed;
  if (transfer.amount < 1 || transfer.amount > kAmountMax) return Reason::AmountOutOfRange;
  return transfer.from == transfer.to ? Reason::SameInstance : Reason::Allowed;
}

Reason check_form(const Image& image, const ModeChange& change) noexcept {
  const Sections& sections = image.sections;
  if (change.subject.target >= sections.machines.size()) return Reason::UnknownName;
  const MachineRecord& machine = sections.machines[change.subject.target];
  if (change.to_mode >= machine.mode_count || !is_known(image, change.authority)) return Reason::UnknownName;
  if (!has_keys(change.subject, machine.subject.keys.count) || !has_approvals(image, change.authority.approvals)) return Reason::Malformed;
  return Reason::Allowed;
}

// ---- 8.2: source -> pair word -> block -> lane -> cell, each step one access

/// Bits set; without the instruction that not every processor has.
std::uint32_t count_bits(std::uint64_t bits) noexcept {
  bits -= bits >> 1 & 0x5555'5555'5555'5555u;
  bits = (bits & 0x3333'3333'3333'3333u) + (bits >> 2 & 0x3333'3333'3333'3333u);
  bits = (bits + (bits >> 4)) & 0x0F0F'0F0F'0F0F'0F0Fu;
  return static_cast<std::uint32_t>(bits * 0x0101'0101'0101'0101u >> 56);
}

const BlockRecord* find_block(const Sections& sections, Index from, Index to) noexcept {
  const SourceRecord& source = sections.sources[from];
  const std::uint32_t word_position = to / 64 - source.first_to_word;   // wraps to beyond word_count when `to` is before the first
  if (word_position >= source.word_count) return nullptr;
  const PairWord& word = sections.pair_words[source.first_word + word_position];
  const std::uint64_t bit = std::uint64_t{1} << to % 64;
  if ((word.bits & bit) == 0) return nullptr;
  return &sections.blocks[word.first_block + count_bits(word.bits & (bit - 1))];
}

std::uint32_t relation_of(const BlockRecord& block, const Ids& from, const Ids& to) noexcept {
  std::uint32_t differs = 0;
  for (std::size_t i = 0; i < kKeysMax; ++i) differs |= static_cast<std::uint32_t>(from[block.from_keys[i]] != to[block.to_keys[i]]) << i;
  return differs & block.relation_mask;
}

Index find_row(const Sections& sections, const Transfer& transfer) noexcept {
  const BlockRecord* block = find_block(sections, transfer.from.target, transfer.to.target);
  if (block == nullptr) return kNone;
  const std::uint32_t purpose = sections.purpose_maps[block->purpose_map * sections.purposes.size() + transfer.purpose];
  if (purpose == kNoClass) return kNone;
  const LaneRecord& lane = sections.lanes[block->first_lane + relation_of(*block, transfer.from.ids, transfer.to.ids) * block->purpose_count + purpose];
  const std::uint32_t role = sections.role_maps[lane.role_map * sections.roles.size() + transfer.authority.role];
  const std::uint32_t asset = sections.asset_maps[lane.asset_map * sections.assets.size() + transfer.asset];
  if (role == kNoClass || asset == kNoClass) return kNone;
  return sections.cells[lane.first_cell + role * lane.asset_count + asset];
}

// What is seldom needed is not inlined, so that what is needed mostly takes no stack.

[[gnu::noinline]] Needs needs_by_lookup(const RuleTable& table, const Transfer& transfer) noexcept {
  const Index row = find_row(table.image().sections, transfer);
  if (row == kNone) return {Reason::NoRule, kNone, {}};
  return {Reason::Allowed, row, table.slots(row)};
}

[[gnu::noinline]] Needs needs_of_no_form(const RuleTable& table, const Transfer& transfer) noexcept { return {check_form(table.image(), transfer), kNone, {}}; }

/// Asks what check_form asks, in the order in which it costs least where nothing is wrong, and finds the row by the index.
[[gnu::always_inline]] inline Needs find_needs(const RuleTable& table, const Transfer& transfer) noexcept {
  const Image& image = table.image();
  std::uint32_t differing;
  if (!is_well_formed(image, transfer, differing)) [[unlikely]] return needs_of_no_form(table, transfer);
  RowIndex::Found found;
  if (!image.row_index.find(RowKey(transfer, differing), transfer.authority.role, found)) [[unlikely]] return needs_by_lookup(table, transfer);
  return {found.row == kNone ? Reason::NoRule : Reason::Allowed, found.row, {image.slot_views.data() + found.slots.first(), found.slots.count()}};
}

}  // namespace

Needs needs(const RuleTable& table, const Transfer& transfer) noexcept { return find_needs(table, transfer); }

std::size_t needs_many(const RuleTable& table, std::span<const Transfer> transfers, std::span<Needs> needed) noexcept {
  const std::size_t count = std::min(transfers.size(), needed.size());
  for (std::size_t i = 0; i < count; ++i) needed[i] = find_needs(table, transfers[i]);
  return count;
}

Needs next_transition(const RuleTable& table, const ModeChange& change, Index mode_now, Index row_before) noexcept {
  const Image& image = table.image();
  if (const Reason reason = check_form(image, change); reason != Reason::Allowed) return {reason, kNone, {}};
  const Sections& sections = image.sections;
  const MachineRecord& machine = sections.machines[change.subject.target];
  const Needs none{Reason::NoTransition, kNone, {}};
  if (mode_now >= machine.mode_count) return none;
  const std::uint32_t group = machine.first_mode + change.to_mode;
  for (std::uint32_t i = image.first_transition[group]; i < image.first_transition[group + 1]; ++i) {
    const TransitionRecord& transition = sections.transitions[image.transition_order[i]];
    const auto row = static_cast<Index>(sections.rows.size() + image.transition_order[i]);
    if (row_before != kNone && row <= row_before) continue;
    if ((transition.from_modes >> mode_now & 1) != 0 && (transition.roles >> change.authority.role & 1) != 0) return {Reason::Allowed, row, table.slots(row)};
  }
  return none;
}

ModeChange brought_change(const RuleTable& table, const Transfer& transfer, const Needs& needed, const RuleTable::BroughtMode& brought) noexcept {
  const SlotView& slot = table.slots(needed.row)[brought.slot];
  return {{slot.target, static_cast<std::uint8_t>(table.machine(slot.target).keys.size()), slot_ids(slot, transfer.from, transfer.to)}, brought.mode, transfer.authority};
}

Ids slot_ids(const SlotView& slot, const Instance& from, const Instance& to) noexcept {
  Ids ids{};
  for (std::size_t i = 0; i < slot.keys.size(); ++i) {
    const std::uint8_t key = slot.keys[i];
    if (key != kKeySummed) ids[i] = key < kDestinationKey ? from.ids[key] : to.ids[key - kDestinationKey];
  }
  return ids;
}

}  // namespace ringfence
