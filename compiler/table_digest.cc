// SPDX-License-Identifier: Apache-2.0
// See table_digest.h.
#include "compiler/table_digest.h"

#include <cstring>

#include <fmt/core.h>
#include <sodium.h>

#include "runtime/rule_table_format.h"

namespace ringfence {
namespace {

using format::Header;
static_assert(std::tuple_size_v<ProofDigest> == crypto_hash_sha256_BYTES && sizeof(Header::proof_digest) == sizeof(ProofDigest));

std::string in_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

Header header_of(std::span<const std::byte> table) {
  Header header;
  std::memcpy(&header, table.data(), sizeof header);
  return header;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  ProofDigest digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return in_hex(digest);
}

std::string hex(const ProofDigest& digest) { return in_hex(digest); }

std::optional<ProofDigest> parse_digest(std::string_view digits) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  ProofDigest digest;
  if (digits.size() != 2 * digest.size() || digits.find_first_not_of(kHexDigits) != std::string_view::npos) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(kHexDigits.find(digits[2 * i]) << 4 | kHexDigits.find(digits[2 * i + 1]));
  return digest;
}

std::string table_digest(std::span<const std::byte> table) {
  Header header = header_of(table);
  header.checksum = 0;
  header.proof_digest = {};
  const std::span<const std::byte> rest = table.subspan(sizeof header);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(&header), sizeof header);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(rest.data()), rest.size());
  ProofDigest digest;
  crypto_hash_sha256_final(&state, digest.data());
  return in_hex(digest);
}

void set_proof_digest(std::span<std::byte> table, const std::optional<ProofDigest>& digest) {
  Header header = header_of(table);
  header.proof_digest = digest.value_or(ProofDigest{});
  std::memcpy(table.data(), &header, sizeof header);
  header.checksum = format::table_checksum(table.data(), table.size());
  std::memcpy(table.data(), &header, sizeof header);
}

}  // namespace ringfence
