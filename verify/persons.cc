// SPDX-License-Identifier: Apache-2.0
#include "verify/persons.h"

namespace ringfence {

std::vector<PersonKind> person_kinds(const std::vector<Slot>& slots) {
  std::vector<Index> sets;
  for (Index i = 0; i < slots.size(); ++i)
    if (slots[i].kind == SlotKind::Approvals) sets.push_back(i);
  std::vector<PersonKind> kinds;
  if (sets.size() > kApprovalSetsMax) return kinds;
  for (Mask met = 1; met < (Mask{1} << sets.size()); ++met) {
    Mask barred = 0;
    for (std::size_t i = 0; i < sets.size(); ++i)
      if (!(met >> i & 1)) barred |= slots[sets[i]].roles;
    PersonKind kind;
    bool real = true;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      if (!(met >> i & 1)) continue;
      const Mask held = slots[sets[i]].roles & ~barred;
      real = real && held != 0;
      kind.roles |= held;
      kind.slots.push_back(sets[i]);
    }
    if (real) kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace ringfence
