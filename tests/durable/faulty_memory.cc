// SPDX-License-Identifier: Apache-2.0
// See faulty_memory.h. SQLite's allocator is wrapped before main: later it may not be.
#include "tests/durable/faulty_memory.h"

#include <cstdlib>
#include <new>

#include <sqlite3.h>

namespace durable_test {
namespace {

struct Counting { bool on = false, persistent = false, failed = false; std::uint64_t at = 0, count = 0; };
thread_local Counting counting;

bool fails() noexcept {
  if (!counting.on) return false;
  ++counting.count;
  const bool now = counting.count == counting.at || (counting.persistent && counting.count > counting.at);
  counting.failed = counting.failed || now;
  return now;
}

sqlite3_mem_methods own;

const bool wrapped = [] {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own);
  static sqlite3_mem_methods wrapping = own;
  wrapping.xMalloc = [](int size) -> void* { return fails() ? nullptr : own.xMalloc(size); };
  wrapping.xRealloc = [](void* memory, int size) -> void* { return fails() ? nullptr : own.xRealloc(memory, size); };
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &wrapping) == SQLITE_OK && sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK;
}();

}  // namespace

MemoryFails::MemoryFails(std::uint64_t at, bool persistent) noexcept { counting = {wrapped, persistent, false, at, 0}; }
MemoryFails::~MemoryFails() { counting.on = false; }
bool MemoryFails::has_failed() noexcept { return counting.failed; }

MemoryWorks::MemoryWorks() noexcept : before_(counting.on) { counting.on = false; }
MemoryWorks::~MemoryWorks() { counting.on = before_; }

}  // namespace durable_test

// Every form that the library asks for: what one of them gives, the matching one takes back.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return durable_test::fails() ? nullptr : std::malloc(size == 0 ? 1 : size); }
void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  void* memory = durable_test::fails() ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
