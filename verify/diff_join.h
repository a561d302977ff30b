// SPDX-License-Identifier: Apache-2.0
// Two policies with one numbering. Names of the same meaning get the same index, so that their moves can be compared as data; what only
// one of them has gets an index too, and `own` says whose it is. Buckets, accounts, facts and modes are the same only when what is
// declared of them makes the same values: same keys, same type, same buckets in an account. Where ranges and freshness differ they
// are still the same value: one policy accepts it and the other does not.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "compiler/moves.h"

namespace ringfence {

/// The two policies, as indexes of the arrays below.
inline constexpr unsigned kOlder = 0, kNewer = 1;

/// One kind of declaration. By policy: from its own index to the joint one, and back (kNone: it has none).
struct Pairing {
  std::array<std::vector<Index>, 2> joint, own;
  std::size_t count() const { return own[kOlder].size(); }
  bool has(unsigned policy, Index joint_index) const { return own[policy][joint_index] != kNone; }
};
/// Equal keys are one declaration. Of keys that a policy has more than once, the first belongs to the first, and so on.
Pairing pair_up(const std::vector<std::string>& older, const std::vector<std::string>& newer);

/// What a limit's window sums up. Of the transfers that either policy allows, only those that both know are told apart by: what
/// one policy never allows is in no window of it.
struct Counted { Index asset = kNone; std::vector<Index> per; std::int64_t window_ms = 0; std::vector<Index> moves; };

struct Joint {
  Pairing assets, roles, purposes, evidence, entities, accounts, buckets, facts, machines, limits;
  std::vector<Pairing> modes;          ///< by joint machine
  std::array<Moves, 2> sides;          ///< both in joint numbering; what only the other declares is as the other declares it. Moves
                                       ///< are in the order of the table, their slots sorted anew
  std::vector<Counted> counted;        ///< by joint limit
  std::string incomparable;            ///< why they can't be compared; then nothing else holds

  const Vocabulary& vocabulary(unsigned policy) const { return sides[policy].vocabulary; }
  /// Modes of a joint machine that the policy has.
  Mask modes_of(unsigned policy, Index machine) const;
  /// The declarations that make different values acceptable.
  bool reads_differently(const Slot&) const;
  /// Whether the window of joint limit `a` never holds more than that of `b`, for the same ids.
  bool counts_at_most(Index a, Index b) const;
};

/// Linear in both but for limits. Errors: more than 64 roles, kinds of evidence, or modes of one subject together.
Joint join(const Moves& older, const Moves& newer);

/// A slot of one policy in joint numbering.
Slot renamed(const Joint&, unsigned policy, Slot);
Mask renamed(const std::vector<Index>& to, Mask);

}  // namespace ringfence
