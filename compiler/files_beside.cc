// SPDX-License-Identifier: Apache-2.0
// See files_beside.h.
#include "compiler/files_beside.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace ringfence {

FileReader files_beside(const std::string& policy_path) {
  const std::filesystem::path folder = policy_path == "-" ? std::filesystem::path() : std::filesystem::path(policy_path).parent_path();
  return [folder](const std::string& name) -> std::optional<std::string> {
    const std::filesystem::path path = folder / name;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    std::ifstream file(path, std::ios::binary);
    if (failed || size > Limits{}.source_bytes || !file) return std::nullopt;
    std::string text(size, '\0');
    file.read(text.data(), static_cast<std::streamsize>(size));
    return file.gcount() == static_cast<std::streamsize>(size) ? std::optional(std::move(text)) : std::nullopt;
  };
}

}  // namespace ringfence
