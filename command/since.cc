// SPDX-License-Identifier: Apache-2.0
// See since.h. The digests find accidents; who can write the directory can forge it (trust.def, EarlierProof).
#include "command/since.h"

#include <fmt/core.h>

#include "command/certificate_directory.h"
#include "command/smt_script.h"

namespace ringfence {

std::optional<FileError> take_over(const std::string& directory, ProofMemory& memory) {
  const auto opened = open_certificate(directory);
  if (const auto* error = std::get_if<FileError>(&opened)) return *error;
  const auto& certificate = std::get<CertificateDirectory>(opened);
  const auto table = read_table(certificate);
  if (const auto* error = std::get_if<FileError>(&table)) return *error;
  for (const ManifestClaim& claim : certificate.manifest.claims) {
    if (claim.file.empty()) continue;
    const auto read = read_claim(certificate, claim);
    if (const auto* error = std::get_if<FileError>(&read)) return *error;
    const std::string& text = std::get<std::string>(read);
    const auto script = read_script(text);
    const auto* why = std::get_if<std::string>(&script);
    if (why != nullptr || !memory.take_over(text))
      return FileError{fmt::format("can't take over `{}/{}`: {}", directory, claim.file, why != nullptr ? *why : "it is not laid out as a certificate is")};
  }
  return std::nullopt;
}

}  // namespace ringfence
