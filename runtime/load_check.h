// SPDX-License-Identifier: Apache-2.0
// The steps of `load`, in their order, each looking only at what the ones before have checked. A step says what is wrong first and
// at which byte, or nothing; it also fills in the indexes that it has just shown to be sound.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/rule_table_image.h"

namespace ringfence::load_check {

using Image = RuleTable::Image;
using Failure = std::optional<LoadError>;

/// `where` is a record of the table, or any field of one.
template <class Field>
Failure fail_at(const Image& image, const Field& where, std::string message) {
  static_assert(std::is_trivial_v<Field>, "a view of records lies outside of the table");
  const auto* at = reinterpret_cast<const std::byte*>(&where);
  return LoadError{static_cast<std::size_t>(at - image.bytes.data()), std::move(message)};
}

/// A whole section is wrong: at its entry in the header.
inline Failure fail_in(const Image& image, format::Section section, std::string message) {
  return fail_at(image, image.header->sections[static_cast<std::size_t>(section)], std::move(message));
}

/// Whether `first` and the `count` after it lie in something of `size`.
constexpr bool is_run(std::uint64_t first, std::uint64_t count, std::uint64_t size) noexcept { return first <= size && count <= size - first; }

Failure check_text(const Image&, const format::TextRef&);      ///< in the text section, between whole characters

Failure check_envelope(Image&);      ///< magic, version, size, checksum; lays out the sections
Failure check_vocabulary(Image&);    ///< text, declarations, fences; indexes names
Failure check_statements(const Image&);
Failure check_slots(Image&);         ///< slots and slot lists; makes slot_views and slot_ranges
Failure check_rows(Image&);          ///< bodies with their guard programs, rows, transitions, invariants
Failure check_deadlines(Image&);     ///< transitions by the clock; indexes them by the mode that they lead out of
Failure check_lookup(const Image&);  ///< the way from a transfer to its row finds every row, and no other

/// Cannot fail: what the form and relation of a transfer are looked up by. Of a table that all of the above have passed, as what follows.
void index_keys(Image&);
/// Cannot fail: the compact form of what rows say.
void make_compact(Image&);
/// Cannot fail either: the tested form of bodies without compact form, after that.
void make_tested(Image&);

/// The largest magnitude of the value in this place of the slot lists.
Int128 slot_magnitude(const Image&, std::size_t place) noexcept;
/// Keys of the slot's target: what its key sources fill in.
std::span<const Index> target_keys(const Image&, const format::SlotRecord&) noexcept;

}  // namespace ringfence::load_check
