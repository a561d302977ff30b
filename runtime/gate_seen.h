// SPDX-License-Identifier: Apache-2.0
// The ids that a gate has seen, each with its content and answers. Open addressing over a hash that nobody outside can foresee; what an id has
// lies in blocks that are never moved, one after the other, as tight as it can be: new memory is what a gate of many transfers waits for most. Holds: an id is
// found exactly when it was added; nothing is ever forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/decision.h"
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
    __builtin_prefetch(&slots_[hash >> shift_]);
    return {id, hash};
  }
  bool contains(const Id& id) const noexcept { return find_bytes(id) != nullptr; }
  std::optional<Entry> find(const Id&) const;
  /// For so many more ids, with so many bytes of text and content in all, and so many answers. Where it throws, nothing has changed.
  void make_room(std::size_t ids, std::size_t text_bytes, std::size_t answers) {
    const std::size_t bytes = ids * (sizeof(Header) + kUnit) + text_bytes + answers * sizeof(Decision);
    if (2 * (used_ + ids) > slots_.size()) grow(2 * (used_ + ids));
    if (bytes > free_bytes_) add_block(bytes);
  }
  /// An id that is not there yet, and that room was made for. Its content is what `put` puts where it is told, returning the end.
  template <class Put>
  void add(const Id& id, const Put& put, std::span<const Decision> answers) noexcept {
    std::byte* const content = put_bytes(free_ + sizeof(Header), id.text.data(), id.text.size());
    std::byte* const end = put(content);
    put_index(put_index(put_index(free_, static_cast<std::uint32_t>(id.text.size())), static_cast<std::uint32_t>(end - content)), static_cast<std::uint32_t>(answers.size()));
    std::byte* at = end;
    for (const Decision& answer : answers) at = put_decision(at, answer);
    take(id, at);
  }

 private:
  struct Header { std::uint32_t id_bytes, content_bytes, answer_count; };   // then the id, the content, the answers
  struct Release {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept { deallocate_in_large_pages(memory, bytes); }
  };
  /// A slot: the top 31 bits of the hash, and one more than where the id is, in units of 8 bytes: its segment, and where in that. 0: free. The slot of a hash
  /// is told by its top bits too, so that slots are in the order of the hashes and go over to a larger array from its one end to the other.
  using Slot = std::uint64_t;
  static constexpr unsigned kPlaceBits = 33, kTagBits = 64 - kPlaceBits, kSegmentBits = 22;
  static constexpr std::uint64_t kUnit = 8, kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;
  static constexpr std::uint64_t kSegmentUnits = (std::uint64_t{1} << kSegmentBits) / kUnit;

  static std::byte* put_bytes(std::byte* at, const void* bytes, std::size_t count) noexcept;
  static std::byte* put_index(std::byte* at, std::uint32_t index) noexcept {
    std::memcpy(at, &index, sizeof index);
    return at + sizeof index;
  }
  /// Field by field, as it was written a moment ago: to read it in another width would be to wait until all that was written before is in the cache.
  static std::byte* put_decision(std::byte* at, const Decision& decision) noexcept {
    at = put_index(put_index(at, static_cast<std::uint32_t>(decision.reason)), decision.statement);
    return put_index(put_index(put_index(at, decision.clause), decision.slot), decision.move);
  }
  std::uint64_t hash_of(std::string_view id) const noexcept;
  /// What lies between `free_` and `end` is now of this id.
  void take(const Id& id, std::byte* end) noexcept {
    put_slot(slots_, shift_, (id.hash & ~kPlaceMask) | (place_ + 1));
    ++used_;
    const std::size_t units = (static_cast<std::size_t>(end - free_) + kUnit - 1) / kUnit;
    place_ += units;
    free_ += units * kUnit;
    free_bytes_ -= units * kUnit;
  }
  /// Into the first free slot from the one of its hash on.
  static void put_slot(LargeVector<Slot>& slots, unsigned shift, Slot slot) noexcept {
    std::size_t at = slot >> shift;
    while (slots[at] != 0) at = (at + 1) & (slots.size() - 1);
    slots[at] = slot;
  }
  const std::byte* bytes_at(Slot slot) const noexcept {
    const std::uint64_t place = (slot & kPlaceMask) - 1;
    return segments_[place / kSegmentUnits] + place % kSegmentUnits * kUnit;
  }
  const std::byte* find_bytes(const Id& id) const noexcept {
    for (std::size_t at = id.hash >> shift_; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      if ((slots_[at] ^ id.hash) >> kPlaceBits == 0 && is_at(id, bytes_at(slots_[at]))) [[unlikely]] return bytes_at(slots_[at]);
    }
    return nullptr;
  }
  static bool is_at(const Id&, const std::byte*) noexcept;
  void grow(std::size_t slots_min);
  void add_block(std::size_t bytes);

  std::uint64_t seed_;
  LargeVector<Slot> slots_;           // a power of two, at most half of it used
  unsigned shift_;                    // from a hash to its slot
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<std::byte, Release>> blocks_;
  std::vector<const std::byte*> segments_;   // where each 4 MiB begin; the last of a block may be shorter
  std::uint64_t place_ = 0;           // of the next id, and where that is in the last block
  std::byte* free_ = nullptr;
  std::size_t free_bytes_ = 0;
};

/// Eight at a time and the last once more, without a call.
inline std::byte* SeenIds::put_bytes(std::byte* at, const void* bytes, std::size_t count) noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto* from = static_cast<const std::byte*>(bytes);
  if (count < kWord) {
    for (std::size_t i = 0; i < count; ++i) at[i] = from[i];
    return at + count;
  }
  for (std::size_t i = 0; i + kWord <= count; i += kWord) std::memcpy(at + i, from + i, kWord);
  std::memcpy(at + count - kWord, from + count - kWord, kWord);
  return at + count;
}

}  // namespace ringfence
