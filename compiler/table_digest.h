// SPDX-License-Identifier: Apache-2.0
// SHA-256 of texts and tables, and the proof digest that a table carries. The digest of a table leaves out the two fields of its
// header that say something about the rest, the checksum and the proof digest, so that the proof of a table can name the table, and
// the table its proof.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/rule_table.h"

namespace ringfence {

/// SHA-256 of the bytes: 64 hex digits. Linear.
std::string sha256(std::string_view bytes);
/// 64 hex digits of a digest's 32 bytes.
std::string hex(const ProofDigest&);
/// The 32 bytes that these 64 hex digits stand for; nothing when they are not 64 small hex digits.
std::optional<ProofDigest> parse_digest(std::string_view digits);

/// SHA-256 of the bytes of a whole table with the checksum and the proof digest zero: 64 hex digits. `table` is at least as long as a header.
std::string table_digest(std::span<const std::byte> table);
/// Writes the digest into the table's header (none: zero), and the checksum that then fits. `table` is a whole table.
void set_proof_digest(std::span<std::byte> table, const std::optional<ProofDigest>&);

}  // namespace ringfence
