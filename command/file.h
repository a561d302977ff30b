// SPDX-License-Identifier: Apache-2.0
// Files in and out. Reading is bounded; writing leaves either the old file or the whole new one, never half of it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ringfence {

/// Why a file can't be used, in one line that names it.
struct FileError { std::string message; };

struct CloseFile { void operator()(std::FILE* file) const noexcept { if (file != nullptr && file != stdin) std::fclose(file); } };
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

/// Opens for reading; `-` is standard input. Directories are refused.
std::variant<OpenFile, FileError> open_file(const std::string& path);
/// How much of a file is read: `bytes_max`, or `bytes_max_marked` when it starts with `mark`.
struct ReadLimit {
  std::size_t bytes_max;
  std::string_view mark = {};
  std::size_t bytes_max_marked = 0;
};
/// At most one byte more than the limit: that byte says that the file is too large, whatever its size.
std::variant<std::string, FileError> read_file(const std::string& path, const ReadLimit&);
/// Writes to a temporary file in the same directory, syncs it and renames it to `path`; a device or pipe is written directly.
/// Nothing when it worked. A new file may be read by everybody whom the process's mask lets, or by its owner only.
enum class Readers : bool { Everybody, Owner };
std::optional<FileError> write_file(const std::string& path, std::string_view bytes, Readers = Readers::Everybody);

}  // namespace ringfence
