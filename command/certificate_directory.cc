// SPDX-License-Identifier: Apache-2.0
// See certificate_directory.h.
#include "command/certificate_directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/core.h>

#include "command/directory.h"

namespace ringfence {
namespace {

/// Of a manifest, and of one certificate: far above what the limits of a policy lead to.
constexpr std::size_t kManifestBytesMax = 256u << 20, kCertificateBytesMax = std::size_t{8} << 30;

/// A file that may have `bytes_max`.
std::variant<std::string, FileError> read_whole(const std::string& path, std::size_t bytes_max) {
  auto read = read_file(path, {bytes_max});
  if (const auto* bytes = std::get_if<std::string>(&read); bytes && bytes->size() > bytes_max) return FileError{fmt::format("`{}` is too large", path)};
  return read;
}

std::string_view text_of(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool is_part(const Manifest& manifest, const std::string& name) {
  return name == kManifestName || name == kTableName ||
         std::any_of(manifest.claims.begin(), manifest.claims.end(), [&](const ManifestClaim& claim) { return !claim.file.empty() && claim.file == name; });
}

}  // namespace

std::optional<FileError> may_write_certificate(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) {
    const fs::path parent = fs::absolute(directory, ignored).lexically_normal().parent_path();
    if (fs::is_directory(directory.ends_with('/') ? parent.parent_path() : parent, ignored)) return std::nullopt;
    return FileError{fmt::format("can't make `{}`: {}", directory, std::strerror(ENOENT))};
  }
  const auto listed = names_in(directory);
  if (const auto* error = std::get_if<FileError>(&listed)) return *error;
  const auto& names = std::get<std::vector<std::string>>(listed);
  if (names.empty()) return std::nullopt;
  const auto opened = open_certificate(directory);
  const auto* certificate = std::get_if<CertificateDirectory>(&opened);
  for (const std::string& name : names)
    if (certificate == nullptr || !is_part(certificate->manifest, name))
      return FileError{fmt::format("`{}` holds `{}`, which is no part of a certificate, and is not overwritten: name another directory", directory, name)};
  return std::nullopt;
}

std::optional<FileError> write_certificate(const std::string& directory, const LoadedPolicy& policy, const Verdict& verdict) {
  if (auto error = may_write_certificate(directory)) return error;
  const Manifest manifest = manifest_of(policy.table, policy.moves, verdict);
  const std::string text = print(manifest);
  std::vector<std::byte> table(policy.table.bytes().begin(), policy.table.bytes().end());
  set_proof_digest(table, manifest.all_proved() ? parse_digest(sha256(text)) : std::nullopt);
  std::vector<DirectoryFile> files{{kManifestName, text}, {kTableName, text_of(table)}};
  const std::vector<std::string_view> texts = certificates_of(verdict);
  for (std::size_t i = 0; i < manifest.claims.size(); ++i)
    if (!manifest.claims[i].file.empty()) files.push_back({manifest.claims[i].file, texts[i]});
  return replace_directory(directory, files);
}

std::variant<CertificateDirectory, FileError> open_certificate(const std::string& path) {
  const std::string name = path + "/" + kManifestName;
  auto read = read_whole(name, kManifestBytesMax);
  if (const auto* error = std::get_if<FileError>(&read)) return *error;
  const std::string& text = std::get<std::string>(read);
  auto parsed = parse_manifest(text);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return FileError{fmt::format("can't use `{}`: {}", name, *wrong)};
  return CertificateDirectory{path, std::move(std::get<Manifest>(parsed)), parse_digest(sha256(text)).value_or(ProofDigest{})};
}

std::variant<std::string, FileError> read_claim(const CertificateDirectory& certificate, const ManifestClaim& claim) {
  const std::string name = certificate.path + "/" + claim.file;
  auto read = read_whole(name, kCertificateBytesMax);
  if (const auto* text = std::get_if<std::string>(&read); text && sha256(*text) != claim.sha256)
    return FileError{fmt::format("`{}` is not the file that the manifest names: its SHA-256 is another", name)};
  return read;
}

std::variant<RuleTable, FileError> read_table(const CertificateDirectory& certificate) {
  const std::string name = certificate.path + "/" + kTableName;
  const auto read = read_whole(name, Limits{}.table_bytes);
  if (const auto* error = std::get_if<FileError>(&read)) return *error;
  const auto bytes = std::as_bytes(std::span(std::get<std::string>(read)));
  auto loaded = RuleTable::load({bytes.begin(), bytes.end()});
  if (const auto* error = std::get_if<LoadError>(&loaded)) return FileError{fmt::format("can't use table `{}`: at byte {}: {}", name, error->offset, error->message)};
  const RuleTable& table = std::get<RuleTable>(loaded);
  if (table_digest(table.bytes()) != certificate.manifest.table_digest) return FileError{fmt::format("`{}` is not the table that the manifest names: its digest is another", name)};
  if (table.proof_digest() != (certificate.manifest.all_proved() ? std::optional(certificate.digest) : std::nullopt))
    return FileError{fmt::format("`{}` does not carry the digest of the manifest beside it: one of the two was changed", name)};
  return std::move(std::get<RuleTable>(loaded));
}

}  // namespace ringfence
