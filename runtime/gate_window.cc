// SPDX-License-Identifier: Apache-2.0
// See gate_window.h.
#include "runtime/gate_window.h"

#include <algorithm>
#include <cassert>
#include <span>

namespace ringfence {
namespace {

constexpr std::size_t kNear = 4;

}  // namespace

UInt128 GateWindow::sum_until(Int128 tick) const noexcept {
  if (tick < first_tick()) return forgotten_sum_;
  if (last_tick_ <= tick) return sum_;
  const std::span<const Entry> entries = std::span(entries_).subspan(first_);
  std::size_t first = 0;   // later than `tick`: mostly one of the next few, as time goes on
  while (first < entries.size() && first < kNear && entries[first].tick <= tick) ++first;
  if (first == kNear)
    first = static_cast<std::size_t>(std::upper_bound(entries.begin() + kNear, entries.end(), tick, [](Int128 wanted, const Entry& entry) { return wanted < entry.tick; }) - entries.begin());
  return entries[first - 1].sum;
}

Int128 GateWindow::used_by_entries(std::int64_t tick) const noexcept { return static_cast<Int128>(sum_until(tick) - sum_until(Int128{tick} - width())); }

void GateWindow::note_first() noexcept {
  const std::int64_t first = first_tick();
  first_ends_at_ = first > kEver - width() ? kEver : first + width();
}

void GateWindow::add_at(std::int64_t tick, Int128 amount) {
  assert(is_empty() || last_tick_ <= tick);
  const bool is_first = is_empty();
  if (!is_first && last_tick_ != tick) entries_.push_back(Entry{last_tick_, sum_});
  last_tick_ = tick;
  sum_ += static_cast<UInt128>(amount);
  if (is_first) note_first();
}

void GateWindow::undo(Int128 amount) {
  assert(!is_empty());
  sum_ -= static_cast<UInt128>(amount);
  if (sum_ != sum_before_last()) return;
  last_tick_ = is_empty() ? kNever : entries_.back().tick;   // nothing of this time is left
  if (!is_empty()) entries_.pop_back();
  note_first();
}

void GateWindow::drop_before(std::int64_t tick) {
  const Int128 last_that_goes = Int128{tick} - width();
  while (first_ < entries_.size() && entries_[first_].tick <= last_that_goes) forgotten_sum_ = entries_[first_++].sum;
  if (first_ == entries_.size() && last_tick_ <= last_that_goes) {
    forgotten_sum_ = sum_;
    last_tick_ = kNever;
  }
  if (first_ > entries_.size() / 2) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  note_first();
}

}  // namespace ringfence
