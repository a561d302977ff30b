// SPDX-License-Identifier: Apache-2.0
// Whether a rule table is proved, for who is about to use it: by the certificate directory made for it, or by proving it at once.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "command/load.h"

namespace ringfence {

/// The directory that holds the proof of the table in this file, when none was named: `TABLE.proof`, or, for the table of a
/// certificate directory, that directory.
std::string proof_beside(const std::string& table_path);

/// The digest of the proof in the directory, or why it is no proof of the table with this digest. It is one when it was made for that
/// table, every claim is PROVED but for mere advice (manifest.h), there is a fence, and every file is the one that was made. It is not proved again: `check-certificate`
/// does that.
std::variant<ProofDigest, std::string> find_proof(const std::string& table_digest, const std::string& directory);
/// Why the table is not proved; nothing when the directory is its proof, and the table carries the digest of it.
std::optional<std::string> why_not_proved(const RuleTable&, const std::string& table_path, const std::string& directory);
/// Proves the policy, and says why it is not proved; nothing when find_proof would take its certificate.
std::optional<std::string> why_not_provable(const LoadedPolicy&, const std::string& policy_path);

}  // namespace ringfence
