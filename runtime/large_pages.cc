// SPDX-License-Identifier: Apache-2.0
// See large_pages.h.
#include "runtime/large_pages.h"

#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ringfence {
namespace {

constexpr std::size_t kLargePage = 2u << 20;

std::align_val_t alignment_of(std::size_t bytes) noexcept { return std::align_val_t{bytes < kLargePage ? kCacheLine : kLargePage}; }

}  // namespace

void* allocate_in_large_pages(std::size_t bytes) {
  void* const memory = ::operator new(bytes, alignment_of(bytes));
#ifdef MADV_HUGEPAGE
  if (bytes >= kLargePage) static_cast<void>(madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE));   // refused: small pages do as well
#endif
  return memory;
}

void deallocate_in_large_pages(void* memory, std::size_t bytes) noexcept { ::operator delete(memory, alignment_of(bytes)); }

}  // namespace ringfence
