// SPDX-License-Identifier: Apache-2.0
// See gate_seen.h.
#include "runtime/gate_seen.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <type_traits>

#include "runtime/integer.h"

namespace ringfence {
namespace {

static_assert(std::is_trivially_copyable_v<Decision>);
constexpr std::size_t kSlotsMin = 1u << 10, kBlockBytesMin = 64u << 10, kBlockBytesMax = 4u << 20;

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

}  // namespace

SeenIds::SeenIds() : slots_(kSlotsMin) {
  std::random_device random;
  seed_ = std::uint64_t{random()} << 32 | random();
}

/// Eight bytes at a time and the last once more, multiplied to 128 bits and folded, with a seed of this process.
SeenIds::Id SeenIds::hashed(std::string_view id) const noexcept {
  constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15u;
  std::uint64_t hash = seed_ ^ id.size() * kOdd;
  for (std::size_t at = 0; at + 8 <= id.size(); at += 8) hash = multiplied(hash ^ read<std::uint64_t>(id.data() + at), seed_ | 1) + kOdd;
  hash = multiplied(hash ^ last_word(id), seed_ | 1) + kOdd;
  hash = multiplied(hash, kOdd);
  __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  return {id, hash};
}

const std::byte* SeenIds::find_bytes(const Id& id) const noexcept {
  for (std::size_t at = id.hash & (slots_.size() - 1); slots_[at].bytes != nullptr; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash != id.hash) continue;
    Header header;
    std::memcpy(&header, slots_[at].bytes, sizeof header);
    if (std::string_view(reinterpret_cast<const char*>(slots_[at].bytes + sizeof header), header.id_bytes) == id.text) return slots_[at].bytes;
  }
  return nullptr;
}

std::optional<SeenIds::Entry> SeenIds::find(const Id& id) const {
  const std::byte* at = find_bytes(id);
  if (at == nullptr) return std::nullopt;
  Header header;
  std::memcpy(&header, at, sizeof header);
  at += sizeof header + header.id_bytes;
  Entry entry{{reinterpret_cast<const char*>(at), header.content_bytes}, std::vector<Decision>(header.answer_count)};
  if (header.answer_count != 0) std::memcpy(entry.answers.data(), at + header.content_bytes, header.answer_count * sizeof(Decision));
  return entry;
}

void SeenIds::make_room(std::size_t ids, std::size_t text_bytes, std::size_t answers) {
  if (2 * (used_ + ids) > slots_.size()) grow(std::bit_ceil(2 * (used_ + ids)));
  const std::size_t bytes = ids * sizeof(Header) + text_bytes + answers * sizeof(Decision);
  if (bytes <= free_bytes_) return;
  const std::size_t block_bytes = std::max(bytes, std::clamp(2 * (blocks_.empty() ? 0 : blocks_.back().get_deleter().bytes), kBlockBytesMin, kBlockBytesMax));
  blocks_.reserve(blocks_.size() + 1);
  blocks_.emplace_back(static_cast<std::byte*>(allocate_in_large_pages(block_bytes)), Release{block_bytes});
  free_ = blocks_.back().get();
  free_bytes_ = block_bytes;
}

void SeenIds::grow(std::size_t slots) {
  LargeVector<Slot> larger(slots);
  for (const Slot& slot : slots_) {
    if (slot.bytes == nullptr) continue;
    std::size_t at = slot.hash & (larger.size() - 1);
    while (larger[at].bytes != nullptr) at = (at + 1) & (larger.size() - 1);
    larger[at] = slot;
  }
  slots_ = std::move(larger);
}

void SeenIds::take(const Id& id, std::byte* end) noexcept {
  std::size_t at = id.hash & (slots_.size() - 1);
  while (slots_[at].bytes != nullptr) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {id.hash, free_};
  ++used_;
  free_bytes_ -= static_cast<std::size_t>(end - free_);
  free_ = end;
}

}  // namespace ringfence
