// SPDX-License-Identifier: Apache-2.0
// Faults of transitions and invariants, of words, and of what a policy declares.
#include <algorithm>
#include <bit>
#include <utility>

#include "tests/verify/fault_kinds.h"
#include "tests/verify/fault_places.h"

namespace ringfence::test {

namespace {

bool is_by_clock(const Transition& transition) { return transition.deadline.has_value(); }

bool is_duration(const Transition& transition) { return is_by_clock(transition) && transition.deadline->schedule == kNone; }
bool has_schedule(const Transition& transition) { return is_by_clock(transition) && !is_duration(transition); }

}  // namespace

std::vector<Fault> transition_faults() {
  return {
      {"a deadline a business day later", [](Moves& moves, std::size_t n) {
         return at_nth(moves.transitions, n, has_schedule, [](Transition& one) { ++one.deadline->business_day; });
       }},
      {"a deadline by another schedule", [](Moves& moves, std::size_t n) {
         return at_nth(moves.transitions, n, has_schedule, [&](Transition& one) { one.deadline->schedule = (one.deadline->schedule + 1) % static_cast<Index>(moves.vocabulary.schedules.size()); });
       }},
      {"a cut-off a millisecond later", [](Moves& moves, std::size_t n) {
         for (Schedule& schedule : moves.vocabulary.schedules)
           if (at_nth(schedule.days, n, [](const BusinessDay&) { return true; }, [](BusinessDay& day) { ++day.cut_off_ms; })) return true;
         return false;
       }},
      {"a business day lost", [](Moves& moves, std::size_t n) {
         for (Schedule& schedule : moves.vocabulary.schedules) {
           if (n < schedule.days.size()) return schedule.days.erase(schedule.days.begin() + static_cast<std::ptrdiff_t>(n)), true;
           n -= schedule.days.size();
         }
         return false;
       }},
      {"a calendar that begins a millisecond earlier", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.schedules, n, [](const Schedule&) { return true; }, [](Schedule& schedule) { --schedule.first_ms; });
       }},
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
      {"a deadline is lost", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         for (std::size_t i = 0; i < moves.transitions.size(); ++i)
           if (moves.transitions[i].deadline && left-- == 0) {
             moves.transitions.erase(moves.transitions.begin() + static_cast<std::ptrdiff_t>(i));
             return true;
           }
         return false;
       }},
      {"a deadline a millisecond later", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, is_duration, [](Transition& one) { ++one.deadline->within_ms; });
       }},
      {"a deadline a millisecond earlier", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, is_duration, [](Transition& one) { --one.deadline->within_ms; });
       }},
      {"a deadline of another mode", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, is_by_clock, [&](Transition& one) {
           const Mask next = one.from_modes << 1;
           one.from_modes = next >> moves.vocabulary.machines[one.machine].modes.size() != 0 ? 2 : next;
         });
       }},
      {"a deadline for anybody to ask for", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, is_by_clock, [](Transition& one) {
           one.deadline.reset();
           one.roles = 1;
         });
       }},
      {"a transition that comes by the clock", [](Moves& moves, std::size_t n) {
         std::size_t left = n;
         return at_nth(moves.transitions, left, [](const Transition& one) { return !one.deadline && one.from_modes == 2; }, [](Transition& one) {
           one = {one.machine, one.from_modes, one.to_mode, 0, {}, {one.guard.statement, false, {}}, Deadline{1, kNone, 0}};
         });
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
         return at_nth(moves.transitions, left, [](const Transition& one) { return std::any_of(one.slots.begin(), one.slots.end(), [](const Slot& slot) { return is_supplied(slot.kind); }); }, [](Transition& one) {
           one.slots.clear();
           for (Clause& clause : one.guard.clauses) clause.nodes.clear();
         });
       }},
  };
}

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

namespace {

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

}  // namespace

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
         if (!at_nth(moves.vocabulary.buckets, n, [](const Bucket& bucket) { return !bucket.may_overdraw && bucket.account != kNone; }, [](Bucket& bucket) { bucket.may_overdraw = true; })) return false;
         for (Move& move : moves.moves) judge_funds_as_declared(moves.vocabulary, move);
         return true;
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
      {"an instant is a number", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.type == FactType::Instant; }, [](Fact& fact) { fact.type = FactType::Number; });
       }},
      {"a duration is a number", [](Moves& moves, std::size_t n) {
         return at_nth(moves.vocabulary.facts, n, [](const Fact& fact) { return fact.type == FactType::Duration; }, [](Fact& fact) { fact.type = FactType::Number; });
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

}  // namespace ringfence::test
