// SPDX-License-Identifier: Apache-2.0
// The chain over the blocks of a journal, and its signed heads: BLAKE2b and Ed25519 of libsodium. A head stands for every block up to
// it and for their order: two journals have the same head exactly when they have the same blocks (unless somebody breaks BLAKE2b), and only
// who has the key can sign one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ringfence {

using Digest = std::array<std::uint8_t, 32>;
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

struct Head {
  std::uint64_t blocks = 0, records = 0;   ///< how many there are up to here
  Digest digest{};
  bool operator==(const Head&) const = default;
};
struct SignedHead { Head head; Signature signature{}; };

class SigningKey {
 public:
  /// A new one, from the system's randomness.
  static SigningKey generate();
  static SigningKey from_seed(std::span<const std::uint8_t, 32> seed);
  ~SigningKey();                                           ///< wipes it
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  std::array<std::uint8_t, 32> seed() const;
  PublicKey public_key() const;
  SignedHead sign(const Head&) const;
  /// What is signed begins with words that say what it is, so that no signature stands for anything else.
  Signature sign(std::string_view words) const;

 private:
  SigningKey() = default;
  std::array<std::uint8_t, 64> secret_{};
};

/// Of a journal without blocks. It depends on who signs: another key makes another chain.
Head origin(const PublicKey&);
/// After one more block of these records.
Head next_head(const Head& before, std::uint64_t record_count, std::string_view records);
bool is_signed_by(const SignedHead&, const PublicKey&);
bool is_signed_by(std::string_view words, const Signature&, const PublicKey&);

Digest digest_of(std::string_view bytes);
/// From the system's randomness: nobody has had it before.
Digest random_digest();

/// One line, filled up with spaces to a disk's sector: for the file `head`, and for who keeps a head elsewhere.
inline constexpr std::size_t kHeadLineBytes = 512;
std::string print(const SignedHead&);
std::optional<SignedHead> parse_head(std::string_view line);

/// Two hex digits a byte, small letters.
std::string print_hex(std::span<const std::uint8_t>);
std::optional<Digest> parse_hex(std::string_view digits);
std::optional<Signature> parse_signature(std::string_view digits);

}  // namespace ringfence
