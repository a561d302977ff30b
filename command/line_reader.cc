// SPDX-License-Identifier: Apache-2.0
// See line_reader.h.
#include "command/line_reader.h"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace ringfence {
namespace {

constexpr std::size_t kChunkBytes = 1u << 16;

/// Bytes of the sequence that `lead` starts, and the range of its second byte; 0 for a byte that starts none.
struct Sequence { std::size_t bytes; unsigned char second_min, second_max; };
Sequence sequence_of(unsigned char lead) noexcept {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

std::optional<std::size_t> invalid_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text[i]));
    if (sequence.bytes == 0 || text.size() - i < sequence.bytes) return i;
    for (std::size_t k = 1; k < sequence.bytes; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + k]);
      const unsigned char low = k == 1 ? sequence.second_min : 0x80;
      const unsigned char high = k == 1 ? sequence.second_max : 0xBF;
      if (byte < low || byte > high) return i;
    }
    i += sequence.bytes;
  }
  return std::nullopt;
}

/// Reads more after what is left; false at the end of the file or on an error.
bool LineReader::fill() {
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t left = buffer_.size();
  buffer_.resize(left + kChunkBytes);
  ssize_t count = -1;
  do count = ::read(::fileno(file_), buffer_.data() + left, kChunkBytes);
  while (count < 0 && errno == EINTR);
  if (count < 0) error_ = errno;
  buffer_.resize(left + (count > 0 ? static_cast<std::size_t>(count) : 0));
  return count > 0;
}

bool LineReader::has_next() {
  while (buffer_.find('\n', position_) == std::string::npos && buffer_.size() - position_ <= line_bytes_max_) {
    pollfd waiting{::fileno(file_), POLLIN, 0};
    if (::poll(&waiting, 1, 0) == 0) return false;
    if (!fill()) break;   // the end, or an error: `next` says so at once
  }
  return true;
}

std::optional<LineReader::Line> LineReader::next() {
  Line line;
  bool any = false;
  while (true) {
    if (position_ == buffer_.size() && !fill()) break;
    any = true;
    const std::size_t end = std::min(buffer_.find('\n', position_), buffer_.size());
    const std::string_view piece(buffer_.data() + position_, end - position_);
    if (line.text.size() + piece.size() > line_bytes_max_) line.too_long = true;
    if (!line.too_long) line.text += piece;
    position_ = end;
    if (end == buffer_.size()) continue;
    ++position_;
    break;
  }
  if (!any || error_ != 0) return std::nullopt;
  line.number = ++number_;
  if (line.too_long) line.text.clear();
  if (line.number == 1 && line.text.starts_with("\xEF\xBB\xBF")) line.text.erase(0, 3);
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

}  // namespace ringfence
