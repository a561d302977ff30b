// SPDX-License-Identifier: Apache-2.0
// The fields of what is submitted to a gate, as bytes: for the content that a repeated id is compared with, and for the journal. A number is written in
// groups of seven bits, the lowest first, the top bit of a byte saying that more follow; a signed one with its sign in the lowest bit; an index as
// one more than it is, so that "none" is 0. Holds: the same bytes come of the same values only, whatever follows them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/gate.h"

namespace ringfence {

/// The most bytes of what FieldWriter takes between two calls of `flush`.
constexpr std::size_t kFieldsBytesMax = 256;

/// Fixed fields are gathered, and appended at `flush`, which comes last.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}
  void byte(std::uint8_t value) { bytes_[size_++] = static_cast<char>(value); }
  void number(UInt128 value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(static_cast<unsigned>(value & 0x7F) | 0x80u));
    byte(static_cast<std::uint8_t>(value));
  }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80u));
    byte(static_cast<std::uint8_t>(value));
  }
  void signed_number(Int128 value) {
    const UInt128 doubled = static_cast<UInt128>(value) << 1 ^ static_cast<UInt128>(value >> 127);
    if (doubled <= ~std::uint64_t{0}) number(static_cast<std::uint64_t>(doubled));
    else number(doubled);
  }
  void index(Index value) { number(static_cast<std::uint64_t>(static_cast<Index>(value + 1))); }   // kNone is 0
  void instance(const Instance& instance) {
    index(instance.target);
    byte(instance.id_count);
    std::uint8_t used = 0;
    for (std::size_t i = 0; i < kKeysMax; ++i) used = static_cast<std::uint8_t>(used | unsigned{instance.ids[i] != 0} << i);
    byte(used);
    for (const std::uint64_t id : instance.ids)
      if (id != 0) number(id);
  }
  void authority(const Authority& authority) {
    number(authority.person);
    index(authority.role);
    number(authority.evidence);
    signed_number(authority.time_ms);
  }
  void decision(const Decision& decision) {
    byte(static_cast<std::uint8_t>(decision.reason));
    for (const Index field : {decision.statement, decision.clause, decision.slot, decision.move}) index(field);
  }
  void flush() {
    out_.append(bytes_.data(), size_);
    size_ = 0;
  }
  void text(std::string_view text) {
    number(std::uint64_t{text.size()});
    flush();
    out_.append(text);
  }
  void approvals(std::span<const Approval> approvals) {
    number(std::uint64_t{approvals.size()});
    for (const Approval& approval : approvals) {
      flush();
      number(approval.person);
      number(approval.roles);
    }
  }
  /// All but the id.
  void transfer(const GateTransfer& submitted) {
    const Transfer& transfer = submitted.transfer;
    index(transfer.purpose);
    instance(transfer.from);
    instance(transfer.to);
    index(transfer.asset);
    signed_number(transfer.amount);
    authority(transfer.authority);
    approvals(submitted.approvals);
    flush();
  }

 private:
  std::string& out_;
  std::array<char, kFieldsBytesMax> bytes_;
  std::size_t size_ = 0;
};

}  // namespace ringfence
