// SPDX-License-Identifier: Apache-2.0
// See gate_content.h. Every part starts with a word that has a letter for its kind and a bit for each field that is not zero; those follow, as words. So every
// part ends where its own bytes say, and writing it asks no question.
#include "runtime/gate_content.h"

#include <cstring>

namespace ringfence {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

/// A part that is being written.
class Part {
 public:
  Part(std::byte* at, char kind) noexcept : begin_(at), next_(at + kWord), first_word_(std::uint64_t{static_cast<unsigned char>(kind)} << 56) {}
  void field(std::uint64_t value) noexcept {
    std::memcpy(next_, &value, kWord);   // and the next one over it, if it is zero
    const std::uint64_t is_there = value != 0;
    next_ += kWord * is_there;
    first_word_ |= is_there << fields_++;
  }
  void fields(std::uint32_t low, std::uint32_t high) noexcept { field(std::uint64_t{high} << 32 | low); }
  void ids(const Ids& ids) noexcept {
    field(ids[0]);
    field(ids[1]);
    field(ids[2]);
    field(ids[3]);
  }
  void authority(const Authority& authority) noexcept {
    field(authority.person);
    field(authority.evidence);
    field(static_cast<std::uint64_t>(authority.time_ms));
  }
  std::byte* end() noexcept {
    std::memcpy(begin_, &first_word_, kWord);
    return next_;
  }

 private:
  std::byte* begin_;
  std::byte* next_;
  std::uint64_t first_word_;
  unsigned fields_ = 0;
};
/// Bytes for a part of so many fields: the last may be written and not be there.
constexpr std::size_t part_bytes(std::size_t fields) noexcept { return kWord * (1 + fields); }

std::byte* put_approvals(std::byte* at, std::span<const Approval> approvals) noexcept {
  for (const Approval& approval : approvals) {
    Part part(at, 'A');
    part.field(approval.person);
    part.field(approval.roles);
    at = part.end();
  }
  return at;
}

std::byte* put_text(std::byte* at, std::string_view text) noexcept {
  Part part(at, 'I');
  part.field(text.size());
  at = part.end();
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

std::size_t content_bytes_max(const GateTransfer& submitted) noexcept { return part_bytes(17) + submitted.approvals.size() * part_bytes(2); }
std::size_t content_bytes_max(const GateModeChange& submitted) noexcept { return part_bytes(10) + submitted.approvals.size() * part_bytes(2); }
std::size_t content_bytes_max(const LegOfBatch& leg) noexcept { return part_bytes(1) + part_bytes(1) + leg.batch_id.size(); }
std::size_t content_bytes_max(Legs legs) noexcept {
  std::size_t bytes = part_bytes(1);
  for (const GateTransfer& leg : legs) bytes += part_bytes(1) + leg.id.size() + content_bytes_max(leg);
  return bytes;
}

std::byte* put_content(std::byte* at, const GateTransfer& submitted) noexcept {
  const Transfer& transfer = submitted.transfer;
  Part part(at, 'T');
  part.fields(transfer.purpose, transfer.asset);
  part.fields(transfer.from.target, transfer.to.target);
  part.fields(transfer.authority.role, transfer.from.id_count | std::uint32_t{transfer.to.id_count} << 8);
  part.ids(transfer.from.ids);
  part.ids(transfer.to.ids);
  part.field(static_cast<std::uint64_t>(transfer.amount));
  part.field(static_cast<std::uint64_t>(transfer.amount >> 64));
  part.authority(transfer.authority);
  part.field(submitted.approvals.size());
  return put_approvals(part.end(), submitted.approvals);
}

std::byte* put_content(std::byte* at, const GateModeChange& submitted) noexcept {
  const ModeChange& change = submitted.change;
  Part part(at, 'M');
  part.fields(change.subject.target, change.to_mode);
  part.fields(change.authority.role, change.subject.id_count);
  part.ids(change.subject.ids);
  part.authority(change.authority);
  part.field(submitted.approvals.size());
  return put_approvals(part.end(), submitted.approvals);
}

std::byte* put_content(std::byte* at, Legs legs) noexcept {
  Part part(at, 'B');
  part.field(legs.size());
  at = part.end();
  for (const GateTransfer& leg : legs) at = put_content(put_text(at, leg.id), leg);
  return at;
}

std::byte* put_content(std::byte* at, const LegOfBatch& leg) noexcept {
  Part part(at, 'L');
  part.field(leg.position);
  return put_text(part.end(), leg.batch_id);
}

}  // namespace ringfence
