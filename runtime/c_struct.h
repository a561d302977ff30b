// SPDX-License-Identifier: Apache-2.0
// How the C interface meets the sizes of a caller's structs (ringfence_c.h, "Structs"). What is_readable and is_writable let pass has at
// least the members that this library knows; a member added later gets its default here from a size that ends before it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/ringfence_c.h"
#include "runtime/rule_table.h"

namespace ringfence::c {

inline constexpr std::uint32_t kStructBytesMax = 4096;   ///< keeps a wild size from being read through

inline const RuleTable& cpp(const ringfence_table* table) noexcept { return *reinterpret_cast<const RuleTable*>(table); }

template <class Struct>
constexpr bool is_size(std::uint32_t size) noexcept { return size >= sizeof(Struct) && size <= kStructBytesMax && size % alignof(Struct) == 0; }

/// `size`: of the first, for an element of an array; all must say the same, for it is the distance between them.
template <class Struct>
bool is_readable(const Struct& given, std::uint32_t size) noexcept {
  if (given.size != size || !is_size<Struct>(size)) return false;
  if (size == sizeof(Struct)) return true;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&given);
  return std::all_of(bytes + sizeof(Struct), bytes + size, [](unsigned char byte) { return byte == 0; });
}
template <class Struct>
bool is_readable(const Struct& given) noexcept { return is_readable(given, given.size); }

template <class Struct>
bool is_writable(const Struct& given) noexcept { return is_size<Struct>(given.size); }

/// Overwrites all of a struct of `size` bytes.
template <class Struct>
void write(Struct& to, std::uint32_t size, Struct value) noexcept {
  value.size = size;
  std::memcpy(static_cast<void*>(&to), &value, sizeof value);
  if (size != sizeof value) std::memset(reinterpret_cast<unsigned char*>(&to) + sizeof value, 0, size - sizeof value);
}
template <class Struct>
void write(Struct& to, Struct value) noexcept { write(to, to.size, value); }

/// The element at `index` of an array whose elements have `size` bytes.
template <class Struct>
Struct& element(Struct* first, std::uint32_t size, std::size_t index) noexcept {
  using Byte = std::conditional_t<std::is_const_v<Struct>, const unsigned char, unsigned char>;
  return *reinterpret_cast<Struct*>(reinterpret_cast<Byte*>(first) + index * size);
}

/// Writes the element at `index`; the first one's size is that of all.
template <class Struct>
void write_element(Struct* first, std::size_t index, Struct value) noexcept { write(element(first, first->size, index), first->size, value); }

}  // namespace ringfence::c
