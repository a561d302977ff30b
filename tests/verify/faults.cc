// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/faults.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <tuple>

namespace ringfence::test {
namespace {

// ---- the n-th place

/// Calls `change` on the n-th of `all` for which `fits` holds.
template <class All, class Fits, class Change>
bool at_nth(All& all, std::size_t& n, const Fits& fits, const Change& change) {
  for (auto& one : all) {
    if (!fits(one)) continue;
    if (n-- == 0) {
      change(one);
      return true;
    }
  }
  return false;
}

std::vector<Guarded> Move::* const kGroups[] = {&Move::allows, &Move::denies, &Move::floors, &Move::limits};

template <class Fits, class Change>
bool nth_row(Moves& moves, std::size_t n, const Fits& fits, const Change& change) { return at_nth(moves.moves, n, fits, change); }
template <class Change>
bool nth_row(Moves& moves, std::size_t n, const Change& change) { return nth_row(moves, n, [](const Move&) { return true; }, change); }

/// Every guarded statement of rows and transitions.
template <class Fits, class Change>
bool nth_guarded(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  for (Move& move : moves.moves)
    for (const auto group : kGroups)
      if (at_nth(move.*group, n, fits, change)) return true;
  for (Transition& transition : moves.transitions)
    if (fits(transition.guard) && n-- == 0) {
      change(transition.guard);
      return true;
    }
  return false;
}

template <class Fits, class Change>
bool nth_clause(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  for (Move& move : moves.moves)
    for (const auto group : kGroups)
      for (Guarded& guarded : move.*group)
        if (at_nth(guarded.clauses, n, fits, change)) return true;
  for (Transition& transition : moves.transitions)
    if (at_nth(transition.guard.clauses, n, fits, change)) return true;
  return false;
}

template <class Fits, class Change>
bool nth_node(Moves& moves, std::size_t n, const Fits& fits, const Change& change) {
  bool done = false;
  nth_clause(moves, 0, [&](Clause& clause) { return !done && (done = at_nth(clause.nodes, n, fits, change)); }, [](Clause&) {});
  return done;
}

bool is_sum(const Node& node) { return node.test.kind != TestKind::InSet && !node.test.terms.empty(); }
bool is_bound(const Node& node) { return node.test.kind == TestKind::AtLeastZero && !node.test.terms.empty(); }
bool is_set(const Node& node) { return node.test.kind == TestKind::InSet; }

// ---- keeping what load demands: rows in order, slots in order

void sort_rows(Moves& moves) {
  std::sort(moves.moves.begin(), moves.moves.end(), [](const Move& a, const Move& b) {
    const auto key = [](const Move& move) { return std::tuple(move.from, move.to, move.relation, move.purpose, move.asset, std::countr_zero(move.roles)); };
    return key(a) < key(b);
  });
}

bool before(const Slot& a, const Slot& b) {
  const auto key = [](const Slot& slot) {
    std::vector<unsigned> keys;
    for (const KeySource& source : slot.keys) keys.push_back(static_cast<unsigned>(source.from) * 8 + source.position);
    keys.resize(kKeysMax);
    return std::tuple(slot.kind, slot.target, slot.asset, slot.roles, keys);
  };
  return key(a) < key(b);
}

/// Sorts the slots, and everything that numbers them with them. False when two are the same.
template <class Renumber>
bool sort_slots(std::vector<Slot>& slots, const Renumber& renumber) {
  std::vector<Index> order(slots.size()), position(slots.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return before(slots[a], slots[b]); });
  std::vector<Slot> sorted;
  for (Index i = 0; i < order.size(); ++i) {
    position[order[i]] = i;
    sorted.push_back(slots[order[i]]);
  }
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1] == sorted[i]) return false;
  slots = std::move(sorted);
  renumber(position);
  return true;
}

void renumber(Guarded& guarded, const std::vector<Index>& position) {
  for (Clause& clause : guarded.clauses)
    for (Node& node : clause.nodes) {
      for (Term& term : node.test.terms) term.slot = position[term.slot];
      std::sort(node.test.terms.begin(), node.test.terms.end(), [](const Term& a, const Term& b) { return a.slot < b.slot; });
    }
}

bool sort_slots(Move& move) {
  return sort_slots(move.slots, [&](const std::vector<Index>& position) {
    for (const auto group : kGroups)
      for (Guarded& guarded : move.*group) renumber(guarded, position);
    for (Index* slot : {&move.funds_slot, &move.from_slot, &move.to_slot})
      if (*slot != kNone) *slot = position[*slot];
  });
}

/// Changes the n-th slot that fits, in a row where that makes no slot twice; the balances of the ends stay as they are.
template <class Change>
bool nth_slot(Moves& moves, std::size_t n, const Change& change) {
  for (Move& move : moves.moves)
    for (Index i = 0; i < move.slots.size(); ++i) {
      if (i == move.funds_slot || i == move.from_slot || i == move.to_slot) continue;
      Move changed = move;
      if (!change(moves, changed, changed.slots[i]) || !sort_slots(changed) || n-- != 0) continue;
      move = std::move(changed);
      return true;
    }
  return false;
}

// ---- rows

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

// ---- statements of a row

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

// ---- conditions

std::vector<Fault> condition_faults() {
  return {
      {"a condition is always true", [](Moves& moves, std::size_t n) {
         return nth_clause(moves, n, [](const Clause& clause) { return !clause.nodes.empty(); }, [](Clause& clause) { clause.nodes.clear(); });
       }},
      {"a condition is never true", [](Moves& moves, std::size_t n) {
         return nth_clause(moves, n, [](const Clause& clause) { return !clause.nodes.empty(); },
                           [](Clause& clause) { clause.nodes = {{{TestKind::AtLeastZero, {}, -1, 0}, kTrue, kFalse}}; });
       }},
      {"a condition is negated", [](Moves& moves, std::size_t n) {
         return nth_clause(moves, n, [](const Clause& clause) { return !clause.nodes.empty(); }, [](Clause& clause) {
           for (Node& node : clause.nodes)
             for (Index* next : {&node.if_true, &node.if_false})
               if (*next == kTrue || *next == kFalse) *next = *next == kTrue ? kFalse : kTrue;
         });
       }},
      {"a condition's words", [](Moves& moves, std::size_t n) {
         return nth_clause(moves, n, [](const Clause&) { return true; }, [](Clause& clause) { clause.text += "!"; });
       }},
      {"a program's first test is skipped", [](Moves& moves, std::size_t n) {
         return nth_clause(moves, n, [](const Clause& clause) { return clause.nodes.size() > 1; }, [](Clause& clause) {
           clause.nodes.erase(clause.nodes.begin());
           for (Node& node : clause.nodes)
             for (Index* next : {&node.if_true, &node.if_false})
               if (*next != kTrue && *next != kFalse) --*next;
         });
       }},
      {"a test's branches swapped", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node&) { return true; }, [](Node& node) { std::swap(node.if_true, node.if_false); });
       }},
      {"`and` is read as `or`", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return node.if_false == kFalse && node.if_true != kTrue && node.if_true != kFalse; }, [](Node& node) {
           node.if_false = node.if_true;
           node.if_true = kTrue;
         });
       }},
      {"`or` is read as `and`", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return node.if_true == kTrue && node.if_false != kFalse && node.if_false != kTrue; }, [](Node& node) {
           node.if_true = node.if_false;
           node.if_false = kFalse;
         });
       }},
      {"a comparison is turned round", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, is_bound, [](Node& node) {
           for (Term& term : node.test.terms) term.coefficient = -term.coefficient;
           node.test.constant = -node.test.constant;
         });
       }},
      {"one too high", [](Moves& moves, std::size_t n) { return nth_node(moves, n, is_sum, [](Node& node) { ++node.test.constant; }); }},
      {"one too low", [](Moves& moves, std::size_t n) { return nth_node(moves, n, is_sum, [](Node& node) { --node.test.constant; }); }},
      {"a constant of another scale", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.constant != 0; }, [](Node& node) { node.test.constant *= 100; });
       }},
      {"a factor is doubled", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.terms.size() > 1; }, [](Node& node) { node.test.terms.back().coefficient *= 2; });
       }},
      {"a factor's sign", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, is_sum, [](Node& node) { node.test.terms.back().coefficient = -node.test.terms.back().coefficient; });
       }},
      {"a term is lost", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.terms.size() > 1; }, [](Node& node) { node.test.terms.pop_back(); });
       }},
      {"the amount is forgotten", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.terms.size() > 1; }, [](Node& node) { node.test.terms.erase(node.test.terms.begin()); });
       }},
      {"`=` is read as `>=`", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return node.test.kind == TestKind::IsZero; }, [](Node& node) { node.test.kind = TestKind::AtLeastZero; });
       }},
      {"`>=` is read as `=`", [](Moves& moves, std::size_t n) {   // of something shown or not, there is no difference
         return nth_node(moves, n, [](const Node& node) { return is_bound(node) && (node.test.terms.size() > 1 || node.test.constant != -1); },
                         [](Node& node) { node.test.kind = TestKind::IsZero; });
       }},
      {"a mode is added", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_set(node) && (node.test.set | (node.test.set + 1)) != node.test.set; },
                         [](Node& node) { node.test.set |= node.test.set + 1; });
       }},
      {"a mode is lost", [](Moves& moves, std::size_t n) { return nth_node(moves, n, is_set, [](Node& node) { node.test.set &= node.test.set - 1; }); }},
      {"another mode", [](Moves& moves, std::size_t n) { return nth_node(moves, n, is_set, [](Node& node) { node.test.set = node.test.set & 1 ? node.test.set << 1 : node.test.set >> 1; }); }},
      {"two slots swapped", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.terms.size() > 1; },
                         [](Node& node) { std::swap(node.test.terms[0].coefficient, node.test.terms[1].coefficient); });
       }},
      {"the slot before", [](Moves& moves, std::size_t n) {
         return nth_node(moves, n, [](const Node& node) { return is_sum(node) && node.test.terms.front().slot > 0; }, [](Node& node) { --node.test.terms.front().slot; });
       }},
  };
}

// ---- slots

bool is_supplied_slot(const Slot& slot) { return is_supplied(slot.kind); }

std::vector<Fault> slot_faults() {
  return {
      {"the destination's id for the source's", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move& row, Slot& slot) {
           const auto &from = moves.vocabulary.buckets[row.from].keys, &to = moves.vocabulary.buckets[row.to].keys;
           unsigned bit = 0;
           for (Index i = 0; i < from.size(); ++i) {
             const Index there = key_position(to, from[i]);
             if (there == kNone || (row.relation >> bit++ & 1) == 0) continue;
             for (KeySource& key : slot.keys)
               if (key == KeySource{KeySource::From::Source, static_cast<std::uint8_t>(i)}) {
                 key = {KeySource::From::Destination, static_cast<std::uint8_t>(there)};
                 return true;
               }
           }
           return false;
         });
       }},
      {"the source's id for the destination's", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move& row, Slot& slot) {
           const auto &from = moves.vocabulary.buckets[row.from].keys, &to = moves.vocabulary.buckets[row.to].keys;
           for (KeySource& key : slot.keys) {
             if (key.from != KeySource::From::Destination) continue;
             const Index there = key_position(from, to[key.position]);
             if (there == kNone) continue;
             key = {KeySource::From::Source, static_cast<std::uint8_t>(there)};
             return true;
           }
           return false;
         });
       }},
      {"another fact", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Fact) return false;
           for (Index i = 0; i < moves.vocabulary.facts.size(); ++i)
             if (i != slot.target && moves.vocabulary.facts[i].subject.keys == moves.vocabulary.facts[slot.target].subject.keys) {
               slot.target = i;
               return true;
             }
           return false;
         });
       }},
      {"another bucket's balance", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Balance) return false;
           const auto& buckets = moves.vocabulary.buckets;
           for (Index i = 0; i < buckets.size(); ++i)
             if (i != slot.target && !buckets[i].external && buckets[i].keys == buckets[slot.target].keys) {
               slot.target = i;
               return true;
             }
           return false;
         });
       }},
      {"another account's total", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::AccountTotal) return false;
           const auto& accounts = moves.vocabulary.accounts;
           for (Index i = 0; i < accounts.size(); ++i)
             if (i != slot.target && accounts[i].keys == accounts[slot.target].keys) {
               slot.target = i;
               return true;
             }
           return false;
         });
       }},
      {"a balance in another asset", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           const auto count = static_cast<Index>(moves.vocabulary.assets.size());
           if (slot.kind < SlotKind::Balance || slot.kind > SlotKind::AccountTotal || count < 2) return false;
           slot.asset = (slot.asset + 1) % count;
           return true;
         });
       }},
      {"a balance is read as a total", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves&, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Balance || slot.keys.empty()) return false;
           slot.kind = SlotKind::BucketTotal;
           slot.keys.back() = {KeySource::From::Summed, 0};
           return true;
         });
       }},
      {"a total over more ids", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves&, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::BucketTotal || slot.keys.front().from == KeySource::From::Summed) return false;
           slot.keys.front() = {KeySource::From::Summed, 0};
           return true;
         });
       }},
      {"approvals by another role", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Approvals) return false;
           slot.roles ^= Mask{1} << (moves.vocabulary.roles.size() - 1);
           return slot.roles != 0;
         });
       }},
      {"approvals by one role more", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           const Mask added = (slot.roles | (slot.roles + 1)) & ((Mask{1} << moves.vocabulary.roles.size()) - 1);
           if (slot.kind != SlotKind::Approvals || added == slot.roles) return false;
           slot.roles = added;
           return true;
         });
       }},
      {"another kind of evidence", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           const auto count = static_cast<Index>(moves.vocabulary.evidence.size());
           if (slot.kind != SlotKind::Evidence || count < 2) return false;
           slot.target = (slot.target + 1) % count;
           return true;
         });
       }},
      {"a mode of another machine", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Mode) return false;
           const auto& machines = moves.vocabulary.machines;
           for (Index i = 0; i < machines.size(); ++i)
             if (i != slot.target && machines[i].subject.keys == machines[slot.target].subject.keys) {
               slot.target = i;
               return true;
             }
           return false;
         });
       }},
      {"a window's ids from the other side", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves& moves, const Move& row, Slot& slot) {
           if (slot.kind != SlotKind::Used) return false;
           const auto &from = moves.vocabulary.buckets[row.from].keys, &to = moves.vocabulary.buckets[row.to].keys;
           unsigned bit = 0;
           for (Index i = 0; i < from.size(); ++i) {
             const Index there = key_position(to, from[i]);
             if (there == kNone || (row.relation >> bit++ & 1) == 0) continue;
             for (KeySource& key : slot.keys)
               if (key == KeySource{KeySource::From::Source, static_cast<std::uint8_t>(i)}) {
                 key = {KeySource::From::Destination, static_cast<std::uint8_t>(there)};
                 return true;
               }
           }
           return false;
         });
       }},
      {"a value that nothing needs", [](Moves& moves, std::size_t n) {
         return nth_row(moves, n, [&](const Move& row) {
           return !moves.vocabulary.facts.empty() && std::none_of(row.slots.begin(), row.slots.end(), [](const Slot& slot) { return slot.kind == SlotKind::Fact; });
         }, [&](Move& row) {
           Index fact = 0;
           while (fact + 1 < moves.vocabulary.facts.size() && !moves.vocabulary.facts[fact].subject.keys.empty()) ++fact;
           row.slots.push_back({SlotKind::Fact, fact, kNone, 0, std::vector<KeySource>(moves.vocabulary.facts[fact].subject.keys.size())});
           sort_slots(row);
         });
       }},
      {"a value that a rule reads is not needed", [](Moves& moves, std::size_t n) {
         return nth_row(moves, n, [](const Move& row) { return is_supplied_slot(row.slots.back()) && row.slots.back().kind != SlotKind::Used &&
                                                               static_cast<Index>(row.slots.size() - 1) != row.funds_slot && static_cast<Index>(row.slots.size() - 1) != row.to_slot; },
                        [](Move& row) {
                          const auto gone = static_cast<Index>(row.slots.size() - 1);
                          row.slots.pop_back();
                          for (const auto group : kGroups)
                            for (Guarded& guarded : row.*group)
                              for (Clause& clause : guarded.clauses)
                                if (std::any_of(clause.nodes.begin(), clause.nodes.end(), [&](const Node& node) {
                                      return std::any_of(node.test.terms.begin(), node.test.terms.end(), [&](const Term& term) { return term.slot == gone; });
                                    })) clause.nodes.clear();
                        });
       }},
  };
}

// ---- transitions

std::vector<Fault> transition_faults() {
  return {
      {"a transition is lost", [](Moves& moves, std::size_t n) {
         if (n >= moves.transitions.size()) return false;
         moves.transitions.erase(moves.transitions.begin() + static_cast<std::ptrdiff_t>(n));
         return true;
       }},
      {"a transition from one mode more", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, [&](const Transition& one) {
           return std::popcount(one.from_modes) < static_cast<int>(moves.vocabulary.machines[one.machine].modes.size());
         }, [](Transition& one) { one.from_modes |= one.from_modes + 1; });
       }},
      {"a transition to another mode", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, [](const Transition&) { return true; }, [&](Transition& one) {
           one.to_mode = (one.to_mode + 1) % static_cast<Index>(moves.vocabulary.machines[one.machine].modes.size());
         });
       }},
      {"a transition by one role more", [](Moves& moves, std::size_t n) {
         const Mask all = (Mask{1} << moves.vocabulary.roles.size()) - 1;
         std::size_t left = n;
         return at_nth(moves.transitions, left, [&](const Transition& one) { return one.roles != all; }, [&](Transition& one) { one.roles = (one.roles | (one.roles + 1)) & all; });
       }},
      {"two transitions swapped", [](Moves& moves, std::size_t n) {
         if (n + 1 >= moves.transitions.size()) return false;
         std::swap(moves.transitions[n], moves.transitions[n + 1]);
         return true;
       }},
      {"a transition under another's citation", [](Moves& moves, std::size_t n) {
         if (n + 1 >= moves.transitions.size()) return false;
         moves.transitions[n].guard.statement = moves.transitions[n + 1].guard.statement;
         return true;
       }},
      {"a transition's conditions are lost", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, [](const Transition& one) { return !one.guard.clauses.empty(); }, [](Transition& one) { one.guard.clauses.clear(); });
       }},
      {"a transition needs nothing", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, [](const Transition& one) { return std::any_of(one.slots.begin(), one.slots.end(), is_supplied_slot); }, [](Transition& one) {
           one.slots.clear();
           for (Clause& clause : one.guard.clauses) clause.nodes.clear();
         });
       }},
  };
}

// ---- invariants

std::vector<Fault> invariant_faults() {
  return {
      {"an invariant claims nothing", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.invariants, left, [](const Invariant& one) { return !one.claim.clauses.empty(); }, [](Invariant& one) { one.claim.clauses.clear(); });
       }},
      {"an invariant is off by one", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         const auto sums = [](const Invariant& one) {
           return std::any_of(one.claim.clauses.begin(), one.claim.clauses.end(), [](const Clause& clause) { return std::any_of(clause.nodes.begin(), clause.nodes.end(), is_sum); });
         };
         return at_nth(moves.invariants, left, sums, [](Invariant& one) {
           for (Clause& clause : one.claim.clauses)
             if (const auto node = std::find_if(clause.nodes.begin(), clause.nodes.end(), is_sum); node != clause.nodes.end()) {
               ++node->test.constant;
               return;
             }
         });
       }},
      {"an invariant reads another bucket", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         const auto other = [&](const Slot& slot) {
           if (slot.kind != SlotKind::Balance) return kNone;
           for (Index bucket = slot.target + 1; bucket < moves.vocabulary.buckets.size(); ++bucket)
             if (!moves.vocabulary.buckets[bucket].external && moves.vocabulary.buckets[bucket].keys == moves.vocabulary.buckets[slot.target].keys) return bucket;
           return kNone;
         };
         const auto last_balance = [](Invariant& one) -> Slot& {
           return *std::find_if(one.slots.rbegin(), one.slots.rend(), [](const Slot& slot) { return slot.kind == SlotKind::Balance; });
         };
         return at_nth(moves.invariants, left, [&](const Invariant& one) {
           const auto found = std::find_if(one.slots.rbegin(), one.slots.rend(), [](const Slot& slot) { return slot.kind == SlotKind::Balance; });
           return found != one.slots.rend() && other(*found) != kNone;
         }, [&](Invariant& one) { last_balance(one).target = other(last_balance(one)); });
       }},
  };
}

// ---- limits, statements' words, declarations

template <auto kList, class Change>
bool nth_of(Moves& moves, std::size_t n, const Change& change) {
  auto& list = moves.vocabulary.*kList;
  if (n >= list.size()) return false;
  change(list[n]);
  return true;
}
template <auto kList>
bool swap_names(Moves& moves, std::size_t n) {
  auto& list = moves.vocabulary.*kList;
  if (n + 1 >= list.size()) return false;
  std::swap(list[n].name, list[n + 1].name);
  return true;
}

std::vector<Fault> word_faults() {
  return {
      {"a day is read as 24 hours", [](Moves& moves, std::size_t n) {
         return at_nth(moves.limits, n, [](const LimitWindow& limit) { return limit.window_ms == 0; }, [](LimitWindow& limit) { limit.window_ms = 86'400'000; });
       }},
      {"a longer window", [](Moves& moves, std::size_t n) {
         return at_nth(moves.limits, n, [](const LimitWindow& limit) { return limit.window_ms != 0; }, [](LimitWindow& limit) { limit.window_ms += 1; });
       }},
      {"a statement's line", [](Moves& moves, std::size_t n) { return at_nth(moves.statements, n, [](const Statement&) { return true; }, [](Statement& one) { ++one.words.line; }); }},
      {"a statement's text", [](Moves& moves, std::size_t n) { return at_nth(moves.statements, n, [](const Statement&) { return true; }, [](Statement& one) { one.words.text += "!"; }); }},
      {"a citation", [](Moves& moves, std::size_t n) { return at_nth(moves.statements, n, [](const Statement& one) { return !one.words.cite.empty(); }, [](Statement& one) { one.words.cite.clear(); }); }},
      {"a reason given", [](Moves& moves, std::size_t n) { return at_nth(moves.statements, n, [](const Statement& one) { return !one.words.because.empty(); }, [](Statement& one) { one.words.because += "?"; }); }},
      {"a notice", [](Moves& moves, std::size_t n) { return at_nth(moves.statements, n, [](const Statement& one) { return one.words.notify != 0; }, [](Statement& one) { one.words.notify = 0; }); }},
      {"another source", [](Moves& moves, std::size_t n) {
         if (n != 0 || moves.source_digest.empty()) return false;
         moves.source_digest.front() = moves.source_digest.front() == '0' ? '1' : '0';
         return true;
       }},
      {"no source", [](Moves& moves, std::size_t n) {
         if (n != 0 || moves.source_digest.empty()) return false;
         moves.source_digest.clear();
         return true;
       }},
      {"the policy's version", [](Moves& moves, std::size_t n) { moves.vocabulary.policy_version += "."; return n == 0; }},
      {"the policy's citation", [](Moves& moves, std::size_t n) { moves.vocabulary.policy_cite += "."; return n == 0; }},
  };
}

std::vector<Fault> declaration_faults() {
  return {
      {"an asset's decimals", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::assets>(moves, n, [](Asset& asset) { asset.decimals ^= 1; }); }},
      {"two assets' names", swap_names<&Vocabulary::assets>},
      {"two roles' names", swap_names<&Vocabulary::roles>},
      {"two purposes' names", swap_names<&Vocabulary::purposes>},
      {"two kinds of evidence", swap_names<&Vocabulary::evidence>},
      {"two facts' names", swap_names<&Vocabulary::facts>},
      {"two buckets' names", swap_names<&Vocabulary::buckets>},
      {"a bucket may overdraw", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.buckets, n, [](const Bucket& bucket) { return !bucket.may_overdraw && bucket.account != kNone; }, [](Bucket& bucket) { bucket.may_overdraw = true; });
       }},
      {"a bucket is in another account", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.buckets, n, [](const Bucket& bucket) { return bucket.account != kNone && !bucket.may_overdraw; }, [](Bucket& bucket) { bucket.account = kNone; });
       }},
      {"an external has a balance", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.buckets, n, [](const Bucket& bucket) { return bucket.external; }, [](Bucket& bucket) { bucket.external = false; });
       }},
      {"a bucket's owner", [](Moves& moves, std::size_t n) {
         const auto other = [&](const Bucket& bucket) {
           Index owner = 0;
           while (owner < moves.vocabulary.entities.size() && (owner == bucket.owner || moves.vocabulary.entities[owner].many)) ++owner;
           return owner;
         };
         return at_nth(moves.vocabulary.buckets, n, [&](const Bucket& bucket) { return bucket.keys.empty() && other(bucket) < moves.vocabulary.entities.size(); },
                       [&](Bucket& bucket) { bucket.owner = other(bucket); });
       }},
      {"a bucket's description", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::buckets>(moves, n, [](Bucket& bucket) { bucket.text += "."; }); }},
      {"a fact's least value", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.type != FactType::Flag; }, [](Fact& fact) { --fact.min; });
       }},
      {"a fact's greatest value", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.type != FactType::Flag && fact.max < kAmountMax; }, [](Fact& fact) { ++fact.max; });
       }},
      {"a fact's freshness", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.fresh_within_ms != 0; }, [](Fact& fact) { fact.fresh_within_ms *= 1000; });
       }},
      {"a fact never stale", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.fresh_within_ms != 0; }, [](Fact& fact) { fact.fresh_within_ms = 0; });
       }},
      {"a fact's type", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.type == FactType::Ratio; }, [](Fact& fact) { fact.type = FactType::Number; });
       }},
      {"two modes' names", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::machines>(moves, n, [](ModeMachine& machine) { std::swap(machine.modes[0], machine.modes[1]); }); }},
      {"one mode more", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::machines>(moves, n, [](ModeMachine& machine) { machine.modes.push_back("other"); }); }},
      {"a fence is lost", [](Moves& moves, std::size_t n) {
         if (n >= moves.vocabulary.fences.size()) return false;
         moves.vocabulary.fences.erase(moves.vocabulary.fences.begin() + static_cast<std::ptrdiff_t>(n));
         return true;
       }},
      {"a fence's side", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.fences, n, [](const Fence& fence) { return fence.left.size() > 1; }, [](Fence& fence) { fence.left.pop_back(); });
       }},
      {"a fence's other side", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.fences, n, [](const Fence& fence) { return fence.right.size() > 1; }, [](Fence& fence) { fence.right.pop_back(); });
       }},
      {"a fence looks into less", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.fences, n, [](const Fence& fence) { return fence.within.size() > 1; }, [](Fence& fence) { fence.within.pop_back(); });
       }},
      {"a fence in custody", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::fences>(moves, n, [](Fence& fence) { fence.in_custody = !fence.in_custody; }); }},
      {"a fence of another entity", [](Moves& moves, std::size_t n) {
         const auto other = [&](const Fence& fence) {
           Index entity = 0;
           while (entity < moves.vocabulary.entities.size() && (entity == fence.entity || !moves.vocabulary.entities[entity].many)) ++entity;
           return entity;
         };
         return at_nth(moves.vocabulary.fences, n, [&](const Fence& fence) { return fence.kind == FenceKind::Each && other(fence) < moves.vocabulary.entities.size(); },
                       [&](Fence& fence) { fence.entity = other(fence); });
       }},
      {"a fence's citation", [](Moves& moves, std::size_t n) { return nth_of<&Vocabulary::fences>(moves, n, [](Fence& fence) { fence.cite += "."; }); }},
  };
}

}  // namespace

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> faults = [] {
    std::vector<Fault> all;
    for (const auto& some : {row_faults(), statement_faults(), condition_faults(), slot_faults(), transition_faults(), invariant_faults(), word_faults(), declaration_faults()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }();
  return faults;
}

const char* const kWorkshopPolicy = R"(policy "Workshop" version "1" cite "made up"
asset USDC decimals 2  asset EUR decimals 2
role trader, officer, cfo, clerk
purpose pay, lend, sweep
evidence slip, letter
entity Client many  entity Position many  entity House  entity Bank
external Client.bank  external Client.broker[Position]  external House.suppliers  external House.owners  external House.tax
account Bank.pool  account Bank.vault
bucket Client.wallet in Bank.pool "wallet"
bucket Client.margin[Position] in Bank.pool
bucket Client.reserve[Position] in Bank.vault
bucket House.fees in Bank.vault
bucket House.spare in Bank.vault
bucket House.advance in Bank.pool may overdraw
fact due of Client : amount of USDC from 0 to 1_000 USDC, fresh within 10 s
fact owed of Client : amount of USDC
fact orders of Client : number from -5 to 500
fact haircut of Position : ratio from 0% to 30%, fresh within 500 ms
fact consent of Client : flag
fact open_day : flag
mode of Client.margin : normal, called, closed
  normal -> called by officer when balance(Client.margin in USDC) < owed and approved by cfo cite "call" notify trader
  called -> normal by officer, cfo when due = 0
  any -> closed by cfo requires evidence letter because "the end"
mode of Client.reserve : full, spent, lost
  full -> spent by officer
  spent -> lost by officer
segregate Client from House cite "apart"
segregate each Client
segregate each Position in Client.margin
segregate Client.wallet, Client.margin from House.fees, House.advance in custody
allow pay Client.bank -> Client.wallet by trader, officer, clerk
allow pay Client.wallet -> Client.bank of USDC by trader when amount <= 100 USDC and balance after(from) >= 25% of due
allow pay Client.wallet -> Client.bank of USDC by trader
  when approved by 2 of officer, cfo and orders < 10 or consent requires evidence slip
allow pay Client.wallet -> House.fees of USDC by officer passing title when amount <= due and time between 08:00 and 18:00 and consent
allow lend Client.margin[any Position] -> other Client.margin by officer
  when mode of to is normal and balance(from) >= amount and haircut(to) <= 12.5% and 3 * orders(from) >= 2 * orders(to) + 1
allow lend Client.margin -> Client.margin[other Position] of USDC by trader, clerk passing title
  when total(Client.margin[any Position]) > 50 USDC and mode of from is normal, called and (open_day or due != 0)
allow lend Client.margin -> Client.reserve of USDC by officer passing title
  when mode of Client.reserve is not lost and total after(Bank.pool) >= 5 USDC and balance(Client.reserve in EUR) = 0
allow sweep House.advance -> House.suppliers of USDC by cfo when amount <= 10 USDC or approved by officer
allow sweep Client.reserve -> Client.broker by clerk
allow sweep House.fees -> House.owners by cfo when evidence letter and not evidence slip
deny pay Client.wallet -> Client.bank of USDC when orders > 400 cite "too busy" because "wait" notify cfo
deny lend any Client.margin[any Position] -> Client.margin of USDC by clerk when balance(from) < 1 USDC and balance(to) > 7 USDC
deny pay Client.wallet -> * when owed(from) > 900 USDC
floor Client.wallet >= due + 1 USDC unless consent cite "keep"
floor Client.margin >= 5 USDC
floor House.fees >= 2 USDC
invariant balance(Client.wallet in USDC) >= due unless consent cite "covered"
invariant total(Bank.pool in USDC) >= balance(Client.margin in USDC) and balance(House.fees in EUR) < 7 EUR because "counted"
limit pay per Client 500 USDC per day unless approved by cfo
limit pay in total 9_000 USDC in any 24 h
limit lend Client.margin -> any Client.margin[any Position] per Client, Position 70 USDC in any 1 h
)";

}  // namespace ringfence::test
