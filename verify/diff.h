// SPDX-License-Identifier: Apache-2.0
// Two rule tables in, what the newer one permits that the older did not, and the other way round. Names of the two are matched by what is
// declared of them (diff_join.h); both are asked about the same transfer and the same values. What each answer means:
//   a class of change   statements that differ, all the moves on which the two then differ, and one transfer that both tables decided
//   an unknown class    the solver did not answer, or its transfer was decided alike by the tables: never dropped, never a proof
//   permits no more     PROVED: no transfer and no change of mode, whatever its values, is allowed by the newer and not by the older, nor
//                       treats title in a way that it did not
// A value that only one policy reads is taken to be supplied, fresh and in its range: `needs` lists these. Each transfer is judged alone, with
// its floors and limits; in approvals and evidence each policy sees what it declares.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/moves.h"
#include "runtime/decide.h"
#include "verify/diff_join.h"
#include "verify/verify.h"

namespace ringfence {

enum class Change : std::uint8_t {
  Allowed,      ///< became allowed
  Denied,       ///< became denied
  TitleMore,    ///< allowed by both, and title is now kept, or passed, where it was not
  TitleLess,    ///< allowed by both, title is treated in no new way, and is no longer kept, or passed, where it was
};
const char* change_word(Change) noexcept;   ///< "became_allowed", "became_denied", "title_gained", "title_lost"

/// What is asked for, but for ids and values: a transfer between buckets so related, or a change of one subject's mode. Joint numbers.
struct RequestKind {
  bool is_transfer = true;
  Index from = kNone, to = kNone;
  Relation relation = 0;
  Index purpose = kNone, asset = kNone;
  Index machine = kNone, from_mode = kNone, to_mode = kNone;
  Mask roles = 0;
};

/// One value that both policies are given. Used: of the limit in joint numbering.
struct Reading { Slot slot; Int128 number = 0; std::int64_t age_ms = 0; };

/// A transfer or mode change as both tables decided it. Ids are numbered from 1 for each entity.
struct Example {
  RequestKind kind;
  Instance from, to;                        ///< of a mode change: from is its subject
  Int128 amount = 0;
  Index role = kNone;
  std::vector<Mask> approvals;              ///< one person each, none of them the initiator, with all their roles
  Mask evidence = 0;
  std::int64_t time_ms = 0;
  std::vector<Reading> values;
  std::array<Decision, 2> decisions;        ///< statement: of that policy's own table
  std::array<bool, 2> keeps{}, passes{};    ///< what may become of title
};

/// What changes together: the same statements differ.
struct ChangeClass {
  Change change = Change::Allowed;
  std::array<std::vector<Index>, 2> statements;   ///< of each policy: what the other has not got there. Positions in Moves::statements
  std::array<std::vector<std::vector<std::string>>, 2> conditions;   ///< beside statements: their conditions, as written
  std::vector<std::string> declarations;          ///< changed declarations that it rests on, in words
  std::vector<RequestKind> covers;
  std::optional<Example> example;                 ///< replayed through both tables
  std::string unknown;                            ///< why there is none
};

/// A value that only one policy reads on these moves, so that only there its absence denies.
struct NeedChange { bool added = false; Slot slot; std::vector<RequestKind> covers; };

/// A declaration or fence that only one policy has, or that changed.
struct DeclarationChange { std::string kind, words; };   ///< kind: "added", "removed", "changed"

struct DiffOptions {
  Budget budget;                                     ///< of one query, and of the whole comparison
  std::size_t states_max = 2'000'000;                ///< of one policy's flows; beyond: not compared
  std::function<void(std::string_view)> progress;    ///< may be empty
};

/// Money held for one bucket in another, or in the same with other ids. Joint numbers. Beyond 64 buckets, `title` stands for every bucket that
/// no rule and no fence of either policy tells apart from it as a title, and money in one of them is at home.
struct Flow {
  Index asset = kNone, title = kNone, at = kNone;
  Relation relation = 0;                             ///< of shared_keys(title, at)
  auto operator<=>(const Flow&) const = default;
};
struct FlowChange {
  Flow flow;
  bool added = false;
  std::vector<std::string> path;                     ///< the moves on the way, in the words of the policy that has them
  std::optional<Trace> trace;                        ///< added: a run through the newer table that shows it, in its own numbering
};

struct Difference {
  Joint joint;
  std::vector<DeclarationChange> declarations;
  std::vector<ChangeClass> classes;
  std::vector<NeedChange> needs;
  std::vector<FlowChange> flows;
  std::string flows_unknown;                         ///< why the flows were not compared
  bool permits_no_more = false;                      ///< PROVED
  std::size_t equal_moves = 0;                       ///< kinds of request that both decide by equal rules
  std::size_t obligations = 0;                       ///< questions answered unsat on the way to permits_no_more
  bool same() const;                                 ///< nothing differs and nothing is unknown
  bool undecided() const;                            ///< nothing differs, but something is unknown
};

/// Throws nothing but for memory. Cost: linear where rules are equal as data, some queries where they are not, and the search for flows.
Difference diff(const RuleTable& older, const RuleTable& newer, const DiffOptions& = {});

}  // namespace ringfence
