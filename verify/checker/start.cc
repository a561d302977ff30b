// SPDX-License-Identifier: Apache-2.0
// See start.h.
#include "start.h"

#include <utility>

#include "fence.h"
#include "places.h"

namespace checker {
namespace {

/// Puts unit `unit` and those after it into every place, titled to it; two units in one order only.
void for_each_start(const Frame& frame, State& state, unsigned unit, const std::function<void(const State&)>& visit) {
  if (unit == frame.units) return visit(state);
  for (Index asset = 0; asset < frame.table.assets.size(); ++asset)
    for (Index bucket = 0; bucket < frame.table.buckets.size(); ++bucket) {
      if (unit == 1 && std::pair(asset, bucket) < std::pair(state.assets[0], state.spots[0].bucket)) continue;
      Choices choices;
      for (const Index key : frame.table.buckets[bucket].keys)
        choices.push_back(any_id(unit == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(id_at(frame, state.spots[0], key) + 1)));
      for_each_place(bucket, choices, [&](const Place& place) {
        state.assets[unit] = asset;
        state.spots[2 * unit] = state.spots[2 * unit + 1] = place;
        for_each_start(frame, state, unit + 1, visit);
      });
    }
}

}  // namespace

void check_starts(const Invariant& invariant, const StateSet& set) {
  const Frame& frame = invariant.frame();
  State state;
  for_each_start(frame, state, 0, [&](State start) {
    if (frame.units == 2)
      for (const Fence& fence : frame.table.fences)
        if (fence.in_custody && breaks_custody(frame, fence, start)) return;   // not clean
    Subject subject;
    for (const View& view : frame.views) start.modes += subject_at(frame, start, view, subject) ? char{0} : kUnseen;
    start = canonical(frame, start);
    const auto found = set.find(key_of(frame, start));
    if (found == set.end() || (!found->second && invariant.leaves_out(start))) throw Refused{"the invariant leaves out a start: " + words(frame, start)};
  });
}

}  // namespace checker
