// SPDX-License-Identifier: Apache-2.0
// Diagnostics to text for people. In: any diagnostics and any bytes as source. Out: place, message, the line with a caret under
// the range, help. Holds: the output has no control characters but tab and newline, a caret never leaves its line, and a very
// long line is cut to a window around the caret. Cost: linear in the source for each diagnostic.
#include "compiler/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringfence {
namespace {

constexpr std::size_t kWindowColumns = 160;   // of a source line that is shown
constexpr std::size_t kBeforeCaret = 60;      // of these, before the caret, in a line that is cut

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; }

std::string_view first_line_of(std::string_view text) { return text.substr(0, std::min(text.find_first_of("\r\n"), text.size())); }

struct Line { std::size_t begin = 0; std::string_view text; };
Line line_at(std::string_view source, std::size_t offset) {
  offset = std::min(offset, source.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : source.rfind('\n', offset - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return {begin, first_line_of(source.substr(begin))};
}

/// One code point as bytes, and how many columns a terminal gives it. A byte that begins none stands alone.
struct Glyph { std::string_view bytes; std::uint32_t code_point = 0; bool valid = false; };
Glyph next_glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {text.substr(0, 1), lead, true};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {text.substr(0, 1), lead, false};
  std::uint32_t code_point = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {text.substr(0, 1), lead, false};
    code_point = (code_point << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return {text.substr(0, size), code_point, true};
}

bool steers_the_terminal(std::uint32_t c) {
  return (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::size_t columns_of(std::uint32_t c) {
  const bool combining = (c >= 0x300 && c < 0x370) || c == 0x200B || c == 0x200D || (c >= 0xFE00 && c < 0xFE10);
  const bool wide = (c >= 0x1100 && c < 0x1160) || (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xAC00 && c < 0xD7A4) || (c >= 0xF900 && c < 0xFB00) ||
                    (c >= 0xFE30 && c < 0xFE70) || (c >= 0xFF00 && c < 0xFF61) || (c >= 0x1F300 && c < 0x1FB00) || (c >= 0x20000 && c < 0x3FFFE);
  return combining ? 0 : wide ? 2 : 1;
}

/// The text as it may be shown, and what to write below it to stand under what follows: spaces, and tabs where it has tabs.
struct Shown { std::string text, below; };
Shown show(std::string_view text, char mark) {
  Shown shown;
  while (!text.empty()) {
    const Glyph glyph = next_glyph(text);
    text.remove_prefix(glyph.bytes.size());
    const bool replaced = !glyph.valid || steers_the_terminal(glyph.code_point);
    shown.text += replaced ? "?" : std::string(glyph.bytes);
    if (glyph.code_point == '\t' && mark == ' ') shown.below += '\t';
    else shown.below.append(replaced ? 1 : columns_of(glyph.code_point), mark);
  }
  return shown;
}

std::size_t forward(std::string_view text, std::size_t at, std::size_t code_points) {
  for (; at < text.size() && code_points > 0; --code_points)
    for (++at; at < text.size() && is_continuation(text[at]); ++at) {}
  return at;
}
std::size_t backward(std::string_view text, std::size_t at, std::size_t code_points) {
  for (; at > 0 && code_points > 0; --code_points)
    for (--at; at > 0 && is_continuation(text[at]); --at) {}
  return at;
}

/// The line of the range, and the caret line under it.
std::string excerpt(SourceRange range, std::string_view source) {
  const Line line = line_at(source, range.begin);
  const std::size_t caret = std::min(range.begin - std::min<std::size_t>(line.begin, range.begin), line.text.size());
  const std::size_t length = std::min<std::size_t>(range.end - std::min(range.begin, range.end), line.text.size() - caret);
  const std::size_t first = forward(line.text, 0, kWindowColumns) < line.text.size() ? backward(line.text, caret, kBeforeCaret) : 0;
  const std::size_t last = forward(line.text, first, kWindowColumns);

  const Shown before = show(line.text.substr(first, caret - first), ' ');
  const Shown marked = show(line.text.substr(caret, std::min(length, last - caret)), '~');
  const Shown after = show(line.text.substr(caret + std::min(length, last - caret), last - caret - std::min(length, last - caret)), ' ');
  const std::string_view cut_before = first > 0 ? "..." : "", cut_after = last < line.text.size() ? "..." : "";
  const std::string tail = marked.below.size() > 1 ? marked.below.substr(1) : "";
  return fmt::format("  {}{}{}{}{}\n  {}{}^{}\n", cut_before, before.text, marked.text, after.text, cut_after,
                     std::string(cut_before.size(), ' '), before.below, tail);
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) { return d.severity == Severity::Error; });
}

Place place_of(std::string_view source, std::uint32_t offset) noexcept {
  const std::string_view before = source.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::string_view in_line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto columns = std::count_if(in_line.begin(), in_line.end(), [](char c) { return !is_continuation(c); });
  return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(columns + 1)};
}

std::string render(const Diagnostic& diagnostic, std::string_view file_name, std::string_view source) {
  const Place place = place_of(source, diagnostic.range.begin);
  std::string text = fmt::format("{}:{}:{}: {} {}: {}\n{}", file_name, place.line, place.column,
                                 diagnostic.severity == Severity::Error ? "error" : "warning", diagnostic.code,
                                 show(diagnostic.message, ' ').text, excerpt(diagnostic.range, source));
  if (!diagnostic.help.empty()) text += fmt::format("    help: {}\n", show(diagnostic.help, ' ').text);
  return text;
}

std::string render(const Diagnostics& diagnostics, std::string_view file_name, std::string_view source) {
  if (diagnostics.empty()) return "";
  Diagnostics in_order = diagnostics;
  std::stable_sort(in_order.begin(), in_order.end(), [](const Diagnostic& a, const Diagnostic& b) { return a.range.begin < b.range.begin; });
  std::string text;
  for (const Diagnostic& diagnostic : in_order) text += render(diagnostic, file_name, source);
  const auto errors = std::count_if(in_order.begin(), in_order.end(), [](const Diagnostic& d) { return d.severity == Severity::Error; });
  const auto warnings = static_cast<std::ptrdiff_t>(in_order.size()) - errors;
  const auto counted = [](std::ptrdiff_t count, std::string_view word) { return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s"); };
  if (warnings == 0) return text + counted(errors, "error") + "\n";
  if (errors == 0) return text + counted(warnings, "warning") + "\n";
  return text + counted(errors, "error") + ", " + counted(warnings, "warning") + "\n";
}

}  // namespace ringfence
