// SPDX-License-Identifier: Apache-2.0
// Faults of conditions, and of the values that they read.
#include <algorithm>

#include "tests/verify/fault_kinds.h"
#include "tests/verify/fault_places.h"

namespace ringfence::test {

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

/// Takes an id of the source, where the destination has another, from there; false where there is none.
bool read_from_destination(const Moves& moves, const Move& row, Slot& slot) {
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
}

std::vector<Fault> slot_faults() {
  return {
      {"the destination's id for the source's", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, read_from_destination);
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
      {"the time of day for the time", [](Moves& all, std::size_t n) {
         return nth_slot(all, n, [](const Moves&, const Move&, Slot& slot) {
           if (slot.kind != SlotKind::Now) return false;
           slot.kind = SlotKind::TimeOfDay;
           return true;
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
           return slot.kind == SlotKind::Used && read_from_destination(moves, row, slot);
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
         return nth_row(moves, n, [](const Move& row) {
                          if (row.slots.empty()) return false;
                          const auto last = static_cast<Index>(row.slots.size() - 1);
                          return is_supplied(row.slots[last].kind) && row.slots[last].kind != SlotKind::Used && last != row.funds_slot && last != row.account_slot && last != row.to_slot;
                        },
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

}  // namespace ringfence::test
