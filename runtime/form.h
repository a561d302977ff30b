// SPDX-License-Identifier: Apache-2.0
// Whether a transfer is well formed (language reference, 8.1), for those who mostly find that it is; needs.cc says what is wrong where it is not.
#pragma once

#include <array>
#include <cstddef>

#include "runtime/rule_table_image.h"

namespace ringfence {

inline bool is_known(const RuleTable::Image& image, const Authority& authority) noexcept {
  return authority.role < image.sections.roles.size() && (authority.evidence & image.undeclared_evidence) == 0;
}

/// All roles of at most four approvals, without a branch that asks how many they are, which is hard to foresee: of fewer, the first is looked at once more.
inline Mask roles_of_four(std::span<const Approval> approvals) noexcept {
  static constexpr Approval kNobody{};
  static constexpr std::array<std::array<std::uint8_t, 4>, 5> kWords = {{{1, 1, 1}, {1, 1, 1}, {3, 3, 3}, {3, 5, 5}, {3, 5, 7}}};
  static_assert(sizeof(Approval) == 2 * sizeof(Mask) && offsetof(Approval, roles) == sizeof(Mask));
  const Approval* given = approvals.empty() ? &kNobody : approvals.data();
  asm("" : "+r"(given));   // whichever it is, nothing is made of it: the compiler would branch upon it
  const Mask* const words = &given->person;
  const std::array<std::uint8_t, 4>& at = kWords[approvals.size()];
  return words[1] | words[at[0]] | words[at[1]] | words[at[2]];
}

[[gnu::always_inline]] inline bool has_approvals(const RuleTable::Image& image, std::span<const Approval> approvals) noexcept {
  if (approvals.size() <= 4) [[likely]] return (roles_of_four(approvals) & image.undeclared_roles) == 0;
  if (approvals.size() > kApprovalsMax) return false;
  Mask roles = 0;
  for (const Approval& approval : approvals) roles |= approval.roles;
  return (roles & image.undeclared_roles) == 0;
}

/// The same questions as in needs.cc, which knows the order of the reasons, in the order in which they cost least where nothing is wrong. `differing` is then
/// what the row is looked up by (RowKey).
[[gnu::always_inline]] inline bool is_well_formed(const RuleTable::Image& image, const Transfer& transfer, std::uint32_t& differing) noexcept {
  const format::Sections& sections = image.sections;
  const Instance& from = transfer.from;
  const Instance& to = transfer.to;
  if (!has_approvals(image, transfer.authority.approvals)) [[unlikely]] return false;
  if (transfer.amount == 0 || static_cast<UInt128>(transfer.amount) >> 96 != 0) [[unlikely]] return false;
  if (from.target >= sections.sources.size() || to.target >= sections.sources.size()) [[unlikely]] return false;
  const RuleTable::Image::KeyCount& from_count = image.key_counts[from.target];
  const RuleTable::Image::KeyCount& to_count = image.key_counts[to.target];
  if (from.id_count != from_count.count || to.id_count != to_count.count) [[unlikely]] return false;
  if (((from_count.unused_of_source | std::uint32_t{to_count.unused_of_destination}) & ~zero_ids(from.ids, to.ids)) != 0) [[unlikely]] return false;
  differing = differing_ids(image.bucket_keys[from.target], from.ids, image.bucket_keys[to.target], to.ids);
  if (((from.target ^ to.target) | differing) == 0) [[unlikely]] return false;
  return transfer.purpose < sections.purposes.size() && transfer.asset < sections.assets.size() && is_known(image, transfer.authority);
}

}  // namespace ringfence
