// SPDX-License-Identifier: Apache-2.0
// See gate_content.h. Each content starts with a letter for its kind; every part has a fixed size or its length before it.
#include "runtime/gate_content.h"

namespace ringfence {
namespace {

void put(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(value >> shift & 0xFFu));
}

void put(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint64_t>(text.size()));
  out.append(text);
}

void put(std::string& out, const Instance& instance) {
  put(out, instance.target);
  put(out, instance.id_count);
  for (const std::uint64_t id : instance.ids) put(out, id);
}

void put(std::string& out, const Authority& authority, std::span<const Approval> approvals) {
  put(out, authority.person);
  put(out, authority.role);
  put(out, authority.evidence);
  put(out, static_cast<std::uint64_t>(authority.time_ms));
  put(out, approvals.size());
  for (const Approval& approval : approvals) {
    put(out, approval.person);
    put(out, approval.roles);
  }
}

void put(std::string& out, const GateTransfer& submitted) {
  const Transfer& transfer = submitted.transfer;
  const auto amount = static_cast<UInt128>(transfer.amount);
  put(out, transfer.purpose);
  put(out, transfer.from);
  put(out, transfer.to);
  put(out, transfer.asset);
  put(out, static_cast<std::uint64_t>(amount));
  put(out, static_cast<std::uint64_t>(amount >> 64));
  put(out, transfer.authority, submitted.approvals);
}

}  // namespace

std::string content_of(const GateTransfer& submitted) {
  std::string out = "T";
  put(out, submitted);
  return out;
}

std::string content_of(const GateModeChange& submitted) {
  std::string out = "M";
  put(out, submitted.change.subject);
  put(out, submitted.change.to_mode);
  put(out, submitted.change.authority, submitted.approvals);
  return out;
}

std::string content_of(std::span<const GateTransfer> legs) {
  std::string out = "B";
  put(out, legs.size());
  for (const GateTransfer& leg : legs) {
    put(out, leg.id);
    put(out, leg);
  }
  return out;
}

std::string content_of_leg(std::string_view batch_id, std::size_t position) {
  std::string out = "L";
  put(out, batch_id);
  put(out, position);
  return out;
}

}  // namespace ringfence
