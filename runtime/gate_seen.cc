// SPDX-License-Identifier: Apache-2.0
// See gate_seen.h.
#include "runtime/gate_seen.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <new>
#include <random>
#include <utility>

#include "runtime/integer.h"

namespace ringfence {
namespace {

constexpr std::size_t kSlotsMin = 1u << 10, kBlockBytesMin = 64u << 10;

std::uint64_t multiplied(std::uint64_t left, std::uint64_t right) noexcept {
  const UInt128 product = UInt128{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// The last eight bytes; of a shorter text all of them, some twice. Texts of one size that differ in their end have different ones.
std::uint64_t last_word(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  if (text.size() >= 8) return get_word<std::uint64_t>(end - 8);
  if (text.size() >= 4) return get_word<std::uint32_t>(text.data()) | std::uint64_t{get_word<std::uint32_t>(end - 4)} << 32;
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(text[at])}; };
  return byte(0) | byte(text.size() / 2) << 8 | byte(text.size() - 1) << 16;
}

std::string_view text_at(const std::byte* at, std::size_t bytes) noexcept { return {reinterpret_cast<const char*>(at), bytes}; }

}  // namespace

SeenIds::SeenIds() : slots_(kSlotsMin), shift_(shift_of(kSlotsMin)) {
  std::random_device random;
  seed_ = std::uint64_t{random()} << 32 | random();
}

/// Eight bytes at a time and the last once more, multiplied to 128 bits and folded, with a seed of this process.
std::uint64_t SeenIds::hash_of(std::string_view id) const noexcept {
  constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15u;
  std::uint64_t hash = seed_ ^ id.size() * kOdd;
  for (std::size_t at = 0; at + 8 <= id.size(); at += 8) hash = multiplied(hash ^ get_word<std::uint64_t>(id.data() + at), seed_ | 1) + kOdd;
  hash = multiplied(hash ^ last_word(id), seed_ | 1) + kOdd;
  return multiplied(hash, kOdd);
}

/// From a hash to one of the groups of so many slots.
unsigned SeenIds::shift_of(std::size_t slots) noexcept { return static_cast<unsigned>(64 - std::countr_zero(slots / kGroupSlots)); }

SeenIds::Lengths SeenIds::lengths_at(const std::byte* at) noexcept {
  const auto header = get_word<ShortHeader>(at);
  if (header == kIsLong) {
    const auto lengths = get_word<LongHeader>(at);
    return {at + sizeof(LongHeader), lengths.id_bytes, lengths.content_bytes, lengths.answer_count};
  }
  constexpr ShortHeader kFew = (ShortHeader{1} << kFewBits) - 1;
  return {at + sizeof(ShortHeader), header & kFew, header >> 2 * kFewBits, header >> kFewBits & kFew};
}

const std::byte* SeenIds::find_among(std::uint32_t alike, const Slot* group, const Id& id) const noexcept {
  for (; alike != 0; alike &= alike - 1) {
    const Slot slot = group[std::countr_zero(alike)];
    if (slot == 0) continue;
    const std::byte* const at = bytes_at(slot);
    const Lengths lengths = lengths_at(at);
    if (text_at(lengths.id, lengths.id_bytes) == id.text) return at;
  }
  return nullptr;
}

std::optional<SeenIds::Entry> SeenIds::find(const Id& id) const {
  const std::byte* const found = find_bytes(id);
  if (found == nullptr) return std::nullopt;
  const Lengths lengths = lengths_at(found);
  const std::byte* at = lengths.id + lengths.id_bytes;
  Entry entry{text_at(at, lengths.content_bytes), std::vector<Decision>(lengths.answer_count)};
  at += lengths.content_bytes;
  for (Decision& answer : entry.answers) at = get_answer(at, answer);
  return entry;
}

/// What comes before and after makes way for the longer header.
std::byte* SeenIds::put_long_header(std::size_t id_bytes, std::size_t content_bytes, std::size_t answer_count, std::byte* end) noexcept {
  std::memmove(free_ + sizeof(LongHeader), free_ + sizeof(ShortHeader), id_bytes + content_bytes);
  put_word(free_, LongHeader{kIsLong, static_cast<std::uint32_t>(id_bytes), static_cast<std::uint32_t>(content_bytes), static_cast<std::uint32_t>(answer_count)});
  return end + sizeof(LongHeader) - sizeof(ShortHeader);
}

/// What no slot or header can say is as if there were no memory for it, here and below. What belongs to a group belongs to two side by side then: how many of
/// those are taken is counted along, so that no slot waits for the one before to be written.
void SeenIds::double_slots() {
  if (slots_.size() >= std::size_t{1} << kTagBits) throw std::bad_alloc();
  LargeVector<Slot> larger(2 * slots_.size());
  const unsigned shift = shift_ - 1;
  for (std::size_t group = 0; group < slots_.size() / kGroupSlots; ++group) {
    const Slot* const from = group_at(slots_, group);
    Slot* const to = group_at(larger, 2 * group);
    std::array<std::size_t, 2> taken{taken_of(to), taken_of(to + kGroupSlots)};
    for (std::size_t i = 0; i < kGroupSlots && from[i] != 0; ++i) {
      const std::size_t half = from[i] >> shift & 1;
      if (from[i] >> shift_ == group && taken[half] < kGroupSlots - 1) [[likely]] {
        to[half * kGroupSlots + taken[half]++] = from[i];
      } else {   // the group that it belongs to was full, or is about to be
        put_slot(larger, shift, from[i]);
        taken = {taken_of(to), taken_of(to + kGroupSlots)};
      }
    }
  }
  slots_ = std::move(larger);
  shift_ = shift;
}

void SeenIds::reserve(std::size_t ids, std::size_t bytes) {
  if (ids > (std::size_t{1} << kTagBits) / 2 - used_) throw std::bad_alloc();
  while (2 * (used_ + ids) > slots_.size()) double_slots();
  const std::size_t segments = bytes <= free_bytes_ ? 0 : (bytes - free_bytes_ + kSegmentBytes - 1) / kSegmentBytes;
  reserved_.reserve(segments);
  blocks_.reserve(blocks_.size() + segments);
  segments_.reserve(segments_.size() + segments);
  while (reserved_.size() < segments) {
    reserved_.push_back(new_block(kSegmentBytes));
    std::memset(reserved_.back().get(), 0, kSegmentBytes);
  }
}

/// One that was reserved, or twice as large as the one before, up to a segment; larger when it must be.
void SeenIds::add_block(std::size_t bytes) {
  const bool is_reserved = !reserved_.empty() && bytes <= kSegmentBytes;
  const std::size_t before = blocks_.empty() ? 0 : blocks_.back().get_deleter().bytes;
  const std::size_t block_bytes = is_reserved ? kSegmentBytes : std::max((bytes + kUnit - 1) / kUnit * kUnit, std::clamp(2 * before, kBlockBytesMin, kSegmentBytes));
  const std::size_t segments = (block_bytes + kSegmentBytes - 1) / kSegmentBytes;
  if (bytes > std::numeric_limits<std::uint32_t>::max() || (segments_.size() + segments) * kSegmentUnits >= kPlaceMask) throw std::bad_alloc();
  blocks_.reserve(blocks_.size() + 1);
  segments_.reserve(segments_.size() + segments);
  blocks_.push_back(is_reserved ? std::move(reserved_.back()) : new_block(block_bytes));
  if (is_reserved) reserved_.pop_back();
  place_ = segments_.size() * kSegmentUnits;
  free_ = blocks_.back().get();
  free_bytes_ = block_bytes;
  for (std::size_t i = 0; i < segments; ++i) segments_.push_back(free_ + i * kSegmentBytes);
}

}  // namespace ringfence
