// SPDX-License-Identifier: Apache-2.0
// The argument is in live_table.h; H, P, T and S below are its four steps.
#include "runtime/live_table.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace ringfence {

LiveTable::LiveTable(RuleTable first) : current_(std::make_unique<const RuleTable>(std::move(first)).release()) {}

LiveTable::~LiveTable() {
  assert(readers_.empty());
  delete current_.load();
}

void LiveTable::replace(RuleTable next) {
  auto made = std::make_unique<const RuleTable>(std::move(next));
  const std::lock_guard lock(writers_);
  retired_.reserve(retired_.size() + 1);
  retired_.emplace_back(current_.exchange(made.release()));   // T
  destroy_unread();
}

std::size_t LiveTable::collect() noexcept {
  const std::lock_guard lock(writers_);
  destroy_unread();
  return retired_.size();
}

bool LiveTable::is_had(const RuleTable* table) const noexcept {
  return std::any_of(readers_.begin(), readers_.end(), [&](const Reader* reader) { return reader->hazard_.load() == table; });   // S
}

void LiveTable::destroy_unread() noexcept {
  std::erase_if(retired_, [&](const std::unique_ptr<const RuleTable>& table) { return !is_had(table.get()); });
}

LiveTable::Reader::Reader(LiveTable& live) : live_(live) {
  const std::lock_guard lock(live_.writers_);
  live_.readers_.push_back(this);
}

LiveTable::Reader::~Reader() {
  assert(depth_ == 0);
  const std::lock_guard lock(live_.writers_);
  std::erase(live_.readers_, this);
}

const RuleTable* LiveTable::Reader::acquire() noexcept {
  if (depth_++ != 0) return hazard_.load(std::memory_order_relaxed);
  const RuleTable* seen = live_.current_.load();
  for (;;) {
    hazard_.store(seen);                                     // H
    const RuleTable* const now = live_.current_.load();      // P
    if (now == seen) return seen;
    seen = now;
  }
}

void LiveTable::Reader::release() noexcept {
  if (--depth_ == 0) hazard_.store(nullptr, std::memory_order_release);
}

}  // namespace ringfence
