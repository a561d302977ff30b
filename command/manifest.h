// SPDX-License-Identifier: Apache-2.0
// What a certificate directory says that it holds: which policy and table, each claim with its verdict and the file that proves it,
// and what is assumed. A JSON document that has one way to be written, so that its SHA-256 names a proof.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "verify/verify.h"

namespace ringfence {

/// A fence or a property, its verdict, and the file that proves it.
struct ManifestClaim {
  std::string kind;                      ///< "fence", or a word of verify/property.def
  std::uint32_t number = 0;              ///< from 1, in the order of the verdict: of fences, or of properties
  std::uint32_t line = 0;                ///< 0: no statement asks for it
  std::string text;
  Answer answer = Answer::Unknown;
  std::uint32_t obligations = 0;         ///< PROVED: check-sats in the file; where there is none, what was shown, counted
  std::string file, sha256;              ///< PROVED: fence_1.smt2 or property_1.smt2, and the digest of its bytes. A property may have none

  bool is_fence() const noexcept { return kind == "fence"; }
  bool is_invariant() const noexcept { return kind == "invariant"; }
  /// It is about every transfer that some row lets through.
  bool is_about_rows() const noexcept { return kind == "funds" || kind == "floors" || kind == "no_overflow"; }
  /// Whether `ringfence-checker` confirms it from the table.
  bool is_for_checker() const noexcept { return is_fence() || is_invariant() || is_about_rows(); }
  /// It does not say where money can't go, but that something does nothing (a rule, a fence) or that money has a way home.
  bool is_advice() const noexcept { return kind == "rules_fire" || kind == "fences_bite" || kind == "owners_home"; }
  bool holds() const noexcept { return answer == Answer::Proved || is_advice(); }
};

struct Manifest {
  std::string tool_version, policy, policy_version;
  std::string source_digest;             ///< SHA-256 of the policy text and the files that it names; empty for a table made without text
  std::string table_digest;              ///< compiler/table_digest.h
  std::vector<ManifestClaim> claims;
  std::vector<std::string> trusted;      ///< a sentence each

  /// At least one fence, and every claim PROVED but for what is only advice: what a gate asks for.
  bool all_proved() const noexcept;
};

/// What the verdict on the table claims: fences, then properties. Digests of the certificates are computed: linear in their size.
Manifest manifest_of(const RuleTable&, const Moves&, const Verdict&);
/// The text of each claim's file, in the order of Manifest::claims; empty where there is none. Views into the verdict.
std::vector<std::string_view> certificates_of(const Verdict&);
/// Deterministic; ends with a line break.
std::string print(const Manifest&);
/// The manifest that prints as exactly this text, or why there is none.
std::variant<Manifest, std::string> parse_manifest(std::string_view text);

}  // namespace ringfence
