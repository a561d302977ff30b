// SPDX-License-Identifier: Apache-2.0
// The declarations of a policy, each with a dense index in declaration order: what every later artefact (typed policy, moves,
// rule table) names things by. Language reference, section 2. `check` makes it from text, `decode` makes it from a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/integer.h"
#include "runtime/kinds.h"
#include "runtime/limits.h"

namespace ringfence {

struct Asset    { std::string name; unsigned decimals = 0; std::string text; bool operator==(const Asset&) const = default; };
struct Role     { std::string name; bool operator==(const Role&) const = default; };
struct Purpose  { std::string name; bool operator==(const Purpose&) const = default; };
struct Evidence { std::string name; bool operator==(const Evidence&) const = default; };
/// `many` entities have unboundedly many members, known by an id; the others have exactly one, and no id.
struct Entity   { std::string name; bool many = false; bool operator==(const Entity&) const = default; };

/// Where funds physically sit. An instance is named by one id per key.
struct Account {
  std::string name;               ///< in full: "Bank.client_money"
  Index owner = kNone;            ///< entity before the dot
  std::vector<Index> keys;        ///< many-entities, the owner first if it is one; no entity twice
  std::string text;
  bool operator==(const Account&) const = default;
};

/// A ledger position inside the system, or an external: a place outside of it, with no balance.
struct Bucket {
  std::string name;               ///< in full: "Client.margin"
  Index owner = kNone;
  std::vector<Index> keys;        ///< many-entities, the owner first if it is one; no entity twice
  bool external = false;
  bool may_overdraw = false;      ///< only in an account
  Index account = kNone;          ///< its keys are all among this bucket's; kNone for an external, or a bucket that is its own account
  std::string text;
  bool operator==(const Bucket&) const = default;
};

/// What a fact or a mode is of. `keys` are its many-entities: none for the system or a single entity.
struct Subject {
  SubjectKind kind = SubjectKind::System;
  Index index = kNone;            ///< entity or bucket; kNone for the system
  std::vector<Index> keys;
  bool operator==(const Subject&) const = default;
};

/// A ratio is held in millionths: 25% is 250000. A flag is 0 or 1.
inline constexpr unsigned kRatioDecimals = 6;
struct Fact {
  std::string name;
  Subject subject;
  FactType type = FactType::Number;
  Index asset = kNone;            ///< only for an amount
  Int128 min = 0, max = 0;        ///< inclusive, in minor units, units, millionths or 0..1
  std::int64_t fresh_within_ms = 0;  ///< 0: never stale
  std::string text;
  bool operator==(const Fact&) const = default;
};

/// A state machine, one instance per subject instance, each starting in modes[0].
struct ModeMachine {
  Subject subject;
  std::vector<std::string> modes;
  bool operator==(const ModeMachine&) const = default;
};

/// A local day on which business is done: when it begins, and its cut-off, in Unix ms.
struct BusinessDay {
  std::int64_t start_ms = 0, cut_off_ms = 0;
  bool operator==(const BusinessDay&) const = default;
};
/// One time of day on the business days of one calendar, ascending. Where it names an instant is settled here: nothing later knows of time zones.
struct Schedule {
  std::string name;               ///< "18:00 of NewYork"
  std::int64_t first_ms = 0;      ///< begin of the first year
  std::vector<BusinessDay> days;
  bool operator==(const Schedule&) const = default;
};
/// When a mode must have ended, from when it was entered: so long after; or by a cut-off, with business_day 0 the first at or after it, with n that of the n-th
/// business day that begins after it.
struct Deadline {
  std::int64_t within_ms = 0;     ///< 0: by a cut-off
  Index schedule = kNone;         ///< of Vocabulary::schedules
  std::uint32_t business_day = 0;
  bool operator==(const Deadline&) const = default;
};

/// Money of one side never sits in a bucket of the other (attribution), or never shares an account with it (custody).
struct Fence {
  FenceKind kind = FenceKind::Between;
  std::vector<Index> left, right;  ///< Between: the buckets (and externals) of each side, sorted, disjoint
  Index entity = kNone;            ///< Each: the many-entity whose members are kept apart
  std::vector<Index> within;       ///< Each: the buckets and externals looked into, sorted; when no `in` was written: all that have the
                                   ///< key, and in custody all buckets whatever their keys (a pooled bucket has no key to tell by)
  bool in_custody = false;
  std::uint32_t line = 0;
  std::string text;                ///< as written, on one line
  std::string cite;
  bool operator==(const Fence&) const = default;
};

struct Vocabulary {
  std::string policy_name, policy_version, policy_cite;
  std::vector<Asset> assets;
  std::vector<Role> roles;
  std::vector<Purpose> purposes;
  std::vector<Evidence> evidence;
  std::vector<Entity> entities;
  std::vector<Account> accounts;
  std::vector<Bucket> buckets;
  std::vector<Fact> facts;
  std::vector<ModeMachine> machines;
  std::vector<Schedule> schedules;
  std::vector<Fence> fences;
  bool operator==(const Vocabulary&) const = default;
};

/// The many-entities that key both, in the order of `from`'s keys. Bit i of a Relation speaks of the i-th of them.
std::vector<Index> shared_keys(const Bucket& from, const Bucket& to);
/// Position of `entity` in `keys`, or kNone.
Index key_position(const std::vector<Index>& keys, Index entity);
/// "Client.margin" for a bucket, "Client" for an entity, "system".
std::string subject_name(const Vocabulary&, const Subject&);

/// "within 24 h", "by 18:00 of NewYork, business day 3"
std::string print(const Vocabulary&, const Deadline&);

/// Text dump, one declaration a line, deterministic; of a schedule also one a business day.
std::string dump(const Vocabulary&);

}  // namespace ringfence
