// SPDX-License-Identifier: Apache-2.0
// Random policies, as text of the language: small, well typed, and as wide as the knobs allow. The same seed and knobs give the same
// text. Also the fixed menu of rules from which every small policy is enumerated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ringfence::generate {

struct Knobs {
  // How much of everything.
  unsigned buckets_max = 4, keys_max = 2, rules_max = 6, guard_percent = 60;
  unsigned amount_max = 6;         ///< constants of guards are 0 to this many minor units
  unsigned money_words = 2;        ///< most terms on one side of a comparison
  bool single_many = false;        ///< only one `many` entity
  bool dense = false;              ///< rules prefer relations that cross ids, and pairs that join up
  bool small_ranges = false;       ///< every fact has a written range of few values
  // What may occur at all.
  bool two_assets = true, accounts = true, overdraw = true, wildcards = true, crossing = true, denies = true;
  bool facts = true, flags_only = false, fresh = true, modes = true, balances = true, emptiness_only = false, totals = true;
  bool instants = true;            ///< facts that are instants or durations, and `now`
  bool deadlines = true, calendars = true, approvals = true, evidence = true, time = true, floors = true, limits = true, passing = true;
  bool brought_modes = true;       ///< changes of mode that come with transfers
  bool fences = true, custody = true;
};

std::string random_policy(std::uint64_t seed, const Knobs&);
/// Two classes of money that take turns in one bucket of each member, as other buckets or modes of that member say; rightly or not.
std::string random_turns(std::uint64_t seed);

/// Every policy of one or two rules from the menu over `Client many`, two buckets and one external. Text number `index`.
std::size_t small_policy_count();
std::string small_policy(std::size_t index);
/// What the menu holds, one rule each.
const std::vector<std::string>& small_rules();

}  // namespace ringfence::generate
