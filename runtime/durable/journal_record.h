// SPDX-License-Identifier: Apache-2.0
// What a journal holds, record by record, and its bytes (../journal.md). A record has all that a replay needs: what was submitted, in the
// numbers of the policy in force, and what was decided. Holds: reading what was written gives the same record; bytes that no record
// has are refused with their place, whatever they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy_approval.h"
#include "../gate.h"

namespace ringfence {

/// The policy at first: the bytes of its rule table. The first record, and no other.
struct JournalPolicy { std::vector<std::byte> table; };
/// Who may approve another policy; after the policy in the first block, or nowhere. `journal`: a number that no other journal has.
struct JournalApprovers { Digest journal{}; std::vector<PublicKey> keys; };
/// Another policy, with what approves it. In a block of its own, so that its head says since when it is in force.
struct JournalPolicyChange { std::vector<std::byte> table; std::vector<ApproverSignature> signatures; };
/// What the next number stands for; the first one is 1. A journal whose ids are numbers from elsewhere has none.
struct JournalName { std::string text; };
struct JournalBalance { Instance bucket; Index asset = kNone; Int128 balance = 0; };
struct JournalMode { Instance machine; Index mode = kNone; std::optional<std::int64_t> entered_ms; };
struct JournalFact { Instance subject; Int128 number = 0; std::int64_t observed_ms = 0; };
struct JournalTransfer { GateTransfer submitted; Decision decision; };
struct JournalChange { GateModeChange submitted; Decision decision; };
struct JournalBatch { std::string id; std::vector<GateTransfer> legs; std::vector<Decision> decisions; };   ///< one decision a leg

using JournalRecord = std::variant<JournalPolicy, JournalName, JournalBalance, JournalMode, JournalFact, JournalTransfer, JournalChange, JournalBatch, JournalApprovers,
                                   JournalPolicyChange>;

// Each appends one record.
void put_record(std::string& out, const JournalPolicy&);
void put_record(std::string& out, const JournalApprovers&);
void put_record(std::string& out, const JournalPolicyChange&);
void put_record(std::string& out, const JournalName&);
void put_record(std::string& out, const JournalBalance&);
void put_record(std::string& out, const JournalMode&);
void put_record(std::string& out, const JournalFact&);
void put_record(std::string& out, const GateTransfer&, const Decision&);
void put_record(std::string& out, const GateModeChange&, const Decision&);
void put_record(std::string& out, const std::string& batch_id, std::span<const GateTransfer> legs, std::span<const GateAnswer> answers);

class RecordReader {
 public:
  /// `bytes` must outlive the reader.
  explicit RecordReader(std::string_view bytes) : bytes_(bytes) {}
  /// The next record; nothing at the end, and at bytes that are no record: then `failed`.
  std::optional<JournalRecord> next();
  bool failed() const noexcept { return failed_; }
  std::size_t position() const noexcept { return position_; }   ///< of the byte at which reading stopped

 private:
  std::uint8_t byte();
  std::uint64_t number();
  std::uint64_t number_up_to(std::uint64_t max);
  Int128 signed_number();
  std::int64_t time();
  std::string_view text();
  Index index();
  Instance instance();
  Authority authority();
  std::vector<Approval> approvals();
  Decision decision();
  GateTransfer transfer();
  GateModeChange change();
  template <std::size_t kSize>
  std::array<std::uint8_t, kSize> bytes();
  std::vector<std::byte> table();
  JournalApprovers approvers();
  JournalPolicyChange policy_change();
  JournalBatch batch();
  JournalMode opening_mode();
  std::optional<JournalRecord> record();

  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace ringfence
