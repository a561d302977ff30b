// SPDX-License-Identifier: Apache-2.0
// Numbers that look random and are the same on every machine (splitmix64): a seed replays any failure.
#pragma once

#include <cstdint>
#include <vector>

namespace ringfence::generate {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  /// 0 to count - 1.
  std::uint32_t below(std::size_t count) noexcept { return static_cast<std::uint32_t>(next() % count); }
  bool chance(unsigned percent) noexcept { return below(100) < percent; }
  template <class T>
  const T& pick(const std::vector<T>& list) noexcept { return list[below(list.size())]; }

 private:
  std::uint64_t state_;
};

}  // namespace ringfence::generate
