// SPDX-License-Identifier: Apache-2.0
// See proof.h.
#include "command/proof.h"

#include <filesystem>

#include <fmt/core.h>

#include "command/certificate_directory.h"
#include "command/progress.h"

namespace ringfence {
namespace {

/// "line 9: segregate each Client"; what is asked of every policy has no line.
std::string words(const ManifestClaim& claim) { return claim.line == 0 ? claim.text : fmt::format("line {}: {}", claim.line, claim.text); }

}  // namespace

std::string proof_beside(const std::string& table_path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path path(table_path);
  const fs::path own = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return path.filename() == kTableName && fs::exists(own / kManifestName, ignored) ? own.string() : table_path + ".proof";
}

std::variant<ProofDigest, std::string> find_proof(const std::string& table_digest, const std::string& directory) {
  const auto opened = open_certificate(directory);
  if (const auto* error = std::get_if<FileError>(&opened)) return error->message;
  const auto& certificate = std::get<CertificateDirectory>(opened);
  if (certificate.manifest.table_digest != table_digest)
    return fmt::format("`{}` is the proof of another table, of policy \"{}\" version \"{}\"", directory, certificate.manifest.policy, certificate.manifest.policy_version);
  for (const ManifestClaim& claim : certificate.manifest.claims) {
    if (!claim.holds()) return fmt::format("{}: {} in `{}`", words(claim), answer_word(claim.answer), directory);
    if (claim.file.empty()) continue;
    const auto read = read_claim(certificate, claim);
    if (const auto* error = std::get_if<FileError>(&read)) return error->message;
  }
  if (!certificate.manifest.all_proved()) return fmt::format("no fence is proved in `{}`: the policy has none", directory);
  return certificate.digest;
}

std::optional<std::string> why_not_proved(const RuleTable& table, const std::string& table_path, const std::string& directory) {
  const auto carried = table.proof_digest();
  if (!carried) return fmt::format("table `{}` carries no proof", table_path);
  const auto found = find_proof(table_digest(table.bytes()), directory);
  if (const auto* why = std::get_if<std::string>(&found)) return *why;
  if (std::get<ProofDigest>(found) != *carried) return fmt::format("`{}` is another proof than the one whose digest table `{}` carries", directory, table_path);
  return std::nullopt;
}

std::optional<std::string> why_not_provable(const LoadedPolicy& policy, const std::string& policy_path) {
  if (policy.moves.vocabulary.fences.empty()) return fmt::format("nothing can be proved of `{}`: it has no fence", policy_path);
  Progress progress("proving " + policy_path);
  VerifyOptions how;
  how.progress = [&progress](std::string_view doing) { progress.set(doing); };
  const Manifest manifest = manifest_of(policy.table, policy.moves, verify(policy.table, how));
  for (const ManifestClaim& claim : manifest.claims)
    if (!claim.holds()) return fmt::format("{}: {}", words(claim), answer_word(claim.answer));
  return std::nullopt;
}

}  // namespace ringfence
