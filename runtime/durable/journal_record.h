// SPDX-License-Identifier: Apache-2.0
// What a journal holds, record by record, and its bytes (../journal.md). A record has all that a replay needs: what was submitted, in the
// numbers of the policy in force, and what was decided. Holds: reading what was written gives the same record; bytes that no record
// has are refused with their place, whatever they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/gate.h"

namespace ringfence {

/// The policy in force: the bytes of its rule table. The first record, and no other.
struct JournalPolicy { std::vector<std::byte> table; };
/// What the next number stands for; the first one is 1. A journal whose ids are numbers from elsewhere has none.
struct JournalName { std::string text; };
struct JournalBalance { Instance bucket; Index asset = kNone; Int128 balance = 0; };
struct JournalMode { Instance machine; Index mode = kNone; };
struct JournalFact { Instance subject; Int128 number = 0; std::int64_t observed_ms = 0; };
struct JournalTransfer { GateTransfer submitted; Decision decision; };
struct JournalChange { GateModeChange submitted; Decision decision; };
struct JournalBatch { std::string id; std::vector<GateTransfer> legs; std::vector<Decision> decisions; };   ///< one decision a leg

using JournalRecord = std::variant<JournalPolicy, JournalName, JournalBalance, JournalMode, JournalFact, JournalTransfer, JournalChange, JournalBatch>;

// Each appends one record.
void put_record(std::string& out, const JournalPolicy&);
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
  std::string_view text();
  Index index();
  Instance instance();
  Authority authority();
  std::vector<Approval> approvals();
  Decision decision();
  GateTransfer transfer();
  GateModeChange change();
  JournalPolicy policy();
  JournalBatch batch();
  std::optional<JournalRecord> record();

  std::string_view bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace ringfence
