// SPDX-License-Identifier: Apache-2.0
// See instance.h.
#include "command/instance.h"

#include <algorithm>

#include "runtime/limits.h"

namespace ringfence {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
         c == ':' || c == '@';
}

/// Names are looked up, so what is no name at all is only what could not be printed or told apart.
bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_id_character);
}

}  // namespace

bool is_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= Limits{}.name_bytes && std::all_of(text.begin(), text.end(), is_id_character);
}

std::optional<InstanceText> parse_instance(std::string_view text) {
  text = trimmed(text);
  InstanceText result;
  const std::size_t space = std::min(text.find_first_of(" \t"), text.size());
  result.name = text.substr(0, space);
  if (!is_name(result.name)) return std::nullopt;
  std::string_view rest = trimmed(text.substr(space));
  if (rest.empty()) return result;
  if (rest.substr(0, 2) != "of" || rest.size() < 4 || (rest[2] != ' ' && rest[2] != '\t')) return std::nullopt;
  rest.remove_prefix(3);
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view id = trimmed(rest.substr(0, comma));
    if (!is_id(id)) return std::nullopt;
    result.ids.emplace_back(id);
    if (comma == rest.size()) return result;
    rest.remove_prefix(comma + 1);
  }
}

std::uint64_t Interner::number_of(std::string_view id) {
  const auto found = numbers_.find(id);
  if (found != numbers_.end()) return found->second;
  ids_.emplace_back(id);
  const std::uint64_t number = ids_.size();
  numbers_.emplace(ids_.back(), number);
  return number;
}

std::string Interner::id_of(std::uint64_t number) const {
  return number >= 1 && number <= ids_.size() ? ids_[number - 1] : "#" + std::to_string(number);
}

std::uint64_t Interner::find(std::string_view id) const {
  const auto found = numbers_.find(id);
  return found == numbers_.end() ? 0 : found->second;
}

Instance Interner::instance(Index target, std::span<const std::string> ids) {
  Instance result;
  result.target = target;
  result.id_count = static_cast<std::uint8_t>(std::min<std::size_t>(ids.size(), kKeysMax + 1));
  for (std::size_t i = 0; i < std::min(ids.size(), kKeysMax); ++i) result.ids[i] = number_of(ids[i]);
  return result;
}

std::string Interner::print(std::string_view name, const Instance& instance) const {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min<std::size_t>(instance.id_count, kKeysMax); ++i) ids.push_back(id_of(instance.ids[i]));
  return print_instance(name, ids);
}

}  // namespace ringfence
