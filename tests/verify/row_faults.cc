// SPDX-License-Identifier: Apache-2.0
// Faults of rows, and of the statements that a row carries.
#include <algorithm>
#include <bit>
#include <utility>

#include "tests/verify/fault_kinds.h"
#include "tests/verify/fault_places.h"

namespace ringfence::test {

std::vector<Fault> row_faults() {
  return {
      {"a row is lost", [](Moves& moves, std::size_t n) {
         if (n >= moves.moves.size()) return false;
         moves.moves.erase(moves.moves.begin() + static_cast<std::ptrdiff_t>(n));
         return true;
       }},
      {"a role that no rule names", [](Moves& moves, std::size_t n) {
         const Mask all = (Mask{1} << moves.vocabulary.roles.size()) - 1;
         return nth_row(moves, n, [&](const Move& row) {
           Mask taken = 0;
           for (const Move& other : moves.moves)
             if (std::tie(row.from, row.to, row.relation, row.purpose, row.asset) == std::tie(other.from, other.to, other.relation, other.purpose, other.asset)) taken |= other.roles;
           return (all & ~taken) != 0;
         }, [&](Move& row) { row.roles |= all; });
       }},
      {"a role is lost", [](Moves& moves, std::size_t n) {
         return nth_row(moves, n, [](const Move& row) { return std::popcount(row.roles) > 1; }, [](Move& row) { row.roles &= ~(Mask{1} << (63 - std::countl_zero(row.roles))); });
       }},
      {"another role", [](Moves& moves, std::size_t n) {
         const std::size_t count = moves.vocabulary.roles.size();
         return nth_row(moves, n, [&](const Move& row) { return count > 1 && std::popcount(row.roles) == 1; },
                        [&](Move& row) { row.roles = row.roles >> (count - 1) & 1 ? Mask{1} : row.roles << 1; });
       }},
      {"a relation bit", [](Moves& moves, std::size_t n) {
         const bool done = nth_row(moves, n, [&](const Move& row) {
           return !shared_keys(moves.vocabulary.buckets[row.from], moves.vocabulary.buckets[row.to]).empty() && (row.from != row.to || row.relation != 1);
         }, [](Move& row) { row.relation ^= 1; });
         sort_rows(moves);
         return done;
       }},
      {"the last relation bit", [](Moves& moves, std::size_t n) {
         const bool done = nth_row(moves, n, [&](const Move& row) {
           return shared_keys(moves.vocabulary.buckets[row.from], moves.vocabulary.buckets[row.to]).size() > 1;
         }, [&](Move& row) {
           row.relation ^= static_cast<Relation>(1u << (shared_keys(moves.vocabulary.buckets[row.from], moves.vocabulary.buckets[row.to]).size() - 1));
         });
         sort_rows(moves);
         return done;
       }},
      {"another purpose", [](Moves& moves, std::size_t n) {
         const auto count = static_cast<Index>(moves.vocabulary.purposes.size());
         const bool done = count > 1 && nth_row(moves, n, [&](Move& row) { row.purpose = (row.purpose + 1) % count; });
         sort_rows(moves);
         return done;
       }},
      {"another destination", [](Moves& moves, std::size_t n) {
         const auto& buckets = moves.vocabulary.buckets;
         const auto other = [&](const Move& row) {
           Index to = 0;
           while (to < buckets.size() && (to == row.to || !buckets[to].external || !buckets[row.to].external || buckets[to].keys != buckets[row.to].keys)) ++to;
           return to;
         };
         const bool done = nth_row(moves, n, [&](const Move& row) { return other(row) < buckets.size(); }, [&](Move& row) { row.to = other(row); });
         sort_rows(moves);
         return done;
       }},
      {"two rows' contents swapped", [](Moves& moves, std::size_t n) {
         for (std::size_t i = 1; i < moves.moves.size(); ++i) {
           Move &a = moves.moves[i - 1], &b = moves.moves[i];
           if (a.from != b.from || a.to != b.to || a.relation != b.relation || a.asset != b.asset || n-- != 0) continue;
           std::swap(a.purpose, b.purpose);
           std::swap(a.roles, b.roles);
           sort_rows(moves);
           return true;
         }
         return false;
       }},
  };
}

namespace {

template <std::vector<Guarded> Move::* kGroup, std::size_t kLeast = 1>
bool lose(Moves& moves, std::size_t n) {
  return nth_row(moves, n, [](const Move& row) { return (row.*kGroup).size() >= kLeast; }, [](Move& row) { (row.*kGroup).pop_back(); });
}

template <StatementKind kKind>
bool another_statement(Moves& moves, std::size_t n) {
  const auto other = [&](const std::vector<Guarded>& group) {
    for (Index i = 0; i < moves.statements.size(); ++i)
      if (moves.statements[i].kind == kKind && std::none_of(group.begin(), group.end(), [&](const Guarded& guarded) { return guarded.statement == i; })) return i;
    return kNone;
  };
  const auto group = kGroups[static_cast<std::size_t>(kKind)];
  return nth_row(moves, n, [&](const Move& row) { return !(row.*group).empty() && other(row.*group) != kNone; }, [&](Move& row) {
    (row.*group).front().statement = other(row.*group);
    std::sort((row.*group).begin(), (row.*group).end(), [](const Guarded& a, const Guarded& b) { return a.statement < b.statement; });
  });
}

template <StatementKind kKind>
bool added_statement(Moves& moves, std::size_t n) {
  const auto group = kGroups[static_cast<std::size_t>(kKind)];
  for (Move& row : moves.moves)
    for (Index i = 0; i < moves.statements.size(); ++i) {
      if (moves.statements[i].kind != kKind || std::any_of((row.*group).begin(), (row.*group).end(), [&](const Guarded& guarded) { return guarded.statement == i; })) continue;
      if (n-- != 0) break;
      (row.*group).push_back({i, false, {}});
      std::sort((row.*group).begin(), (row.*group).end(), [](const Guarded& a, const Guarded& b) { return a.statement < b.statement; });
      return true;
    }
  return false;
}

}  // namespace

std::vector<Fault> statement_faults() {
  return {
      {"an allow rule is lost", lose<&Move::allows, 2>},
      {"a deny rule is lost", lose<&Move::denies>},
      {"a floor is lost", lose<&Move::floors>},
      {"a limit is lost", [](Moves& moves, std::size_t n) {
         return nth_row(moves, n, [](const Move& row) { return !row.limits.empty(); }, [&](Move& row) {
           const Index statement = row.limits.back().statement;
           row.limits.pop_back();
           Index limit = 0;
           while (moves.limits[limit].statement != statement) ++limit;
           for (Index i = 0; i < row.slots.size(); ++i) {
             if (row.slots[i].kind != SlotKind::Used || row.slots[i].target != limit) continue;
             row.slots.erase(row.slots.begin() + i);
             std::vector<Index> position(row.slots.size() + 1);
             for (Index p = 0; p < position.size(); ++p) position[p] = p > i ? p - 1 : p;
             for (const auto group : kGroups)
               for (Guarded& guarded : row.*group) renumber(guarded, position);
             break;
           }
         });
       }},
      {"an allow rule under another's citation", another_statement<StatementKind::Allow>},
      {"a deny rule under another's citation", another_statement<StatementKind::Deny>},
      {"a floor under another's citation", another_statement<StatementKind::Floor>},
      {"an allow rule that is not the row's", added_statement<StatementKind::Allow>},
      {"a deny rule that is not the row's", added_statement<StatementKind::Deny>},
      {"two allow rules swapped", [](Moves& moves, std::size_t n) {
         return nth_row(moves, n, [](const Move& row) { return row.allows.size() > 1; }, [](Move& row) { std::swap(row.allows[0].statement, row.allows[1].statement);
           std::swap(row.allows[0], row.allows[1]); });
       }},
      {"title passes", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [&](const Guarded& guarded) { return moves.statements[guarded.statement].kind == StatementKind::Allow && !guarded.passing_title; },
                            [](Guarded& guarded) { guarded.passing_title = true; });
       }},
      {"title does not pass", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return guarded.passing_title; }, [](Guarded& guarded) { guarded.passing_title = false; });
       }},
      {"a change of mode comes after what it should come before", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return guarded.brings.has_value(); }, [](Guarded& guarded) { guarded.brings->before = !guarded.brings->before; });
       }},
      {"a transfer brings another mode", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return guarded.brings && guarded.brings->mode != 0; }, [](Guarded& guarded) { --guarded.brings->mode; });
       }},
      {"a transfer brings no change of mode", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return guarded.brings.has_value(); }, [](Guarded& guarded) { guarded.brings.reset(); });
       }},
      {"a condition is lost", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return !guarded.clauses.empty(); }, [](Guarded& guarded) { guarded.clauses.pop_back(); });
       }},
      {"a condition is there twice", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return !guarded.clauses.empty(); }, [](Guarded& guarded) { guarded.clauses.push_back(guarded.clauses.front()); });
       }},
      {"two conditions swapped", [](Moves& moves, std::size_t n) {
         return nth_guarded(moves, n, [](const Guarded& guarded) { return guarded.clauses.size() > 1; }, [](Guarded& guarded) { std::swap(guarded.clauses[0], guarded.clauses[1]); });
       }},
  };
}

}  // namespace ringfence::test
