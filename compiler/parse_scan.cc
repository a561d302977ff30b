// SPDX-License-Identifier: Apache-2.0
// One look at every byte. In: any bytes. Out: nothing, or one diagnostic. Holds afterwards: the text is at most as large as
// allowed, valid UTF-8 (no overlong forms, no surrogates), and shows on a screen in the order in which it is read.
#include "compiler/parse_scan.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace ringfence {
namespace {

struct Character { std::uint32_t code_point = 0; std::uint32_t size = 0; };   // size 0: not UTF-8

Character character_at(std::string_view source, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t { return at + i < source.size() ? static_cast<unsigned char>(source[at + i]) : 0; };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::uint32_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  std::uint32_t code_point = lead & (0xFFu >> (size + 1));
  for (std::uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    code_point = (code_point << 6) | (byte(i) & 0x3Fu);
  }
  const std::uint32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point < least || code_point > 0x10FFFF || surrogate ? Character{} : Character{code_point, size};
}

bool is_control(std::string_view source, std::size_t at, std::uint32_t c) {
  if (c == '\r') return at + 1 >= source.size() || source[at + 1] != '\n';
  return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

bool turns_direction(std::uint32_t c) {
  return c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace

void scan_bytes(std::string_view source, const Limits& limits, DiagnosticSink& sink) {
  const std::size_t bytes_max = std::min<std::size_t>(limits.source_bytes, std::numeric_limits<std::uint32_t>::max() - 1);
  const auto refuse = [&](const char* code, SourceRange range, std::string message, std::string help) {
    sink.add(code, range, std::move(message), std::move(help));
    sink.stop();
  };
  if (source.size() > bytes_max)
    return refuse("E0101", {}, fmt::format("the text has {} bytes; the most that is read is {}", source.size(), bytes_max), "split the policy");
  for (std::size_t at = 0; at < source.size();) {
    const auto byte = static_cast<unsigned char>(source[at]);
    if (byte >= 0x20 && byte < 0x7F) { ++at; continue; }
    const Character character = character_at(source, at);
    const auto begin = static_cast<std::uint32_t>(at);
    if (character.size == 0)
      return refuse("E0102", {begin, begin + 1}, fmt::format("the byte 0x{:02X} is not UTF-8", byte), "save the file as UTF-8 text");
    if (is_control(source, at, character.code_point))
      return refuse("E0103", {begin, begin + character.size}, fmt::format("there is a control character here (U+{:04X})", character.code_point),
                    "remove it; only spaces, tabs and line ends lay out a policy");
    if (turns_direction(character.code_point))
      return refuse("E0103", {begin, begin + character.size},
                    fmt::format("an invisible character here (U+{:04X}) turns the reading direction, so that the text is not what it looks like",
                                character.code_point), "remove it");
    at += character.size;
  }
}

}  // namespace ringfence
