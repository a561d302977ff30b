// SPDX-License-Identifier: Apache-2.0
// Directories that are written whole: whoever looks finds the old one, the new one, or none, at any instant and after any crash.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "command/file.h"

namespace ringfence {

struct DirectoryFile { std::string name; std::string_view bytes; };

/// The names in it, sorted; nothing when there is no such directory.
std::variant<std::vector<std::string>, FileError> names_in(const std::string& directory);
/// Writes the files to a new directory beside `path`, syncs them, and lets it take the place of what is there: nothing, or a directory,
/// which is removed with all that is in it. Nothing when it worked; otherwise what was there is still there.
std::optional<FileError> replace_directory(const std::string& path, std::span<const DirectoryFile> files);

}  // namespace ringfence
