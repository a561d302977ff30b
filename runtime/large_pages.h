// SPDX-License-Identifier: Apache-2.0
// Memory for what a gate keeps: it begins with a cache line; from 2 MiB on with a large page, and the system is asked for large pages where it gives them on
// request, because each look-up is at another place and would otherwise wait for the address too. Throws std::bad_alloc.
#pragma once

#include <cstddef>
#include <vector>

namespace ringfence {

inline constexpr std::size_t kCacheLine = 64;

void* allocate_in_large_pages(std::size_t bytes);
void deallocate_in_large_pages(void* memory, std::size_t bytes) noexcept;

template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class Other>
  LargePages(const LargePages<Other>&) noexcept {}
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_in_large_pages(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) noexcept { deallocate_in_large_pages(memory, count * sizeof(T)); }
  bool operator==(const LargePages&) const noexcept { return true; }
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace ringfence
