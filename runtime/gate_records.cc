// SPDX-License-Identifier: Apache-2.0
// See gate_records.h.
#include "runtime/gate_records.h"

#include <algorithm>
#include <bit>

namespace ringfence {
namespace {

constexpr std::size_t kSlotsMin = 16;

/// Twice as much as there is, or what is needed: so that growing costs a constant for each record.
template <class Vector>
void make_room_in(Vector& vector, std::size_t more) {
  if (vector.capacity() - vector.size() < more) vector.reserve(std::max(2 * vector.capacity(), vector.size() + more));
}

/// As far as there is room: the system gives memory when it is written.
template <class Vector>
void write_room_of(Vector& vector, std::size_t more) {
  const std::size_t size = vector.size();
  vector.resize(size + more);
  vector.resize(size);
}

}  // namespace

GateRecords::GateRecords() : slots_(kSlotsMin), mask_(kSlotsMin - 1), units_(1) { units_[0].ids = {}; }

Index GateRecords::add_cell(const Cell& initial) {
  units_.emplace_back().cell = initial;
  return unit_count_++;
}

Index GateRecords::add_window(std::int64_t window_ms) {
  windows_.emplace_back(window_ms);
  return window_count_++;
}

void GateRecords::make_room(std::size_t count) {
  if (2 * (count_ + count) > slots_.size()) {
    LargeVector<Slot> larger(std::bit_ceil(2 * (count_ + count)));
    const std::size_t mask = larger.size() - 1;
    for (Index number = 1; number < count_; ++number) {
      const HashedIds key(ids(number));
      std::size_t at = key.hash & mask;
      while (larger[at].record != 0) at = (at + 1) & mask;
      larger[at] = {tag_of(key), number};
    }
    slots_ = std::move(larger);
    mask_ = mask;
  }
  make_room_in(units_, count * unit_count_);
  make_room_in(windows_, count * window_count_);
}

void GateRecords::reserve(std::size_t count) {
  make_room(count);
  write_room_of(units_, count * unit_count_);
  write_room_of(windows_, count * window_count_);
}

Index GateRecords::add(const HashedIds& key) noexcept {
  if (const Index known = find(key); known != 0) return known;
  units_.resize(units_.size() + unit_count_);
  std::copy_n(units_.begin(), unit_count_, units_.end() - static_cast<std::ptrdiff_t>(unit_count_));
  record(count_)->ids = key.ids;
  for (Index i = 0; i < window_count_; ++i) windows_.emplace_back(windows_[i]);
  std::size_t at = key.hash & mask_;
  while (slots_[at].record != 0) at = (at + 1) & mask_;
  slots_[at] = {tag_of(key), count_};
  return count_++;
}

}  // namespace ringfence
