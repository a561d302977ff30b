// SPDX-License-Identifier: Apache-2.0
// The digest of a table does not depend on the proof digest that it carries, and on every other byte it does.
#include <catch2/catch.hpp>

#include <cstring>

#include "compiler/passes.h"
#include "compiler/table_digest.h"
#include "runtime/rule_table_format.h"
#include "tests/runtime/sample_moves.h"

namespace ringfence {
namespace {

TEST_CASE("SHA-256 is that of FIPS 180-4") {
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("hex digits and digests") {
  const auto digest = parse_digest(sha256("abc"));
  REQUIRE(digest);
  CHECK(hex(*digest) == sha256("abc"));
  CHECK_FALSE(parse_digest(""));
  CHECK_FALSE(parse_digest(sha256("abc") + "0"));
  CHECK_FALSE(parse_digest(std::string(64, 'A')));
  CHECK_FALSE(parse_digest(std::string(64, 'g')));
}

TEST_CASE("a table carries a proof digest, and loads; its own digest stays") {
  std::vector<std::byte> bytes = emit(sample::rich_moves());
  const std::vector<std::byte> before = bytes;
  const auto proof = parse_digest(sha256("a proof"));
  set_proof_digest(bytes, proof);
  CHECK(bytes != before);
  CHECK(table_digest(bytes) == table_digest(before));
  const auto loaded = RuleTable::load(bytes);
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  CHECK(std::get<RuleTable>(loaded).proof_digest() == proof);
  set_proof_digest(bytes, std::nullopt);
  CHECK(bytes == before);
  CHECK_FALSE(std::get<RuleTable>(RuleTable::load(bytes)).proof_digest());
}

TEST_CASE("a table's digest depends on every byte but those of the checksum and the proof digest") {
  const std::vector<std::byte> bytes = emit(sample::tiny_moves());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool left_out = i >= offsetof(format::Header, checksum) && i < offsetof(format::Header, source_digest);
    std::vector<std::byte> changed = bytes;
    changed[i] ^= std::byte{1};
    CAPTURE(i);
    REQUIRE((table_digest(changed) == table_digest(bytes)) == left_out);
  }
}

TEST_CASE("a table's digest is SHA-256 of its bytes with the two fields zero") {
  std::vector<std::byte> bytes = emit(sample::tiny_moves());
  const std::string digest = table_digest(bytes);
  std::memset(bytes.data() + offsetof(format::Header, checksum), 0, offsetof(format::Header, source_digest) - offsetof(format::Header, checksum));
  CHECK(sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()}) == digest);
}

}  // namespace
}  // namespace ringfence
