// SPDX-License-Identifier: Apache-2.0
// See gate_window.h.
#include "runtime/gate_window.h"

#include <algorithm>
#include <cassert>

namespace ringfence {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t day_of(std::int64_t time_ms) noexcept {
  return time_ms / kDayMs - (time_ms % kDayMs < 0 ? 1 : 0);
}

}  // namespace

std::int64_t GateWindow::tick_of(std::int64_t time_ms) const noexcept { return window_ms_ == 0 ? day_of(time_ms) : time_ms; }

UInt128 GateWindow::sum_until(Int128 tick) const noexcept {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), tick,
                                      [](Int128 wanted, const Entry& entry) { return wanted < entry.tick; });
  return after == entries_.begin() ? forgotten_sum_ : std::prev(after)->sum;
}

std::optional<Int128> GateWindow::used(std::int64_t time_ms) const noexcept {
  const std::int64_t tick = tick_of(time_ms);
  if (forgotten_at_ && tick < *forgotten_at_) return std::nullopt;
  const Int128 width = window_ms_ == 0 ? 1 : window_ms_;
  return static_cast<Int128>(sum_until(tick) - sum_until(Int128{tick} - width));
}

void GateWindow::add(std::int64_t time_ms, Int128 amount) {
  const std::int64_t tick = tick_of(time_ms);
  const UInt128 sum = (entries_.empty() ? forgotten_sum_ : entries_.back().sum) + static_cast<UInt128>(amount);
  assert(entries_.empty() || entries_.back().tick <= tick);
  if (!entries_.empty() && entries_.back().tick == tick) entries_.back().sum = sum;
  else entries_.push_back(Entry{tick, sum});
}

void GateWindow::undo(Int128 amount) {
  assert(!entries_.empty());
  entries_.back().sum -= static_cast<UInt128>(amount);
  const UInt128 before = entries_.size() == 1 ? forgotten_sum_ : entries_[entries_.size() - 2].sum;
  if (entries_.back().sum == before) entries_.pop_back();   // amounts are at least 1: nothing of this time is left
}

void GateWindow::forget_before(std::int64_t time_ms) {
  const std::int64_t tick = tick_of(time_ms);
  const Int128 width = window_ms_ == 0 ? 1 : window_ms_;
  while (!entries_.empty() && entries_.front().tick <= Int128{tick} - width) {
    forgotten_sum_ = entries_.front().sum;
    entries_.pop_front();
  }
  forgotten_at_ = tick;
}

}  // namespace ringfence
