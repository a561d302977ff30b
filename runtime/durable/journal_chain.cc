// SPDX-License-Identifier: Apache-2.0
// See journal_chain.h.
#include "runtime/durable/journal_chain.h"

#include <charconv>
#include <cstdlib>

#include <sodium.h>

namespace ringfence {
namespace {

constexpr std::string_view kOriginWords = "ringfence journal 1", kHeadWords = "ringfence head 1 ";
constexpr std::size_t kCountDigits = 20;
constexpr std::size_t kHeadTextBytes = kHeadWords.size() + 2 * (kCountDigits + 1) + 64 + 1 + 128;
static_assert(kHeadTextBytes < kHeadLineBytes);

/// Before the first use of libsodium; it can only fail where there is no randomness, and then nothing can be signed.
void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) std::abort();
}

using Count = std::array<std::uint8_t, 8>;
Count little_endian(std::uint64_t value) {
  Count bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(value), value >>= 8;
  return bytes;
}

/// What is signed: the words, the counts and the digest.
std::string signed_bytes(const Head& head) {
  std::string bytes(kHeadWords);
  for (const std::uint64_t count : {head.blocks, head.records})
    for (const std::uint8_t byte : little_endian(count)) bytes.push_back(static_cast<char>(byte));
  bytes.append(reinterpret_cast<const char*>(head.digest.data()), head.digest.size());
  return bytes;
}

const unsigned char* as_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string digits(std::uint64_t count) {
  const std::string shortest = std::to_string(count);
  return std::string(kCountDigits - shortest.size(), '0') + shortest;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <std::size_t kSize>
std::optional<std::array<std::uint8_t, kSize>> parse_bytes(std::string_view text) {
  std::array<std::uint8_t, kSize> bytes;
  if (text.size() != 2 * kSize) return std::nullopt;
  std::size_t size = 0;
  if (sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr) != 0 || size != kSize) return std::nullopt;
  return bytes;
}

}  // namespace

SigningKey SigningKey::generate() {
  start_sodium();
  std::array<std::uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  SigningKey key = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey SigningKey::from_seed(std::span<const std::uint8_t, 32> seed) {
  start_sodium();
  SigningKey key;
  PublicKey ignored;
  crypto_sign_seed_keypair(ignored.data(), key.secret_.data(), seed.data());
  return key;
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

std::array<std::uint8_t, 32> SigningKey::seed() const {
  std::array<std::uint8_t, 32> seed;
  crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
  return seed;
}

PublicKey SigningKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(key.data(), secret_.data());
  return key;
}

SignedHead SigningKey::sign(const Head& head) const { return {head, sign(signed_bytes(head))}; }

Signature SigningKey::sign(std::string_view words) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, as_bytes(words), words.size(), secret_.data());
  return signature;
}

Head origin(const PublicKey& key) {
  start_sodium();
  Head head;
  crypto_generichash(head.digest.data(), head.digest.size(), key.data(), key.size(), as_bytes(kOriginWords), kOriginWords.size());
  return head;
}

Head next_head(const Head& before, std::uint64_t record_count, std::string_view records) {
  Head head{before.blocks + 1, before.records + record_count, {}};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, head.digest.size());
  crypto_generichash_update(&state, before.digest.data(), before.digest.size());
  for (const std::uint64_t count : {head.blocks, head.records}) crypto_generichash_update(&state, little_endian(count).data(), sizeof(Count));
  crypto_generichash_update(&state, as_bytes(records), records.size());
  crypto_generichash_final(&state, head.digest.data(), head.digest.size());
  return head;
}

bool is_signed_by(const SignedHead& signed_head, const PublicKey& key) { return is_signed_by(signed_bytes(signed_head.head), signed_head.signature, key); }

bool is_signed_by(std::string_view words, const Signature& signature, const PublicKey& key) {
  start_sodium();
  return crypto_sign_verify_detached(signature.data(), as_bytes(words), words.size(), key.data()) == 0;
}

Digest digest_of(std::string_view bytes) {
  start_sodium();
  Digest digest;
  crypto_generichash(digest.data(), digest.size(), as_bytes(bytes), bytes.size(), nullptr, 0);
  return digest;
}

Digest random_digest() {
  start_sodium();
  Digest digest;
  randombytes_buf(digest.data(), digest.size());
  return digest;
}

std::string print(const SignedHead& signed_head) {
  return std::string(kHeadWords) + digits(signed_head.head.blocks) + " " + digits(signed_head.head.records) + " " + print_hex(signed_head.head.digest) + " " +
         print_hex(signed_head.signature) + std::string(kHeadLineBytes - kHeadTextBytes - 1, ' ') + "\n";
}

std::optional<SignedHead> parse_head(std::string_view line) {
  if (line.size() != kHeadLineBytes || !line.starts_with(kHeadWords)) return std::nullopt;
  constexpr std::size_t kBlocks = kHeadWords.size(), kRecords = kBlocks + kCountDigits + 1, kDigest = kRecords + kCountDigits + 1, kSignature = kDigest + 65;
  if (line[kRecords - 1] != ' ' || line[kDigest - 1] != ' ' || line[kSignature - 1] != ' ') return std::nullopt;
  if (line.substr(kHeadTextBytes) != std::string(kHeadLineBytes - kHeadTextBytes - 1, ' ') + "\n") return std::nullopt;
  const auto blocks = parse_count(line.substr(kBlocks, kCountDigits)), records = parse_count(line.substr(kRecords, kCountDigits));
  const auto digest = parse_bytes<32>(line.substr(kDigest, 64));
  const auto signature = parse_bytes<64>(line.substr(kSignature, 128));
  if (!blocks || !records || !digest || !signature) return std::nullopt;
  return SignedHead{{*blocks, *records, *digest}, *signature};
}

std::string print_hex(std::span<const std::uint8_t> bytes) {
  std::string result(2 * bytes.size() + 1, '\0');
  sodium_bin2hex(result.data(), result.size(), bytes.data(), bytes.size());
  result.pop_back();
  return result;
}

std::optional<Digest> parse_hex(std::string_view digits) { return parse_bytes<32>(digits); }
std::optional<Signature> parse_signature(std::string_view digits) { return parse_bytes<64>(digits); }

}  // namespace ringfence
