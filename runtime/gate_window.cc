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
  if (first_ == entries_.size() || tick < entries_[first_].tick) return forgotten_sum_;
  if (entries_.back().tick <= tick) return entries_.back().sum;
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_);
  const auto after = std::upper_bound(begin, entries_.end(), tick,
                                      [](Int128 wanted, const Entry& entry) { return wanted < entry.tick; });
  return std::prev(after)->sum;
}

std::optional<Int128> GateWindow::used(std::int64_t time_ms) const noexcept {
  const std::int64_t tick = tick_of(time_ms);
  if (forgotten_at_ && tick < *forgotten_at_) return std::nullopt;
  const Int128 width = window_ms_ == 0 ? 1 : window_ms_;
  return static_cast<Int128>(sum_until(tick) - sum_until(Int128{tick} - width));
}

void GateWindow::add(std::int64_t time_ms, Int128 amount) {
  const std::int64_t tick = tick_of(time_ms);
  const bool any = first_ < entries_.size();
  const UInt128 sum = (any ? entries_.back().sum : forgotten_sum_) + static_cast<UInt128>(amount);
  assert(!any || entries_.back().tick <= tick);
  if (any && entries_.back().tick == tick) entries_.back().sum = sum;
  else entries_.push_back(Entry{tick, sum});
}

void GateWindow::undo(Int128 amount) {
  assert(first_ < entries_.size());
  entries_.back().sum -= static_cast<UInt128>(amount);
  const UInt128 before = entries_.size() == first_ + 1 ? forgotten_sum_ : entries_[entries_.size() - 2].sum;
  if (entries_.back().sum == before) entries_.pop_back();   // amounts are at least 1: nothing of this time is left
}

void GateWindow::forget_before(std::int64_t time_ms) {
  const std::int64_t tick = tick_of(time_ms);
  const Int128 width = window_ms_ == 0 ? 1 : window_ms_;
  while (first_ < entries_.size() && entries_[first_].tick <= Int128{tick} - width) forgotten_sum_ = entries_[first_++].sum;
  if (first_ > entries_.size() / 2) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  forgotten_at_ = tick;
}

}  // namespace ringfence
