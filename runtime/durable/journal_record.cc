// SPDX-License-Identifier: Apache-2.0
// See journal_record.h; runtime/field_writer.h has how fields are written. A reader that failed reads zeros from then on, and says so at the end of the record.
#include "runtime/durable/journal_record.h"

#include <algorithm>
#include <cstring>

#include "runtime/field_writer.h"

namespace ringfence {
namespace {

enum Kind : std::uint8_t { kPolicy = 1, kName, kBalance, kMode, kFact, kTransfer, kChange, kBatch, kApprovers, kPolicyChange, kModeSince };

std::string_view as_text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::string_view as_text(std::span<const std::uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

// ---- writing

void put_record(std::string& out, const JournalPolicy& policy) {
  FieldWriter fields(out);
  fields.byte(kPolicy);
  fields.text(as_text(policy.table));
}

void put_record(std::string& out, const JournalApprovers& approvers) {
  FieldWriter fields(out);
  fields.byte(kApprovers);
  fields.flush();
  out += as_text(approvers.journal);
  fields.number(std::uint64_t{approvers.keys.size()});
  fields.flush();
  for (const PublicKey& key : approvers.keys) out += as_text(key);
}

void put_record(std::string& out, const JournalPolicyChange& change) {
  FieldWriter fields(out);
  fields.byte(kPolicyChange);
  fields.text(as_text(change.table));
  fields.number(std::uint64_t{change.signatures.size()});
  fields.flush();
  for (const ApproverSignature& each : change.signatures) out.append(as_text(each.approver)).append(as_text(each.signature));
}

void put_record(std::string& out, const JournalName& name) {
  FieldWriter fields(out);
  fields.byte(kName);
  fields.text(name.text);
}

void put_record(std::string& out, const JournalBalance& balance) {
  FieldWriter fields(out);
  fields.byte(kBalance);
  fields.instance(balance.bucket);
  fields.index(balance.asset);
  fields.signed_number(balance.balance);
  fields.flush();
}

void put_record(std::string& out, const JournalMode& mode) {
  FieldWriter fields(out);
  fields.byte(mode.entered_ms ? kModeSince : kMode);
  fields.instance(mode.machine);
  fields.index(mode.mode);
  if (mode.entered_ms) fields.signed_number(*mode.entered_ms);
  fields.flush();
}

void put_record(std::string& out, const JournalFact& fact) {
  FieldWriter fields(out);
  fields.byte(kFact);
  fields.instance(fact.subject);
  fields.signed_number(fact.number);
  fields.signed_number(fact.observed_ms);
  fields.flush();
}

void put_record(std::string& out, const GateTransfer& submitted, const Decision& decision) {
  FieldWriter fields(out);
  fields.byte(kTransfer);
  fields.text(submitted.id);
  fields.transfer(submitted);
  fields.decision(decision);
  fields.flush();
}

void put_record(std::string& out, const GateModeChange& submitted, const Decision& decision) {
  FieldWriter fields(out);
  fields.byte(kChange);
  fields.text(submitted.id);
  fields.instance(submitted.change.subject);
  fields.index(submitted.change.to_mode);
  fields.authority(submitted.change.authority);
  fields.approvals(submitted.approvals);
  fields.flush();
  fields.decision(decision);
  fields.flush();
}

void put_record(std::string& out, const std::string& batch_id, std::span<const GateTransfer> legs, std::span<const GateAnswer> answers) {
  FieldWriter fields(out);
  fields.byte(kBatch);
  fields.text(batch_id);
  fields.number(std::uint64_t{legs.size()});
  for (std::size_t i = 0; i < legs.size(); ++i) {
    fields.text(legs[i].id);
    fields.transfer(legs[i]);
    fields.decision(answers[i].decision);
    fields.flush();
  }
  fields.flush();
}

// ---- reading

std::uint8_t RecordReader::byte() {
  failed_ = failed_ || position_ >= bytes_.size();
  return failed_ ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes_[position_++]);
}

std::uint64_t RecordReader::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t group = byte();
    const std::uint64_t bits = group & 0x7Fu;
    if (bits << shift >> shift != bits) break;
    value |= bits << shift;
    if (group < 0x80) {
      failed_ = failed_ || (group == 0 && shift != 0);   // there is one way to write a number
      return value;
    }
  }
  failed_ = true;
  return 0;
}

std::uint64_t RecordReader::number_up_to(std::uint64_t max) {
  const std::uint64_t value = number();
  failed_ = failed_ || value > max;
  return failed_ ? 0 : value;
}

Int128 RecordReader::signed_number() {
  UInt128 value = 0;
  for (unsigned shift = 0; shift < 128; shift += 7) {
    const std::uint8_t group = byte();
    const UInt128 bits = group & 0x7Fu;
    if (bits << shift >> shift != bits) break;
    value |= bits << shift;
    if (group < 0x80) {
      failed_ = failed_ || (group == 0 && shift != 0);
      return static_cast<Int128>(value >> 1) ^ -static_cast<Int128>(value & 1);
    }
  }
  failed_ = true;
  return 0;
}

std::string_view RecordReader::text() {
  const std::uint64_t size = number_up_to(bytes_.size() - position_);
  failed_ = failed_ || size > bytes_.size() - position_;
  if (failed_) return {};
  const std::string_view result = bytes_.substr(position_, size);
  position_ += size;
  return result;
}

Index RecordReader::index() { return static_cast<Index>(number_up_to(kNone)) - 1; }

Instance RecordReader::instance() {
  Instance result;
  result.target = index();
  result.id_count = byte();
  const std::uint8_t used = byte();
  failed_ = failed_ || used >> kKeysMax != 0;
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    if ((used >> i & 1) == 0) continue;
    result.ids[i] = number();
    failed_ = failed_ || result.ids[i] == 0;
  }
  return result;
}

/// Everything but the approvals, which follow.
Authority RecordReader::authority() {
  Authority result;
  result.person = number();
  result.role = index();
  result.evidence = number();
  const Int128 time_ms = signed_number();
  result.time_ms = static_cast<std::int64_t>(time_ms);
  failed_ = failed_ || result.time_ms != time_ms;
  return result;
}

std::vector<Approval> RecordReader::approvals() {
  std::vector<Approval> result;
  for (std::uint64_t left = number_up_to(bytes_.size()); left != 0 && !failed_; --left) {
    const std::uint64_t person = number();
    result.push_back({person, number()});
  }
  return result;
}

Decision RecordReader::decision() {
  const std::uint8_t reason = byte();
  failed_ = failed_ || reason > static_cast<std::uint8_t>(Reason::Batch);
  Decision result;
  result.reason = static_cast<Reason>(failed_ ? 0 : reason);
  for (Index* field : {&result.statement, &result.clause, &result.slot, &result.move}) *field = index();
  return result;
}

GateTransfer RecordReader::transfer() {
  GateTransfer result;
  result.id = text();
  result.transfer.purpose = index();
  result.transfer.from = instance();
  result.transfer.to = instance();
  result.transfer.asset = index();
  result.transfer.amount = signed_number();
  result.transfer.authority = authority();
  result.approvals = approvals();
  return result;
}

GateModeChange RecordReader::change() {
  GateModeChange result;
  result.id = text();
  result.change.subject = instance();
  result.change.to_mode = index();
  result.change.authority = authority();
  result.approvals = approvals();
  return result;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> RecordReader::bytes() {
  std::array<std::uint8_t, kSize> result{};
  failed_ = failed_ || kSize > bytes_.size() - position_;
  if (failed_) return result;
  std::memcpy(result.data(), bytes_.data() + position_, kSize);
  position_ += kSize;
  return result;
}

std::vector<std::byte> RecordReader::table() {
  const std::string_view bytes = text();
  std::vector<std::byte> result(bytes.size());
  if (!bytes.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

JournalApprovers RecordReader::approvers() {
  JournalApprovers result{bytes<32>(), {}};
  for (std::uint64_t left = number_up_to(kApproversMax); left != 0 && !failed_; --left) result.keys.push_back(bytes<32>());
  return result;
}

JournalPolicyChange RecordReader::policy_change() {
  JournalPolicyChange result{table(), {}};
  for (std::uint64_t left = number_up_to(kApproversMax); left != 0 && !failed_; --left) {
    const PublicKey approver = bytes<32>();
    result.signatures.push_back({approver, bytes<64>()});
  }
  return result;
}

JournalBatch RecordReader::batch() {
  JournalBatch result{std::string(text()), {}, {}};
  for (std::uint64_t left = number_up_to(bytes_.size()); left != 0 && !failed_; --left) {
    result.legs.push_back(transfer());
    result.decisions.push_back(decision());
  }
  return result;
}

JournalMode RecordReader::opening_mode() {
  JournalMode mode{instance(), kNone, {}};
  mode.mode = index();
  return mode;
}

/// Of a fact or an opening mode, Unix ms.
std::int64_t RecordReader::time() {
  const Int128 written = signed_number();
  const auto time_ms = static_cast<std::int64_t>(written);
  failed_ = failed_ || time_ms != written;
  return time_ms;
}

std::optional<JournalRecord> RecordReader::record() {
  switch (byte()) {
    case kPolicy: return JournalPolicy{table()};
    case kName: return JournalName{std::string(text())};
    case kBalance: {
      JournalBalance balance{instance(), index(), 0};
      balance.balance = signed_number();
      return balance;
    }
    case kMode: return opening_mode();
    case kModeSince: {
      JournalMode mode = opening_mode();
      mode.entered_ms = time();
      return mode;
    }
    case kFact: {
      JournalFact fact{instance(), signed_number(), 0};
      fact.observed_ms = time();
      return fact;
    }
    case kTransfer: {
      JournalTransfer submitted{transfer(), {}};
      submitted.decision = decision();
      return submitted;
    }
    case kChange: {
      JournalChange submitted{change(), {}};
      submitted.decision = decision();
      return submitted;
    }
    case kBatch: return batch();
    case kApprovers: return approvers();
    case kPolicyChange: return policy_change();
    default: failed_ = true; return std::nullopt;
  }
}

std::optional<JournalRecord> RecordReader::next() {
  if (failed_ || position_ == bytes_.size()) return std::nullopt;
  auto result = record();
  return failed_ ? std::nullopt : std::move(result);
}

}  // namespace ringfence
