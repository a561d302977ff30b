// SPDX-License-Identifier: Apache-2.0
// The notation of an instance, `Client.margin of alice, p1` (language reference, 1.6): the one place that reads it (verify/trace.h
// prints it); and
// the ids in it as the 64-bit numbers that the runtime compares.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/typed_policy.h"
#include "runtime/transfer.h"
#include "verify/trace.h"   // print_instance

namespace ringfence {

/// An instance as written, its name not looked up yet.
struct InstanceText {
  std::string name;               ///< "Client.margin", "system"
  std::vector<std::string> ids;
  bool operator==(const InstanceText&) const = default;
};

/// Letters, digits and `_ - . : @`, 1 to 64 bytes.
bool is_id(std::string_view) noexcept;
/// Nothing when there is no name, or an id is not one.
std::optional<InstanceText> parse_instance(std::string_view);

/// Gives each id a number, the first one 1, and each number its id back. Numbers that it did not give print as "#7".
class Interner {
 public:
  std::uint64_t number_of(std::string_view id);
  std::string id_of(std::uint64_t number) const;
  std::uint64_t find(std::string_view id) const;   ///< the number that it was given; 0: none
  std::uint64_t count() const noexcept { return ids_.size(); }   ///< numbers given so far: 1 to count
  /// `target` with the numbers of `ids`; with more ids than an instance has room for, an id_count that fits no target.
  Instance instance(Index target, std::span<const std::string> ids);
  std::string print(std::string_view name, const Instance&) const;

 private:
  std::deque<std::string> ids_;                                   // stable: the keys below look into it
  std::unordered_map<std::string_view, std::uint64_t> numbers_;
};

}  // namespace ringfence
