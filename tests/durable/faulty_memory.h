// SPDX-License-Identifier: Apache-2.0
// Memory that can run out: every allocation of this test program, by `new` and by SQLite, is counted while `MemoryFails` lives, and fails from
// the one with the given number on, or that one only.
#pragma once

#include <cstdint>

namespace durable_test {

class MemoryFails {
 public:
  MemoryFails(std::uint64_t at, bool persistent) noexcept;
  ~MemoryFails();
  MemoryFails(const MemoryFails&) = delete;
  MemoryFails& operator=(const MemoryFails&) = delete;
  /// Whether an allocation has failed so far.
  static bool has_failed() noexcept;
};

/// While one lives, no allocation fails or is counted.
class MemoryWorks {
 public:
  MemoryWorks() noexcept;
  ~MemoryWorks();
  MemoryWorks(const MemoryWorks&) = delete;
  MemoryWorks& operator=(const MemoryWorks&) = delete;

 private:
  bool before_;
};

}  // namespace durable_test
