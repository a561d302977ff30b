// SPDX-License-Identifier: Apache-2.0
// See gate_content.h. Every part starts with four bytes: a letter for its kind, and a bit for each field that is not zero; those follow, as words. So every part
// ends where its own bytes say, and writing it asks hardly a question.
#include "runtime/gate_content.h"

#include <cstring>

namespace ringfence {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t), kHead = sizeof(std::uint32_t);

/// Where the next field of a part goes, and what its first four bytes say of those so far.
struct Part {
  std::byte* next;
  std::uint32_t head;
  std::uint32_t bit = 1;
  void flag(bool is_set) noexcept {
    head |= is_set ? bit : 0;
    bit <<= 1;
  }
  void field(std::uint64_t value) noexcept {
    std::memcpy(next, &value, kWord);   // and the next one over it, if it is zero
    next += kWord * std::size_t{value != 0};
    flag(value != 0);
  }
  void skip(unsigned fields) noexcept { bit <<= fields; }
  void fields(std::uint32_t low, std::uint32_t high) noexcept { field(std::uint64_t{high} << 32 | low); }
  /// Those of which `mask` has the bits.
  void ids(const Ids& ids, std::uint64_t mask = ~std::uint64_t{0}) noexcept {
    field(ids[0] & mask);
    field(ids[1] & mask);
    field(ids[2] & mask);
    field(ids[3] & mask);
  }
  void authority(const Authority& authority) noexcept {
    field(authority.person);
    field(authority.evidence);
    field(static_cast<std::uint64_t>(authority.time_ms));
  }
};

/// Writes the part of this kind whose fields `put` puts; returns its end.
template <class Put>
inline std::byte* put_part(std::byte* at, char kind, const Put& put) noexcept {
  Part part{at + kHead, std::uint32_t{static_cast<unsigned char>(kind)} << 24};
  put(part);
  std::memcpy(at, &part.head, kHead);
  return part.next;
}

/// Bytes for a part of so many fields: the last may be written and not be there.
constexpr std::size_t part_bytes(std::size_t fields) noexcept { return kHead + kWord * fields; }

/// What nearly every transfer has in one word, and the others in three.
bool names_fit_a_word(const Transfer& transfer) noexcept {
  return (transfer.purpose | transfer.asset | transfer.authority.role) >> 8 == 0 && (transfer.from.target | transfer.to.target) >> 16 == 0 &&
         (unsigned{transfer.from.id_count} | transfer.to.id_count) >> 4 == 0;
}
std::uint64_t names_in_a_word(const Transfer& transfer) noexcept {
  return std::uint64_t{transfer.from.target} | std::uint64_t{transfer.to.target} << 16 | std::uint64_t{transfer.purpose} << 32 | std::uint64_t{transfer.asset} << 40 |
         std::uint64_t{transfer.authority.role} << 48 | std::uint64_t{transfer.from.id_count} << 56 | std::uint64_t{transfer.to.id_count} << 60;
}
void put_names(Part& part, const Transfer& transfer) noexcept {
  part.fields(transfer.purpose, transfer.asset);
  part.fields(transfer.from.target, transfer.to.target);
  part.fields(transfer.authority.role, transfer.from.id_count | std::uint32_t{transfer.to.id_count} << 8);
}

std::byte* put_approvals(std::byte* at, std::span<const Approval> approvals) noexcept {
  for (const Approval& approval : approvals) {
    at = put_part(at, 'A', [&](Part& part) {
      part.field(approval.person);
      part.field(approval.roles);
    });
  }
  return at;
}

std::byte* put_text(std::byte* at, std::string_view text) noexcept {
  at = put_part(at, 'I', [&](Part& part) { part.field(text.size()); });
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

std::size_t content_bytes_max(const GateTransfer& submitted) noexcept { return part_bytes(18) + submitted.approvals.size() * part_bytes(2); }
std::size_t content_bytes_max(const GateModeChange& submitted) noexcept { return part_bytes(10) + submitted.approvals.size() * part_bytes(2); }
std::size_t content_bytes_max(const LegOfBatch& leg) noexcept { return part_bytes(1) + part_bytes(1) + leg.batch_id.size(); }
std::size_t content_bytes_max(Legs legs) noexcept {
  std::size_t bytes = part_bytes(1);
  for (const GateTransfer& leg : legs) bytes += part_bytes(1) + leg.id.size() + content_bytes_max(leg);
  return bytes;
}

std::byte* put_content(std::byte* at, const GateTransfer& submitted) noexcept {
  const Transfer& transfer = submitted.transfer;
  const Ids& from = transfer.from.ids;
  const Ids& to = transfer.to.ids;
  const bool differ = ((from[0] ^ to[0]) | (from[1] ^ to[1]) | (from[2] ^ to[2]) | (from[3] ^ to[3])) != 0;
  const bool is_short = names_fit_a_word(transfer);
  at = put_part(at, is_short ? 't' : 'T', [&](Part& part) {
    if (is_short) [[likely]] {
      part.field(names_in_a_word(transfer));
      part.skip(2);
    } else {
      put_names(part, transfer);
    }
    part.flag(differ);
    part.ids(from);
    part.ids(to, std::uint64_t{0} - std::uint64_t{differ});
    part.field(static_cast<std::uint64_t>(transfer.amount));
    part.field(static_cast<std::uint64_t>(transfer.amount >> 64));
    part.authority(transfer.authority);
    part.field(submitted.approvals.size());
  });
  return put_approvals(at, submitted.approvals);
}

std::byte* put_content(std::byte* at, const GateModeChange& submitted) noexcept {
  const ModeChange& change = submitted.change;
  at = put_part(at, 'M', [&](Part& part) {
    part.fields(change.subject.target, change.to_mode);
    part.fields(change.authority.role, change.subject.id_count);
    part.ids(change.subject.ids);
    part.authority(change.authority);
    part.field(submitted.approvals.size());
  });
  return put_approvals(at, submitted.approvals);
}

std::byte* put_content(std::byte* at, Legs legs) noexcept {
  at = put_part(at, 'B', [&](Part& part) { part.field(legs.size()); });
  for (const GateTransfer& leg : legs) at = put_content(put_text(at, leg.id), leg);
  return at;
}

std::byte* put_content(std::byte* at, const LegOfBatch& leg) noexcept {
  return put_text(put_part(at, 'L', [&](Part& part) { part.field(leg.position); }), leg.batch_id);
}

}  // namespace ringfence
