// SPDX-License-Identifier: Apache-2.0
// In: the bytes of a rule table, as runtime/rule_table.md describes them. Out: what of it says who may move money where: buckets, accounts,
// mode machines, fences, invariants, rows and transitions with their guards, and the words to quote. Every offset and index is checked. What it takes
// from the loader is one thing: that the table's lookup leads to these rows and to nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace checker {

__extension__ typedef __int128 Wide;
using Index = std::uint32_t;
using Mask = std::uint64_t;
inline constexpr Index kNone = 0xFFFF'FFFFu;
inline constexpr Wide kAmountMax = (Wide{1} << 96) - 1;
inline constexpr Wide kInstantMax = 253'402'300'799'999;   ///< the last millisecond of 9999, since 1970

struct Unusable { std::string why; };   ///< thrown: this is no table, or no certificate
struct TooLarge { std::string why; };   ///< thrown: a limit was reached before an answer
struct Refused { std::string why; };    ///< thrown: the certificate does not establish its fence or invariant

struct Account { std::string name; std::vector<Index> keys; bool overdraws = false; };   ///< some bucket in it may overdraw
struct Bucket { std::string name; Index owner = kNone; std::vector<Index> keys; Index account = kNone; bool external = false, may_overdraw = false; };
struct Machine { std::string name; std::vector<Index> keys; std::vector<std::string> modes; };
struct Fact { Wide low = 0, high = 0; std::vector<Index> keys; };
/// left, right, within: by bucket.
struct Fence { std::string text; std::uint32_t line = 0; bool each = false, in_custody = false; Index entity = kNone; std::vector<bool> left, right, within; };

enum class SlotKind : std::uint8_t { Amount, TimeOfDay, Approvals, Evidence, Balance, BucketTotal, AccountTotal, Fact, Mode, Used, Now };
/// A value that guards read. keys[i]: 0 to 3 a key of the source, 4 to 7 of the destination, 255 all ids. `entities`: what each key is an id of.
struct Slot {
  SlotKind kind = SlotKind::Amount;
  Index target = kNone, asset = kNone;
  Mask roles = 0;
  std::vector<std::uint8_t> keys;
  std::vector<Index> entities;
  bool operator==(const Slot&) const = default;
};
inline constexpr std::uint8_t kDestinationKey = 4, kAllIds = 255;

enum class TestKind : std::uint8_t { AtLeastZero, IsZero, InSet };
struct Term { Wide coefficient = 0; Index slot = 0; bool operator==(const Term&) const = default; };
inline constexpr Index kTrue = 0xFFFF'FFFEu, kFalse = 0xFFFF'FFFFu;
struct Node { TestKind kind = TestKind::AtLeastZero; std::vector<Term> terms; Wide constant = 0; Mask set = 0; Index if_true = kTrue, if_false = kFalse; };
using Clause = std::vector<Node>;       ///< started at the first node; empty is true
/// A statement with its conditions: it holds when all clauses do.
struct Guarded { std::string words; bool passing_title = false; std::vector<Clause> clauses; };

struct Body { std::vector<Slot> slots; Index funds = kNone, account = kNone, from = kNone, to = kNone; std::vector<Guarded> allows, denies, floors, limits; };
struct Row { Index body = 0, from = 0, to = 0, asset = 0; std::uint8_t relation = 0; };
/// Also one by the clock: it has no condition, and can happen at any time after its mode was entered.
struct Transition { Index machine = 0, to_mode = 0; Mask from_modes = 0; std::vector<Slot> slots; Guarded guard; };
/// Of all members of the entities; keys of its slots are positions among them.
struct WrittenInvariant { std::vector<Index> entities; std::vector<Slot> slots; Guarded claim; };

struct Table {
  std::string source_digest;            ///< SHA-256 of the policy text, in hex; may be empty
  std::vector<std::string> assets, entities;
  std::vector<Account> accounts;
  std::vector<Bucket> buckets;
  std::vector<Fact> facts;
  std::vector<Machine> machines;
  std::vector<Fence> fences;
  std::vector<Body> bodies;
  std::vector<Row> rows;
  std::vector<Transition> transitions;
  std::vector<WrittenInvariant> invariants;
};

/// Throws Unusable. Linear in what the table unfolds to, which is limited.
Table read_table(std::string_view bytes);

/// Position of `value`, or kNone.
Index position(const std::vector<Index>& list, Index value);
bool contains(const std::vector<Index>& list, Index value);
/// The entities that key both, in the order of `from`'s keys: bit i of a row's relation says that the ids on the i-th differ.
std::vector<Index> shared_keys(const Bucket& from, const Bucket& to);

}  // namespace checker
