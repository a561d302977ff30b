// SPDX-License-Identifier: Apache-2.0
// Lines of a file that may be endless or hostile: never more than one line's limit is kept, and a line beyond it is passed over to
// its end and reported. A byte order mark at the start and a carriage return at the end of a line are dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace ringfence {

/// Position of the first byte that is not UTF-8 (RFC 3629: no overlong forms, no surrogates), or nothing.
std::optional<std::size_t> invalid_utf8(std::string_view) noexcept;

class LineReader {
 public:
  /// `file` must outlive the reader. It is read as bytes arrive, so that a line from a pipe is not waited with.
  LineReader(std::FILE* file, std::size_t line_bytes_max) : file_(file), line_bytes_max_(line_bytes_max) {}

  struct Line {
    std::uint32_t number = 0;   ///< 1-based
    std::string text;           ///< without its end; empty when too long
    bool too_long = false;
  };
  /// The next line; nothing at the end of the file, or when it can't be read: then `error` is not 0.
  std::optional<Line> next();
  /// Whether `next` has something to give at once, without waiting for whoever writes into a pipe.
  bool has_next();
  int error() const noexcept { return error_; }   ///< errno of the failed read

 private:
  bool fill();

  std::FILE* file_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t position_ = 0;
  std::uint32_t number_ = 0;
  int error_ = 0;
};

}  // namespace ringfence
