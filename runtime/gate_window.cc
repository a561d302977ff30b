// SPDX-License-Identifier: Apache-2.0
// See gate_window.h.
#include "runtime/gate_window.h"

#include <algorithm>
#include <cassert>

namespace ringfence {

UInt128 GateWindow::sum_until(Int128 tick) const noexcept {
  if (tick < first_tick_) return forgotten_sum_;
  if (last_tick_ <= tick) return sum_;
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto after = std::upper_bound(begin, entries_.end(), tick,
                                      [](Int128 wanted, const Entry& entry) { return wanted < entry.tick; });
  return std::prev(after)->sum;
}

void GateWindow::add(std::int64_t time_ms, Int128 amount) {
  const std::int64_t tick = tick_of(time_ms);
  assert(first_ == entries_.size() || last_tick_ <= tick);
  sum_ += static_cast<UInt128>(amount);
  if (last_tick_ == tick && first_ < entries_.size()) {
    entries_.back().sum = sum_;
    return;
  }
  if (first_ == entries_.size()) first_tick_ = tick;
  last_tick_ = tick;
  entries_.push_back(Entry{tick, sum_});
}

void GateWindow::undo(Int128 amount) {
  assert(first_ < entries_.size());
  sum_ -= static_cast<UInt128>(amount);
  entries_.back().sum = sum_;
  const UInt128 before = entries_.size() == first_ + 1 ? forgotten_sum_ : entries_[entries_.size() - 2].sum;
  if (sum_ == before) entries_.pop_back();   // amounts are at least 1: nothing of this time is left
  note_ends();
}

void GateWindow::drop_before(std::int64_t tick) {
  while (first_ < entries_.size() && entries_[first_].tick <= Int128{tick} - width()) forgotten_sum_ = entries_[first_++].sum;
  if (first_ > entries_.size() / 2) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  note_ends();
}

void GateWindow::note_ends() noexcept {
  const bool any = first_ < entries_.size();
  first_tick_ = any ? entries_[first_].tick : kEver;
  last_tick_ = any ? entries_.back().tick : kNever;
}

}  // namespace ringfence
