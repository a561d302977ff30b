// SPDX-License-Identifier: Apache-2.0
// What a caller of the C interface asks, as decide.h takes it, and decisions as the caller takes them; for decisions and for the gate. What can't be read
// is refused, and leaves a decision that is not allowed. No allocation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "runtime/c_struct.h"
#include "runtime/decide.h"

namespace ringfence::c {

// Arrays are raw so that only what is used is written.

template <class Element, std::size_t kCount>
struct Raw {
  alignas(Element) std::byte bytes[sizeof(Element) * kCount];
  Element* at(std::size_t index) noexcept { return reinterpret_cast<Element*>(bytes) + index; }
};
using Approvals = Raw<Approval, kApprovalsMax + 1>;   // one more, so that too many are still too many

inline Int128 cpp_number(ringfence_number number) noexcept { return static_cast<Int128>(UInt128{static_cast<std::uint64_t>(number.high)} << 64 | number.low); }

/// Member by member: a whole Instance, copied just after its parts were written, waits for them to reach the cache.
inline void take(const ringfence_instance& given, Instance& instance) noexcept {
  instance.target = given.target;
  instance.id_count = static_cast<std::uint8_t>(std::min(given.id_count, 255u));
  for (std::size_t i = 0; i < kKeysMax; ++i) instance.ids[i] = given.ids[i];
}

/// What a transfer and a mode change have in common. Fails on an approval that can't be read.
template <class Asked>
ringfence_status take_authority(const Asked& given, Approvals& approvals, Authority& authority) noexcept {
  const std::size_t count = std::min<std::size_t>(given.approval_count, kApprovalsMax + 1);
  if (count != 0 && given.approvals == nullptr) return RINGFENCE_BAD_ARGUMENT;
  for (std::size_t i = 0; i < count; ++i) {
    const ringfence_approval& approval = element(given.approvals, given.approvals->size, i);
    if (!is_readable(approval, given.approvals->size) || approval.reserved != 0) return RINGFENCE_BAD_STRUCT;
    std::construct_at(approvals.at(i), Approval{approval.person, approval.roles});
  }
  authority = {given.person, given.role, {approvals.at(0), count}, given.evidence, given.time_ms};
  return RINGFENCE_OK;
}

inline ringfence_status take(const ringfence_transfer& given, std::uint32_t size, Approvals& approvals, Transfer& transfer) noexcept {
  if (!is_readable(given, size) || given.reserved != 0) return RINGFENCE_BAD_STRUCT;
  transfer.purpose = given.purpose;
  take(given.from, transfer.from);
  take(given.to, transfer.to);
  transfer.asset = given.asset;
  transfer.amount = cpp_number(given.amount);
  return take_authority(given, approvals, transfer.authority);
}

inline ringfence_status take(const ringfence_mode_change& given, Approvals& approvals, ModeChange& change) noexcept {
  if (!is_readable(given) || given.reserved != 0 || given.reserved2 != 0) return RINGFENCE_BAD_STRUCT;
  take(given.subject, change.subject);
  change.to_mode = given.to_mode;
  return take_authority(given, approvals, change.authority);
}

inline ringfence_decision c_decision(const Decision& decision) noexcept {
  return {0, decision.allowed() ? 1u : 0u, static_cast<std::uint32_t>(decision.reason), decision.statement, decision.clause, decision.slot, decision.move, 0};
}

/// An array to write to: null for none.
template <class Struct>
ringfence_status check_array(Struct* first, std::size_t count) noexcept {
  if (count == 0) return RINGFENCE_OK;
  if (first == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return is_writable(*first) ? RINGFENCE_OK : RINGFENCE_BAD_STRUCT;
}

/// Denies before anything is looked at, so that whatever is wrong later leaves a denial.
inline ringfence_status deny_first(ringfence_decision* decisions, std::size_t count) noexcept {
  if (const ringfence_status status = check_array(decisions, count); status != RINGFENCE_OK) return status;
  for (std::size_t i = 0; i < count; ++i) write_element(decisions, i, c_decision({}));
  return RINGFENCE_OK;
}

}  // namespace ringfence::c
