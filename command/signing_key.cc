// SPDX-License-Identifier: Apache-2.0
// See signing_key.h.
#include "command/signing_key.h"

#include <filesystem>

#include <fmt/core.h>

namespace ringfence {
namespace {

std::variant<SigningKey, FileError> make_key(const std::string& path) {
  SigningKey key = SigningKey::generate();
  if (auto failed = write_file(path, print_hex(key.seed()) + "\n", Readers::Owner)) return *failed;
  return key;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

std::variant<SigningKey, FileError> read_key(const std::string& path) {
  const auto read = read_file(path, {65});
  if (const auto* error = std::get_if<FileError>(&read)) return *error;
  const std::string& text = std::get<std::string>(read);
  const auto seed = text.ends_with('\n') ? parse_hex(std::string_view(text).substr(0, text.size() - 1)) : std::nullopt;
  if (!seed) return FileError{fmt::format("`{}` is no key: 64 hex digits and a line end", path)};
  return SigningKey::from_seed(*seed);
}

std::variant<SigningKey, FileError> own_key(const std::string& path) {
  return exists(path) ? read_key(path) : make_key(path);
}

std::variant<SigningKey, FileError> signing_key(const std::string& path, const std::string& journal_directory) {
  if (!exists(path) && exists(journal_directory)) return FileError{fmt::format("there is no key `{}`; --key FILE says where the key of journal `{}` is", path, journal_directory)};
  return own_key(path);
}

}  // namespace ringfence
