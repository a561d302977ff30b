// SPDX-License-Identifier: Apache-2.0
// The text dump of moves: the vocabulary, the statements and limits, then one move a paragraph with its slots and guard programs.
// Every field is shown, so that two dumps are equal exactly when the moves are.
#include "compiler/moves.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace ringfence {
namespace {

using Out = std::back_insert_iterator<std::string>;

template <class Named>
std::string names(const std::vector<Named>& all, Mask mask) {
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < 64; ++i)
    if ((mask >> i & 1) != 0) out += (out.empty() ? "" : ",") + all[i].name;
  return out;
}

std::string print_keys(const std::vector<KeySource>& keys) {
  std::string out = "[";
  for (const KeySource& key : keys) {
    if (out.size() > 1) out += ',';
    if (key.from == KeySource::From::Summed) out += '*';
    else out += fmt::format("{}.{}", key.from == KeySource::From::Source ? "from" : "to", key.position);
  }
  return out + ']';
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string print_target(Index target) { return target == kTrue ? "true" : target == kFalse ? "false" : std::to_string(target); }

std::string print_index(Index index) { return index == kNone ? "-" : std::to_string(index); }

std::string print_test(const Test& test) {
  std::string sum;
  for (const Term& term : test.terms) sum += fmt::format("{}*s{} + ", term.coefficient, term.slot);
  sum += to_string(test.constant);
  switch (test.kind) {
    case TestKind::AtLeastZero: return sum + " >= 0";
    case TestKind::IsZero: return sum + " = 0";
    case TestKind::InSet: return fmt::format("{} in {:#x}", sum, test.set);
  }
  return {};
}

void dump_guarded(Out out, const char* word, const Guarded& guarded) {
  fmt::format_to(out, "  {} statement {}{}\n", word, guarded.statement, guarded.passing_title ? " passing title" : "");
  if (guarded.brings) fmt::format_to(out, "    {} mode {} of s{}\n", guarded.brings->before ? "entering" : "then", guarded.brings->mode, guarded.brings->slot);
  for (const Clause& clause : guarded.clauses) {
    fmt::format_to(out, "    clause {}\n", quoted(clause.text));
    for (std::size_t i = 0; i < clause.nodes.size(); ++i) {
      const Node& node = clause.nodes[i];
      fmt::format_to(out, "      {}: {} ? {} : {}\n", i, print_test(node.test), print_target(node.if_true), print_target(node.if_false));
    }
  }
}

void dump_slots(Out out, const Vocabulary& vocabulary, const std::vector<Slot>& slots) {
  for (std::size_t i = 0; i < slots.size(); ++i) fmt::format_to(out, "  s{} {}\n", i, print(vocabulary, slots[i]));
}

std::string print_relation(const Vocabulary& vocabulary, const Move& move) {
  std::string out;
  const std::vector<Index> shared = shared_keys(vocabulary.buckets[move.from], vocabulary.buckets[move.to]);
  for (std::size_t i = 0; i < shared.size(); ++i)
    out += fmt::format(" {} {}", (move.relation >> i & 1) != 0 ? "other" : "same", vocabulary.entities[shared[i]].name);
  return out;
}

void dump_move(Out out, const Vocabulary& vocabulary, const Move& move) {
  fmt::format_to(out, "move {} {} -> {}{} of {} by {}\n", vocabulary.purposes[move.purpose].name, vocabulary.buckets[move.from].name,
                 vocabulary.buckets[move.to].name, print_relation(vocabulary, move), vocabulary.assets[move.asset].name,
                 names(vocabulary.roles, move.roles));
  dump_slots(out, vocabulary, move.slots);
  const std::string account = move.account_slot == kNone ? "" : " and " + print_index(move.account_slot);
  fmt::format_to(out, "  funds {}{} from {} to {}\n", print_index(move.funds_slot), account, print_index(move.from_slot), print_index(move.to_slot));
  for (const Guarded& allow : move.allows) dump_guarded(out, "allow", allow);
  for (const Guarded& deny : move.denies) dump_guarded(out, "deny", deny);
  for (const Guarded& floor : move.floors) dump_guarded(out, "floor", floor);
  for (const Guarded& limit : move.limits) dump_guarded(out, "limit", limit);
}

void dump_transition(Out out, const Vocabulary& vocabulary, const Transition& transition) {
  const ModeMachine& machine = vocabulary.machines[transition.machine];
  std::string from;
  for (std::size_t i = 0; i < machine.modes.size(); ++i)
    if ((transition.from_modes >> i & 1) != 0) from += (from.empty() ? "" : ",") + machine.modes[i];
  fmt::format_to(out, "transition of {}: {} -> {} by {}\n", subject_name(vocabulary, machine.subject), from, machine.modes[transition.to_mode],
                 transition.deadline ? "the clock, " + print(vocabulary, *transition.deadline) : names(vocabulary.roles, transition.roles));
  dump_slots(out, vocabulary, transition.slots);
  dump_guarded(out, "when", transition.guard);
}

void dump_invariant(Out out, const Vocabulary& vocabulary, const Invariant& invariant) {
  std::string keys;
  for (const Index entity : invariant.keys) keys += (keys.empty() ? "" : ",") + vocabulary.entities[entity].name;
  fmt::format_to(out, "invariant for each [{}]\n", keys);
  dump_slots(out, vocabulary, invariant.slots);
  dump_guarded(out, "claim", invariant.claim);
}

void dump_statements(Out out, const Moves& moves) {
  static constexpr const char* kKinds[] = {"allow", "deny", "floor", "limit", "transition", "invariant"};
  for (std::size_t i = 0; i < moves.statements.size(); ++i) {
    const auto& [kind, words] = moves.statements[i];
    fmt::format_to(out, "statement {} {} line {} {}", i, kKinds[static_cast<std::size_t>(kind)], words.line, quoted(words.text));
    if (!words.cite.empty()) fmt::format_to(out, " cite {}", quoted(words.cite));
    if (!words.because.empty()) fmt::format_to(out, " because {}", quoted(words.because));
    if (words.notify != 0) fmt::format_to(out, " notify {}", names(moves.vocabulary.roles, words.notify));
    fmt::format_to(out, "\n");
  }
  for (std::size_t i = 0; i < moves.limits.size(); ++i) {
    const LimitWindow& limit = moves.limits[i];
    std::string per;
    for (const Index entity : limit.per) per += (per.empty() ? "" : ",") + moves.vocabulary.entities[entity].name;
    fmt::format_to(out, "limit {} statement {} of {} per [{}] {}\n", i, limit.statement, moves.vocabulary.assets[limit.asset].name, per,
                   limit.window_ms == 0 ? std::string("per day") : fmt::format("in any {} ms", limit.window_ms));
  }
}

}  // namespace

std::string print(const Vocabulary& vocabulary, const Slot& slot) {
  const auto money = [&](const char* word, const std::string& name) {
    return fmt::format("{}({}{}) in {}", word, name, print_keys(slot.keys), vocabulary.assets[slot.asset].name);
  };
  switch (slot.kind) {
    case SlotKind::Amount: return "amount";
    case SlotKind::TimeOfDay: return "time_of_day";
    case SlotKind::Approvals: return fmt::format("approvals{{{}}}", names(vocabulary.roles, slot.roles));
    case SlotKind::Evidence: return fmt::format("evidence({})", vocabulary.evidence[slot.target].name);
    case SlotKind::Balance: return money("balance", vocabulary.buckets[slot.target].name);
    case SlotKind::BucketTotal: return money("total", vocabulary.buckets[slot.target].name);
    case SlotKind::AccountTotal: return money("total", vocabulary.accounts[slot.target].name);
    case SlotKind::Fact: return fmt::format("fact({}{})", vocabulary.facts[slot.target].name, print_keys(slot.keys));
    case SlotKind::Mode: return fmt::format("mode({}{})", subject_name(vocabulary, vocabulary.machines[slot.target].subject), print_keys(slot.keys));
    case SlotKind::Used: return money("used", fmt::format("limit {}", slot.target));
    case SlotKind::Now: return "now";
  }
  return {};
}

bool pays_from_overdrawn(const Vocabulary& vocabulary, Index from, Index to, Relation relation) {
  const Bucket &source = vocabulary.buckets[from], &destination = vocabulary.buckets[to];
  if (source.account == kNone || source.may_overdraw) return false;
  const auto overdraws = [&](const Bucket& bucket) { return bucket.account == source.account && bucket.may_overdraw; };
  if (std::none_of(vocabulary.buckets.begin(), vocabulary.buckets.end(), overdraws)) return false;
  if (destination.account != source.account) return true;
  const std::vector<Index> shared = shared_keys(source, destination), &keys = vocabulary.accounts[source.account].keys;
  return std::any_of(keys.begin(), keys.end(), [&](Index key) { return (relation >> key_position(shared, key) & 1) != 0; });
}

std::string dump(const Moves& moves) {
  std::string text = dump(moves.vocabulary);
  const Out out = std::back_inserter(text);
  dump_statements(out, moves);
  for (const Move& move : moves.moves) dump_move(out, moves.vocabulary, move);
  for (const Transition& transition : moves.transitions) dump_transition(out, moves.vocabulary, transition);
  for (const Invariant& invariant : moves.invariants) dump_invariant(out, moves.vocabulary, invariant);
  return text + "digest " + moves.source_digest + '\n';
}

}  // namespace ringfence
