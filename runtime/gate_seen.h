// SPDX-License-Identifier: Apache-2.0
// The ids that a gate has seen, each with its content and answers. Open addressing over a hash that nobody outside can foresee; what an id has
// lies in blocks that are never moved. Holds: an id is found exactly when it was added; nothing is ever forgotten.
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
  Id hashed(std::string_view id) const noexcept;      ///< and has its slot brought nearer
  bool contains(const Id& id) const noexcept { return find_bytes(id) != nullptr; }
  std::optional<Entry> find(const Id&) const;
  /// For so many more ids, with so many bytes of text and content in all, and so many answers. Where it throws, nothing has changed.
  void make_room(std::size_t ids, std::size_t text_bytes, std::size_t answers);
  /// An id that is not there yet, and that room was made for. Its content is what `put` puts where it is told, returning the end.
  template <class Put>
  void add(const Id& id, const Put& put, std::span<const Decision> answers) noexcept {
    std::byte* const content = put_bytes(free_ + sizeof(Header), id.text.data(), id.text.size());
    std::byte* const end = put(content);
    const Header header{id.text.size(), static_cast<std::size_t>(end - content), answers.size()};
    std::memcpy(free_, &header, sizeof header);
    take(id, put_bytes(end, answers.data(), answers.size_bytes()));
  }

 private:
  struct Header { std::size_t id_bytes, content_bytes, answer_count; };   // then the id, the content, the answers
  struct Slot { std::uint64_t hash = 0; const std::byte* bytes = nullptr; };
  static std::byte* put_bytes(std::byte* at, const void* bytes, std::size_t count) noexcept {
    if (count != 0) std::memcpy(at, bytes, count);
    return at + count;
  }
  /// What lies between `free_` and `end` is now of this id.
  void take(const Id&, std::byte* end) noexcept;
  const std::byte* find_bytes(const Id&) const noexcept;
  void grow(std::size_t slots);

  std::uint64_t seed_;
  LargeVector<Slot> slots_;           // a power of two, at most half of it used
  std::size_t used_ = 0;
  struct Release {
    std::size_t bytes;
    void operator()(std::byte* memory) const noexcept { deallocate_in_large_pages(memory, bytes); }
  };
  std::vector<std::unique_ptr<std::byte, Release>> blocks_;
  std::byte* free_ = nullptr;         // in the last block
  std::size_t free_bytes_ = 0;
};

}  // namespace ringfence
