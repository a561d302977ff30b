// SPDX-License-Identifier: Apache-2.0
// What every engine of the decision benchmark is given: the rules of a policy in a neutral form, drawn from a seed, and a stream of transfers.
// A transfer is allowed when an allow rule holds, no deny rule holds, the source has the amount and the destination can count it. A rule holds when
// everything up to `relation` matches and  least <= amount and (amount <= most or, if it asks for any, that many have approved).
// An external has no balance: it has all funds, and takes any. All engines decide this, by whatever is theirs; ours from `policy_text`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/transfer.h"

namespace ringfence::bench {

/// Whether the clients of source and destination are the same one; Same where only one of them has a client.
enum class Relation : std::uint8_t { Same, Other };

struct Rule {
  bool allows = true;
  Index from = 0, to = 0, purpose = 0, asset = 0;
  Mask roles = 0;                   ///< one role or two
  Relation relation = Relation::Same;
  Int128 least = 1, most = 0;       ///< minor units
  Index approvals = 0;              ///< by so many different bosses, not the initiator: may be more than `most`. 0: never
};

struct Bucket { std::string name; bool of_client = false, external = false; };

inline constexpr Index kRoles = 4, kPurposes = 8, kAssets = 3;   ///< roles that ask; one more, the boss, approves
inline constexpr Index kBoss = kRoles;

struct RuleSet {
  std::vector<Bucket> buckets;      ///< at most 2^16
  std::vector<Rule> rules;          ///< in text order
};

/// Exactly `count` rules; the same ones for the same arguments. Some eight of nine are on a pair of buckets of their own when there are many.
RuleSet draw_rules(std::size_t count, std::uint64_t seed = 1);

/// The same rules in the language, for `compile`: buckets, roles, purposes and assets have the indexes that they have here.
std::string policy_text(const RuleSet&);

/// A transfer with all that is known of it. `approvals` are those of `Stream::approvals`.
struct Asked {
  Index from = 0, to = 0, purpose = 0, asset = 0, role = 0;
  std::uint64_t from_client = 0, to_client = 0;   ///< 0 where the bucket is not a client's
  std::uint64_t person = 0;
  std::span<const Approval> approvals;
  Int128 amount = 0, from_balance = 0, to_balance = 0;
};

struct Stream {
  std::vector<Approval> approvals;
  std::vector<Asked> transfers;
};

/// Of twenty transfers fifteen are what a rule speaks of, drawn evenly from all rules, with amounts up to a third more than its `most`; two of them
/// can't be paid. Of the rest two have another role or asset, and three are between buckets drawn at random.
Stream draw_stream(const RuleSet&, std::size_t count, std::uint64_t seed = 1);

/// Different bosses who approved, without the initiator: what engines that take a number are given.
Index count_approvals(const Asked&);

Relation relation_of(const Asked&);

}  // namespace ringfence::bench
