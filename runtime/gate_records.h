// SPDX-License-Identifier: Apache-2.0
// What a gate keeps for one tuple of ids, together: a record of balances, sums, modes and facts side by side, so that a transfer finds all that is kept
// for its client by one look-up in adjacent cache lines. Open addressing over numbers of records; nothing is ever removed. A record's number holds for
// ever, pointers into it until another is added. Record 0 is that of whoever has none: what everything is at first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/gate_window.h"
#include "runtime/large_pages.h"
#include "runtime/transfer.h"

namespace ringfence {

/// A balance or sum: `number`. A mode: `number`, since `time_ms` where that is known. A fact: `number`, observed at `time_ms`, where it is present.
struct Cell {
  Int128 number = 0;
  std::int64_t time_ms = 0;
  bool present = true, timed = false;
};

/// Ids with their hash, computed once for all that is asked of them.
struct HashedIds {
  Ids ids;
  std::uint64_t hash;
  HashedIds() noexcept : HashedIds(Ids{}) {}
  explicit HashedIds(const Ids& of) noexcept { set(of[0], of[1], of[2], of[3]); }
  void set(std::uint64_t first, std::uint64_t second, std::uint64_t third, std::uint64_t fourth) noexcept {
    ids[0] = first, ids[1] = second, ids[2] = third, ids[3] = fourth;
    hash = hash_of(first, second, third, fourth);
  }
  bool has(const Ids& other) const noexcept {   // all at once: the library's comparison of arrays is a call
    return ((ids[0] ^ other[0]) | (ids[1] ^ other[1]) | (ids[2] ^ other[2]) | (ids[3] ^ other[3])) == 0;
  }

 private:
  /// Of each id one product, none of which waits for another; then a round of the finaliser of SplitMix64 (Steele, Lea, Flood 2014): high bits, where
  /// ids may differ only, reach the low ones, which choose the place.
  static std::uint64_t hash_of(std::uint64_t first, std::uint64_t second, std::uint64_t third, std::uint64_t fourth) noexcept {
    std::uint64_t hash = (first ^ first >> 32) * 0x9E37'79B9'7F4A'7C15u;
    if ((second | third | fourth) != 0)
      hash += (second ^ second >> 32) * 0xC2B2'AE3D'27D4'EB4Fu + (third ^ third >> 32) * 0x1656'67B1'9E37'79F9u + (fourth ^ fourth >> 32) * 0xFF51'AFD7'ED55'8CCDu;
    hash = (hash ^ hash >> 30) * 0xBF58'476D'1CE4'E5B9u;
    return hash ^ hash >> 31;
  }
};

class GateRecords {
 public:
  /// A record is a run of these: first its ids, then its cells.
  union Unit {
    Ids ids;
    Cell cell{};
  };
  static constexpr Index kCellsMax = 7, kWindowsMax = 4;   ///< of one record: eight units are four cache lines

  GateRecords();
  // What every record has more; before any is added. The result says where in a record it is.
  Index add_cell(const Cell& initial);
  Index add_window(std::int64_t window_ms);
  /// Whether totals are kept over a cell, which whoever changes it changes too.
  bool is_summed(Index place) const noexcept { return (summed_ >> place & 1) != 0; }
  void set_summed(Index place) noexcept { summed_ |= 1u << place; }
  Index cell_count() const noexcept { return unit_count_ - 1; }
  Index window_count() const noexcept { return window_count_; }

  /// Has what `find` looks at first brought nearer.
  void prefetch(const HashedIds& key) const noexcept { __builtin_prefetch(&slots_[key.hash & mask_]); }
  /// The number of the record of these ids; 0 when there is none.
  Index find(const HashedIds& key) const noexcept {
    for (std::size_t at = key.hash & mask_; slots_[at].record != 0; at = (at + 1) & mask_)
      if (slots_[at].tag == tag_of(key) && key.has(units_[slots_[at].record * unit_count_].ids)) return slots_[at].record;
    return 0;
  }
  /// So that as many can be added without memory.
  void make_room(std::size_t count);
  /// The same, and has the system give the memory now.
  void reserve(std::size_t count);
  /// The record of these ids, from now on one of their own. Room was made, or there is one.
  Index add(const HashedIds&) noexcept;

  Index count() const noexcept { return count_; }   ///< with record 0
  Unit* record(Index number) noexcept { return &units_[std::size_t{number} * unit_count_]; }
  const Unit* record(Index number) const noexcept { return &units_[std::size_t{number} * unit_count_]; }
  /// Has all of it brought nearer, but for its windows.
  void prefetch(Index number) const noexcept {
    const auto* const begin = reinterpret_cast<const std::byte*>(record(number));
    for (std::size_t at = 0; at < unit_count_ * sizeof(Unit); at += kCacheLine) __builtin_prefetch(begin + at, 1);
  }
  const Ids& ids(Index number) const noexcept { return record(number)->ids; }
  Cell& cell(Index number, Index place) noexcept { return record(number)[place].cell; }
  const Cell& cell(Index number, Index place) const noexcept { return record(number)[place].cell; }
  GateWindow* windows(Index number) noexcept { return windows_.data() + std::size_t{number} * window_count_; }
  GateWindow& window(Index number, Index place) noexcept { return windows_[std::size_t{number} * window_count_ + place]; }
  const GateWindow& window(Index number, Index place) const noexcept { return windows_[std::size_t{number} * window_count_ + place]; }

 private:
  struct Slot { std::uint32_t tag = 0; Index record = 0; };
  static std::uint32_t tag_of(const HashedIds& key) noexcept { return static_cast<std::uint32_t>(key.hash >> 32); }

  LargeVector<Slot> slots_;                       ///< a power of two, at most half of it used
  std::size_t mask_;
  LargeVector<Unit> units_;
  LargeVector<GateWindow> windows_;
  Index count_ = 1, unit_count_ = 1, window_count_ = 0;
  std::uint32_t summed_ = 0;                      ///< a bit for each cell
};
static_assert(sizeof(Cell) == 32 && sizeof(GateRecords::Unit) == 32);

}  // namespace ringfence
