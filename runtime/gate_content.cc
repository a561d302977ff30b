// SPDX-License-Identifier: Apache-2.0
// See gate_content.h. Every part starts with a word that has a letter for its kind and a bit for each field that is not zero; those follow, as words. So every
// part ends where its own bytes say, and writing it asks no question.
#include "runtime/gate_content.h"

namespace ringfence {
namespace {

/// Where the fields of a part go, and what its first word says of them so far.
struct Part {
  std::uint64_t* next;
  std::uint64_t first_word;
  std::uint64_t bit = 1;
  void field(std::uint64_t value) noexcept {
    *next = value;
    next += value != 0;
    first_word |= value != 0 ? bit : 0;
    bit <<= 1;
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
};

/// Appends the part of this kind whose fields `put` puts.
template <class Put>
void put_part(std::string& out, char kind, const Put& put) {
  constexpr std::size_t kFieldsMax = 20;
  std::uint64_t words[1 + kFieldsMax];
  Part part{words + 1, std::uint64_t{static_cast<unsigned char>(kind)} << 56};
  put(part);
  words[0] = part.first_word;
  out.append(reinterpret_cast<const char*>(words), static_cast<std::size_t>(part.next - words) * sizeof words[0]);
}

void put_approvals(std::string& out, std::span<const Approval> approvals) {
  for (const Approval& approval : approvals) {
    put_part(out, 'A', [&](Part& part) {
      part.field(approval.person);
      part.field(approval.roles);
    });
  }
}

void put_text(std::string& out, std::string_view text) {
  put_part(out, 'I', [&](Part& part) { part.field(text.size()); });
  out.append(text);
}

}  // namespace

void put_content(std::string& out, const GateTransfer& submitted) {
  const Transfer& transfer = submitted.transfer;
  put_part(out, 'T', [&](Part& part) {
    part.fields(transfer.purpose, transfer.asset);
    part.fields(transfer.from.target, transfer.to.target);
    part.fields(transfer.authority.role, transfer.from.id_count | std::uint32_t{transfer.to.id_count} << 8);
    part.ids(transfer.from.ids);
    part.ids(transfer.to.ids);
    part.field(static_cast<std::uint64_t>(transfer.amount));
    part.field(static_cast<std::uint64_t>(transfer.amount >> 64));
    part.authority(transfer.authority);
    part.field(submitted.approvals.size());
  });
  put_approvals(out, submitted.approvals);
}

void put_content(std::string& out, const GateModeChange& submitted) {
  const ModeChange& change = submitted.change;
  put_part(out, 'M', [&](Part& part) {
    part.fields(change.subject.target, change.to_mode);
    part.fields(change.authority.role, change.subject.id_count);
    part.ids(change.subject.ids);
    part.authority(change.authority);
    part.field(submitted.approvals.size());
  });
  put_approvals(out, submitted.approvals);
}

void put_content(std::string& out, std::span<const GateTransfer> legs) {
  put_part(out, 'B', [&](Part& part) { part.field(legs.size()); });
  for (const GateTransfer& leg : legs) {
    put_text(out, leg.id);
    put_content(out, leg);
  }
}

void put_content_of_leg(std::string& out, std::string_view batch_id, std::size_t position) {
  put_part(out, 'L', [&](Part& part) { part.field(position); });
  put_text(out, batch_id);
}

}  // namespace ringfence
