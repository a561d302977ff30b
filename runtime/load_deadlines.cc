// SPDX-License-Identifier: Apache-2.0
// The part of `load` that checks transitions by the clock (language reference, 2.12), after each has been checked as a transition. Afterwards a mode has
// one at most, the first mode has none, they read nothing, and they lead round in no circle, so that following them ends.
#include <bit>

#include "runtime/load_check.h"

namespace ringfence::load_check {
namespace {

using namespace format;

Failure check_deadline(const Image& image, const TransitionRecord& transition) {
  if (!std::has_single_bit(transition.from_modes) || transition.from_modes == 1) return fail_at(image, transition.from_modes, "a deadline is not that of one mode, after the first");
  if (transition.slot_count != 0 || image.sections.guarded[transition.guarded].clause_count != 0) return fail_at(image, transition.guarded, "a deadline has a condition");
  return {};
}

Index mode_in(const Image& image, const TransitionRecord& transition, Index mode) { return image.sections.machines[transition.machine].first_mode + mode; }

/// Every way along deadlines ends within as many steps as a machine can have modes.
Failure check_ends(const Image& image) {
  const auto& transitions = image.sections.transitions;
  for (std::size_t mode = 0; mode < image.deadline_of.size(); ++mode) {
    std::size_t at = mode;
    for (std::size_t steps = 0; image.deadline_of[at] != kNone; ++steps) {
      const TransitionRecord& transition = transitions[image.deadline_of[at]];
      if (steps == kModesMax) return fail_at(image, transition.to_mode, "deadlines lead round in a circle");
      at = mode_in(image, transition, transition.to_mode);
    }
  }
  return {};
}

}  // namespace

Failure check_deadlines(Image& image) {
  const auto& transitions = image.sections.transitions;
  image.deadline_of.assign(image.sections.modes.size(), kNone);
  for (std::uint32_t i = 0; i < transitions.size(); ++i) {
    const TransitionRecord& transition = transitions[i];
    if (transition.roles != 0) continue;
    if (Failure failure = check_deadline(image, transition)) return failure;
    std::uint32_t& known = image.deadline_of[mode_in(image, transition, static_cast<Index>(std::countr_zero(transition.from_modes)))];
    if (known != kNone) return fail_at(image, transition.from_modes, "a mode has two deadlines");
    known = i;
  }
  return check_ends(image);
}

}  // namespace ringfence::load_check
