// SPDX-License-Identifier: Apache-2.0
// What one limit has counted for one set of ids: how much moved within the window that ends at a time. A rolling window counts
// what has a time in (t - width, t], in milliseconds; a calendar day is the same with whole days since 1970 and a width of one.
// Language reference, 5.2. Holds: entries are in order of time, each with the sum of everything up to and including it; the last one is kept apart. As long as
// all of them count, which the first cache line tells, none is looked at; and nothing else is when the last one grows.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "runtime/integer.h"

namespace ringfence {

class alignas(64) GateWindow {
 public:
  /// `window_ms`: the width of a rolling window; 0 for the calendar day in UTC.
  explicit GateWindow(std::int64_t window_ms = 0) noexcept : window_ms_(window_ms) {}

  /// What counts for a transfer at `time_ms`; nothing when that is so early that part of it has been forgotten. Logarithmic.
  std::optional<Int128> used(std::int64_t time_ms) const noexcept {
    const std::int64_t tick = tick_of(time_ms);
    if (tick < forgotten_at_) return std::nullopt;
    if (tick >= last_tick_ && tick < first_ends_at_) [[likely]] return static_cast<Int128>(sum_ - forgotten_sum_);
    return used_by_entries(tick);
  }
  /// Has what is read and written brought nearer.
  void prefetch() const noexcept {
    __builtin_prefetch(this, 1);
    __builtin_prefetch(&entries_, 1);
  }
  /// So that the next `add` needs no memory.
  void make_room() {
    if (entries_.size() == entries_.capacity()) entries_.reserve(2 * entries_.size() + 1);
  }
  /// Times never go back from one call to the next.
  void add(std::int64_t time_ms, Int128 amount) { add_at(tick_of(time_ms), amount); }
  /// Takes back the last `add` that was not taken back yet.
  void undo(Int128 amount);
  /// Forgets what can't count any more for a transfer at `time_ms` or later.
  void forget_before(std::int64_t time_ms) { forget_at(tick_of(time_ms)); }
  /// Both, for what is never taken back.
  void add_for_good(std::int64_t time_ms, Int128 amount) {
    const std::int64_t tick = tick_of(time_ms);
    add_at(tick, amount);
    forget_at(tick);
  }

 private:
  /// Sums wrap: only their differences mean something. In 24 bytes, where 32 would be as the compiler lays it out.
  struct [[gnu::packed, gnu::aligned(8)]] Entry { std::int64_t tick; UInt128 sum; };
  static_assert(sizeof(Entry) == 24);
  static constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max(), kNever = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t kDayMs = 86'400'000;

  std::int64_t tick_of(std::int64_t time_ms) const noexcept { return window_ms_ == 0 ? time_ms / kDayMs - (time_ms % kDayMs < 0) : time_ms; }
  std::int64_t width() const noexcept { return window_ms_ == 0 ? 1 : window_ms_; }
  Int128 used_by_entries(std::int64_t tick) const noexcept;
  UInt128 sum_until(Int128 tick) const noexcept;      ///< of the entries up to and including `tick`
  void add_at(std::int64_t tick, Int128 amount);
  void forget_at(std::int64_t tick) {
    if (tick >= first_ends_at_) drop_before(tick);
    forgotten_at_ = tick;
  }
  void drop_before(std::int64_t tick);
  bool is_empty() const noexcept { return sum_ == forgotten_sum_; }   ///< amounts are at least 1
  /// Of all before the last entry.
  UInt128 sum_before_last() const noexcept { return first_ == entries_.size() ? forgotten_sum_ : entries_.back().sum; }
  std::int64_t first_tick() const noexcept { return is_empty() ? kEver : first_ == entries_.size() ? last_tick_ : entries_[first_].tick; }
  void note_first() noexcept;

  std::int64_t window_ms_;
  std::int64_t first_ends_at_ = kEver;                ///< the first tick at which the first entry does not count any more, or the last tick that there is
  std::int64_t last_tick_ = kNever;                   ///< of the last entry that is not forgotten; of none
  std::int64_t forgotten_at_ = kNever;                ///< tick of the last forget_before
  UInt128 sum_ = 0, forgotten_sum_ = 0;               ///< of everything, and of everything before the first entry
  std::vector<Entry> entries_;                        ///< without the last; from `first_` on: those before are forgotten, and dropped when they are the most
  std::size_t first_ = 0;
};

}  // namespace ringfence
