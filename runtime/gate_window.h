// SPDX-License-Identifier: Apache-2.0
// What one limit has counted for one set of ids: how much moved within the window that ends at a time. A rolling window counts
// what has a time in (t - width, t], in milliseconds; a calendar day is the same with whole days since 1970 and a width of one.
// Language reference, 5.2. Holds: entries are in order of time, each with the sum of everything up to and including it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/integer.h"

namespace ringfence {

class GateWindow {
 public:
  /// `window_ms`: the width of a rolling window; 0 for the calendar day in UTC.
  explicit GateWindow(std::int64_t window_ms = 0) noexcept : window_ms_(window_ms) {}

  /// What counts for a transfer at `time_ms`; nothing when that is so early that part of it has been forgotten. Logarithmic.
  std::optional<Int128> used(std::int64_t time_ms) const noexcept;
  /// So that the next `add` needs no memory.
  void make_room() {
    if (entries_.size() == entries_.capacity()) entries_.reserve(2 * entries_.size() + 1);
  }
  /// Times never go back from one call to the next.
  void add(std::int64_t time_ms, Int128 amount);
  /// Takes back the last `add` that was not taken back yet.
  void undo(Int128 amount);
  /// Forgets what can't count any more for a transfer at `time_ms` or later.
  void forget_before(std::int64_t time_ms);

 private:
  struct Entry { std::int64_t tick; UInt128 sum; };   ///< sums wrap: only their differences mean something
  std::int64_t tick_of(std::int64_t time_ms) const noexcept;
  UInt128 sum_until(Int128 tick) const noexcept;      ///< of the entries up to and including `tick`

  std::int64_t window_ms_;
  std::vector<Entry> entries_;                        ///< from `first_` on; those before are forgotten, and dropped when they are the most
  std::size_t first_ = 0;
  UInt128 forgotten_sum_ = 0;                         ///< of everything before the first entry
  std::optional<std::int64_t> forgotten_at_;          ///< tick of the last forget_before
};

}  // namespace ringfence
