// SPDX-License-Identifier: Apache-2.0
// A loaded rule table: one contiguous, position-independent, immutable image. `load` trusts nothing before it has checked it;
// afterwards nothing is checked again. The bytes are documented in rule_table.md. Any number of threads may read one table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "export.h"
#include "integer.h"
#include "kinds.h"
#include "limits.h"

namespace ringfence {

/// SHA-256 of the manifest of a certificate directory (command/README.md).
using ProofDigest = std::array<std::uint8_t, 32>;

struct LoadError { std::size_t offset = 0; std::string message; };  ///< where in the bytes, and what is wrong there

// What is known of a declaration or statement; every view lives as long as the table.
struct AssetView   { std::string_view name; unsigned decimals; };
struct EntityView  { std::string_view name; bool many; };
struct BucketView  { std::string_view name; Index owner; std::span<const Index> keys; bool external, may_overdraw; Index account; };
struct AccountView { std::string_view name; Index owner; std::span<const Index> keys; };
struct FactView    { std::string_view name; SubjectKind subject_kind; Index subject; std::span<const Index> keys; FactType type; Index asset;
                     Int128 min, max; std::int64_t fresh_within_ms; };
struct MachineView { SubjectKind subject_kind; Index subject; std::span<const Index> keys; Index mode_count; };
struct LimitView   { Index statement, asset; std::span<const Index> per; std::int64_t window_ms; };
struct StatementView { StatementKind kind; std::uint32_t line; std::string_view text, cite, because; Mask notify; };

/// A key of a slot: 0..3 is that key of the source, 4..7 that of the destination less 4, kKeySummed all ids.
inline constexpr std::uint8_t kKeySummed = 0xFF;
struct SlotView    { SlotKind kind; Index target; Index asset; Mask roles; std::span<const std::uint8_t> keys; };

class RINGFENCE_API RuleTable {
 public:
  /// Checks and keeps `bytes`. Errors: not a rule table, another version, a wrong checksum, anything out of range; each with its
  /// offset. Linear in the size; allocates only its own small indexes.
  static std::variant<RuleTable, LoadError> load(std::vector<std::byte> bytes);
  /// The same without a copy, over bytes that the caller keeps alive and unchanged as long as the table lives: a file mapped
  /// read-only, say, that nobody writes. They begin at a multiple of kAlignment (a mapping does); otherwise that is the error.
  static std::variant<RuleTable, LoadError> load_in_place(std::span<const std::byte> bytes);
  static constexpr std::size_t kAlignment = 16;
  RuleTable(RuleTable&&) noexcept;
  RuleTable& operator=(RuleTable&&) noexcept;
  ~RuleTable();

  std::span<const std::byte> bytes() const noexcept;
  std::uint64_t serial() const noexcept;             ///< 1 or more, and another for each table that this process has loaded
  std::string_view source_digest() const noexcept;   ///< SHA-256 of the policy text, 64 hex digits
  std::string_view policy_name() const noexcept;
  /// Which proof the table says that it has; nothing: none. `load` can't know whether that proof exists or is about this table, and
  /// who can write the table can write this. The command's gate compares it with the proof; an embedder who takes only tables that
  /// were reviewed compares it with the digest that was signed off then.
  std::optional<ProofDigest> proof_digest() const noexcept;

  Index asset_count() const noexcept;    AssetView asset(Index) const noexcept;
  Index entity_count() const noexcept;   EntityView entity(Index) const noexcept;
  Index bucket_count() const noexcept;   BucketView bucket(Index) const noexcept;
  Index account_count() const noexcept;  AccountView account(Index) const noexcept;
  Index fact_count() const noexcept;     FactView fact(Index) const noexcept;
  Index machine_count() const noexcept;  MachineView machine(Index) const noexcept;
  std::string_view machine_name(Index) const noexcept;   ///< that of its subject: "Client.margin", "Client", "system"
  std::string_view mode_name(Index machine, Index mode) const noexcept;
  Index role_count() const noexcept;     std::string_view role(Index) const noexcept;
  Index purpose_count() const noexcept;  std::string_view purpose(Index) const noexcept;
  Index evidence_count() const noexcept; std::string_view evidence(Index) const noexcept;
  Index limit_count() const noexcept;    LimitView limit(Index) const noexcept;
  Index statement_count() const noexcept; StatementView statement(Index) const noexcept;

  // By name; kNone when there is none.
  Index find_asset(std::string_view) const noexcept;
  Index find_entity(std::string_view) const noexcept;
  Index find_account(std::string_view) const noexcept;
  Index find_bucket(std::string_view) const noexcept;
  Index find_fact(std::string_view) const noexcept;
  Index find_machine(std::string_view) const noexcept;
  Index find_mode(Index machine, std::string_view) const noexcept;
  Index find_role(std::string_view) const noexcept;
  Index find_purpose(std::string_view) const noexcept;
  Index find_evidence(std::string_view) const noexcept;

  /// The slots of a move's row (a row index comes from find_move, find_transition or Decision::move).
  std::span<const SlotView> slots(Index row) const noexcept;
  /// Text of one condition of one statement on one row: what Decision::clause stands for.
  std::string_view clause_text(Index row, Index statement, Index clause) const noexcept;
  /// The limits whose windows grow when a transfer on this row is applied, as indexes for limit(), with the keys of each sum.
  struct Counted { Index limit; std::span<const std::uint8_t> keys; };
  std::span<const Counted> counted(Index row) const noexcept;

  /// A change of mode that an allow rule of the row brings with a transfer (language reference, 4.8): to `mode`, of the subject whose mode is the row's slot `slot`.
  struct BroughtMode { Index statement; Brought when; Index slot, mode; };
  std::span<const BroughtMode> brought_modes(Index row) const noexcept;   ///< in text order

  struct RINGFENCE_LOCAL Image;                      ///< the checked layout: runtime/rule_table.cc and runtime/decide.cc only
  const Image& image() const noexcept { return *image_; }

 private:
  static std::variant<RuleTable, LoadError> check(std::unique_ptr<Image>);
  explicit RuleTable(std::unique_ptr<Image>) noexcept;
  std::unique_ptr<Image> image_;
};

}  // namespace ringfence
