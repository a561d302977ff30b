// SPDX-License-Identifier: Apache-2.0
// The ids that a gate has seen, each with its content and answers. Open addressing by groups of slots over a hash that nobody outside can foresee; what an id has
// lies in blocks that are never moved, one after the other, as tight as it can be: new memory is what a gate of many transfers waits for most. Holds: an id is
// found exactly when it was added; nothing is ever forgotten; the slots of a group are taken from its first one on, and where a group has a free one, nothing
// that belongs there is in the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "runtime/gate_answer.h"
#include "runtime/large_pages.h"

namespace ringfence {

class SeenIds {
 public:
  SeenIds();
  struct Entry {
    std::string_view content;        ///< lives as long as this
    std::vector<Decision> answers;
  };
  /// An id, hashed once for all that is asked of it; borrows its text.
  struct Id { std::string_view text; std::uint64_t hash; };
  Id hashed(std::string_view id) const noexcept {      ///< and has its slot brought nearer
    const std::uint64_t hash = hash_of(id);
    __builtin_prefetch(group_of(hash));
    return {id, hash};
  }
  bool contains(const Id& id) const noexcept { return find_bytes(id) != nullptr; }
  std::optional<Entry> find(const Id&) const;
  /// Has memory for so many more ids, with `bytes` of text, content and answers in all, given by the system now, for `make_room` to find. Throws as that does.
  void reserve(std::size_t ids, std::size_t bytes);
  /// For so many more ids, with so many bytes of text and content in all, and so many answers. Where it throws, nothing has changed.
  void make_room(std::size_t ids, std::size_t text_bytes, std::size_t answers) {
    const std::size_t bytes = ids * (sizeof(LongHeader) + kUnit) + text_bytes + answers * kAnswerBytesMax;
    while (2 * (used_ + ids) > slots_.size()) [[unlikely]] double_slots();
    if (bytes > free_bytes_) [[unlikely]] add_block(bytes);
  }
  /// What was written of an id that is not there yet.
  struct Written { std::byte* end; };
  /// Writes what is to be known of an id that room was made for, whether it is there or not: until it is added nothing knows of it, and what is written next
  /// takes its place. Its content is what `put` puts where it is told, returning the end.
  template <class Put>
  Written write(const Id& id, const Put& put, std::span<const Decision> answers) noexcept {
    std::byte* const content = put_bytes(free_ + sizeof(ShortHeader), id.text.data(), id.text.size());
    std::byte* at = put(content);
    const auto content_bytes = static_cast<std::size_t>(at - content);
    if ((id.text.size() | answers.size()) >> kFewBits == 0 && content_bytes >> kManyBits == 0) [[likely]]
      put_word(free_, ShortHeader(id.text.size() | answers.size() << kFewBits | content_bytes << 2 * kFewBits));
    else at = put_long_header(id.text.size(), content_bytes, answers.size(), at);
    for (const Decision& answer : answers) at = put_answer(at, answer);
    return {at};
  }
  /// What was written last is now of this id, which is not there yet.
  void add(const Id& id, Written written) noexcept {
    put_slot(slots_, shift_, (id.hash & ~kPlaceMask) | (place_ + 1));
    ++used_;
    const std::size_t units = (static_cast<std::size_t>(written.end - free_) + kUnit - 1) / kUnit;
    place_ += units;
    free_ += units * kUnit;
    free_bytes_ -= units * kUnit;
  }

 private:
  // Before each id: how many bytes of it and of its content follow, and answers; in one word where it has the bits.
  using ShortHeader = std::uint32_t;
  static constexpr unsigned kFewBits = 9, kManyBits = 13;
  static constexpr ShortHeader kIsLong = ~ShortHeader{0};
  static_assert(2 * kFewBits + kManyBits < 32, "no short header is all ones");
  struct LongHeader { ShortHeader is_long; std::uint32_t id_bytes, content_bytes, answer_count; };
  struct Release {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept { deallocate_in_large_pages(memory, bytes); }
  };
  /// A slot: the top 31 bits of the hash, and one more than where the id is, in units of 8 bytes: its segment, and where in that. 0: free. The slot of a hash
  /// is told by its top bits too, so that groups are in the order of the hashes and go over to a larger array from its one end to the other.
  using Slot = std::uint64_t;
  static constexpr unsigned kPlaceBits = 33, kTagBits = 64 - kPlaceBits, kSegmentBits = 22;
  static constexpr std::uint64_t kUnit = 8, kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;
  static constexpr std::size_t kSegmentBytes = std::size_t{1} << kSegmentBits;
  static constexpr std::uint64_t kSegmentUnits = kSegmentBytes / kUnit;
  static constexpr std::size_t kGroupSlots = 8;   ///< one cache line

  static std::byte* put_bytes(std::byte* at, const void* bytes, std::size_t count) noexcept;
  std::byte* put_long_header(std::size_t id_bytes, std::size_t content_bytes, std::size_t answer_count, std::byte* end) noexcept;
  std::uint64_t hash_of(std::string_view id) const noexcept;
  static Slot* group_at(LargeVector<Slot>& slots, std::size_t group) noexcept { return slots.data() + group * kGroupSlots; }
  const Slot* group_of(std::uint64_t hash) const noexcept { return slots_.data() + (hash >> shift_) * kGroupSlots; }
  static bool is_full(const Slot* group) noexcept { return group[kGroupSlots - 1] != 0; }
  /// How many of a group that has a free slot are taken, without a branch.
  static std::size_t taken_of(const Slot* group) noexcept {
    static_assert(kGroupSlots == 8);
    std::size_t taken = 4 * std::size_t{group[3] != 0};
    taken += 2 * std::size_t{group[taken + 1] != 0};
    return taken + std::size_t{group[taken] != 0};
  }
  /// Into the first free slot from the group of its hash on.
  static void put_slot(LargeVector<Slot>& slots, unsigned shift, Slot slot) noexcept {
    std::size_t at = slot >> shift;
    while (is_full(group_at(slots, at))) at = (at + 1) & (slots.size() / kGroupSlots - 1);
    Slot* const group = group_at(slots, at);
    group[taken_of(group)] = slot;
  }
  const std::byte* bytes_at(Slot slot) const noexcept {
    const std::uint64_t place = (slot & kPlaceMask) - 1;
    return segments_[place / kSegmentUnits] + place % kSegmentUnits * kUnit;
  }
  const std::byte* find_bytes(const Id& id) const noexcept {
    const Slot* group = group_of(id.hash);
    while (true) {
      if (const std::uint32_t alike = slots_alike(group, id.hash); alike != 0) [[unlikely]]
        if (const std::byte* found = find_among(alike, group, id); found != nullptr) return found;
      if (!is_full(group)) [[likely]] return nullptr;
      group += kGroupSlots;
      if (group == slots_.data() + slots_.size()) group = slots_.data();
    }
  }
  /// A bit for each slot of the group whose tag is that of the hash; free ones have the tag 0.
  static std::uint32_t slots_alike(const Slot* group, std::uint64_t hash) noexcept {
#ifdef __SSE2__
    static_assert(kPlaceBits == 33 && kGroupSlots == 8);
    const __m128i tag = _mm_set1_epi32(static_cast<int>(hash >> kPlaceBits));
    const auto alike = [&](const Slot* four) {   // of the upper halves, which have a bit of the place besides
      const __m128 first = _mm_load_ps(reinterpret_cast<const float*>(four)), last = _mm_load_ps(reinterpret_cast<const float*>(four + 2));
      return _mm_cmpeq_epi32(_mm_srli_epi32(_mm_castps_si128(_mm_shuffle_ps(first, last, _MM_SHUFFLE(3, 1, 3, 1))), 1), tag);
    };
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(alike(group), alike(group + 4)), _mm_setzero_si128())));
#else
    std::uint32_t alike = 0;
    for (std::size_t i = 0; i < kGroupSlots; ++i) alike |= std::uint32_t{(group[i] ^ hash) >> kPlaceBits == 0} << i;
    return alike;
#endif
  }
  const std::byte* find_among(std::uint32_t alike, const Slot* group, const Id&) const noexcept;
  struct Lengths { const std::byte* id; std::size_t id_bytes, content_bytes, answer_count; };
  static Lengths lengths_at(const std::byte*) noexcept;
  static unsigned shift_of(std::size_t slots) noexcept;
  void double_slots();
  void add_block(std::size_t bytes);

  std::uint64_t seed_;
  LargeVector<Slot> slots_;           // a power of two, at most half of it used
  unsigned shift_;                    // from a hash to its group
  std::size_t used_ = 0;
  using Block = std::unique_ptr<std::byte, Release>;
  static Block new_block(std::size_t bytes) { return Block(static_cast<std::byte*>(allocate_in_large_pages(bytes)), Release{bytes}); }
  std::vector<Block> blocks_;
  std::vector<Block> reserved_;       // of a segment each, for blocks to come
  std::vector<const std::byte*> segments_;   // where each 4 MiB begin; the last of a block may be shorter
  std::uint64_t place_ = 0;           // of the next id, and where that is in the last block
  std::byte* free_ = nullptr;
  std::size_t free_bytes_ = 0;
};

/// Eight at a time and the last once more, without a call; of fewer, four and the last four, or the two or three that there are.
inline std::byte* SeenIds::put_bytes(std::byte* at, const void* bytes, std::size_t count) noexcept {
  const auto* from = static_cast<const std::byte*>(bytes);
  const auto copy = [&]<class Word>(Word word, std::size_t i) {
    std::memcpy(&word, from + i, sizeof word);
    std::memcpy(at + i, &word, sizeof word);
  };
  if (count >= 8) {
    for (std::size_t i = 0; i + 8 <= count; i += 8) copy(std::uint64_t{}, i);
    copy(std::uint64_t{}, count - 8);
  } else if (count >= 4) {
    copy(std::uint32_t{}, 0);
    copy(std::uint32_t{}, count - 4);
  } else {
    for (std::size_t i = 0; i < count; ++i) at[i] = from[i];
  }
  return at + count;
}

}  // namespace ringfence
