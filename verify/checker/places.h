// SPDX-License-Identifier: Apache-2.0
// Where a move can take a followed unit from, and where it can take it to (soundness.md, 3 to 6). Ids that a step brings into sight are one that is
// mentioned or one that is not: both are among the choices.
#pragma once

#include <functional>

#include "state.h"

namespace checker {

/// By key of a bucket: the ids that it may have.
using Choices = std::vector<std::vector<std::uint8_t>>;

/// Calls visit(place) for the bucket with every choice of ids.
void for_each_place(Index bucket, const Choices&, const std::function<void(const Place&)>& visit);
/// 0 to `mentioned`, which is an id that is not mentioned.
std::vector<std::uint8_t> any_id(std::uint8_t mentioned);

/// Where the units are; and, where an account can be overdrawn, every bucket instance in it (3.6).
std::vector<Place> sources(const Frame&, const State&);
/// The unit is at the source, or in its account where that can be overdrawn.
bool within_reach(const Frame&, const State&, unsigned unit, const Place& from);
/// Ids of the row's destination that stand to those of the source as the row says.
Choices destinations(const Frame&, const State&, const Row&, const Place& from);
/// 3.4: the title has the source's owner, and equal ids on every entity that keys both.
bool is_theirs(const Frame&, const Place& title, const Place& from);

}  // namespace checker
