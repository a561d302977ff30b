// SPDX-License-Identifier: Apache-2.0
// A certificate directory: manifest.json, one SMT-LIB file for each claim that is PROVED by one, and table.rft, the rule table that all of it
// is about. The table carries the SHA-256 of the manifest when every fence is PROVED, the manifest that of the table and of each file.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "command/file.h"
#include "command/load.h"
#include "command/manifest.h"
#include "compiler/table_digest.h"

namespace ringfence {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kTableName = "table.rft";

/// Why nothing may be written there: something is there that is no certificate directory, or that has other files in it.
std::optional<FileError> may_write_certificate(const std::string& directory);
/// All of it or nothing (directory.h), in place of the certificate that was there.
std::optional<FileError> write_certificate(const std::string& directory, const LoadedPolicy&, const Verdict&);

/// A directory whose manifest has been read. Nothing else in it has been looked at.
struct CertificateDirectory {
  std::string path;
  Manifest manifest;
  ProofDigest digest{};                  ///< SHA-256 of the manifest
};
std::variant<CertificateDirectory, FileError> open_certificate(const std::string& path);
/// The text of the claim's file, which has the digest in the manifest; otherwise what is wrong with it.
std::variant<std::string, FileError> read_claim(const CertificateDirectory&, const ManifestClaim&);
/// The table, which has the digest in the manifest and carries the manifest's when all is PROVED; otherwise what is wrong with it.
std::variant<RuleTable, FileError> read_table(const CertificateDirectory&);

}  // namespace ringfence
