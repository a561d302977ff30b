// SPDX-License-Identifier: Apache-2.0
// See gate_seen.h.
#include "runtime/gate_seen.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <new>
#include <random>
#include <type_traits>

#include "runtime/integer.h"

namespace ringfence {
namespace {

static_assert(std::is_trivially_copyable_v<Decision> && sizeof(Decision) == 5 * sizeof(Index), "answers are written field by field and read whole");
constexpr std::size_t kSlotsMin = 1u << 10, kBlockBytesMin = 64u << 10;

std::uint64_t multiplied(std::uint64_t left, std::uint64_t right) noexcept {
  const UInt128 product = UInt128{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class T>
T read(const char* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// The last eight bytes; of a shorter text all of them, some twice. Texts of one size that differ in their end have different ones.
std::uint64_t last_word(std::string_view text) noexcept {
  const char* const end = text.data() + text.size();
  if (text.size() >= 8) return read<std::uint64_t>(end - 8);
  if (text.size() >= 4) return read<std::uint32_t>(text.data()) | std::uint64_t{read<std::uint32_t>(end - 4)} << 32;
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(text[at])}; };
  return byte(0) | byte(text.size() / 2) << 8 | byte(text.size() - 1) << 16;
}

unsigned shift_of(std::size_t slots) noexcept { return static_cast<unsigned>(64 - std::countr_zero(slots)); }

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
  for (std::size_t at = 0; at + 8 <= id.size(); at += 8) hash = multiplied(hash ^ read<std::uint64_t>(id.data() + at), seed_ | 1) + kOdd;
  hash = multiplied(hash ^ last_word(id), seed_ | 1) + kOdd;
  return multiplied(hash, kOdd);
}

bool SeenIds::is_at(const Id& id, const std::byte* at) noexcept {
  Header header;
  std::memcpy(&header, at, sizeof header);
  return text_at(at + sizeof header, header.id_bytes) == id.text;
}

std::optional<SeenIds::Entry> SeenIds::find(const Id& id) const {
  const std::byte* at = find_bytes(id);
  if (at == nullptr) return std::nullopt;
  Header header;
  std::memcpy(&header, at, sizeof header);
  at += sizeof header + header.id_bytes;
  Entry entry{text_at(at, header.content_bytes), std::vector<Decision>(header.answer_count)};
  if (header.answer_count != 0) std::memcpy(entry.answers.data(), at + header.content_bytes, header.answer_count * sizeof(Decision));
  return entry;
}

/// What no slot or header can say is as if there were no memory for it, here and below.
void SeenIds::grow(std::size_t slots_min) {
  const std::size_t size = std::bit_ceil(slots_min);
  if (size > std::size_t{1} << kTagBits) throw std::bad_alloc();
  LargeVector<Slot> larger(size);
  for (const Slot slot : slots_)
    if (slot != 0) put_slot(larger, shift_of(size), slot);
  slots_ = std::move(larger);
  shift_ = shift_of(size);
}

/// Twice as large as the one before, up to a segment; larger when it must be.
void SeenIds::add_block(std::size_t bytes) {
  constexpr std::size_t kSegmentBytes = std::size_t{1} << kSegmentBits;
  const std::size_t before = blocks_.empty() ? 0 : blocks_.back().get_deleter().bytes;
  const std::size_t block_bytes = std::max((bytes + kUnit - 1) / kUnit * kUnit, std::clamp(2 * before, kBlockBytesMin, kSegmentBytes));
  const std::size_t segments = (block_bytes + kSegmentBytes - 1) / kSegmentBytes;
  if (bytes > std::numeric_limits<std::uint32_t>::max() || (segments_.size() + segments) * kSegmentUnits >= kPlaceMask) throw std::bad_alloc();
  blocks_.reserve(blocks_.size() + 1);
  segments_.reserve(segments_.size() + segments);
  blocks_.emplace_back(static_cast<std::byte*>(allocate_in_large_pages(block_bytes)), Release{block_bytes});
  place_ = segments_.size() * kSegmentUnits;
  free_ = blocks_.back().get();
  free_bytes_ = block_bytes;
  for (std::size_t i = 0; i < segments; ++i) segments_.push_back(free_ + i * kSegmentBytes);
}

}  // namespace ringfence
