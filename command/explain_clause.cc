// SPDX-License-Identifier: Apache-2.0
// See explain_clause.h. A candidate comes from one test on the clause's way to its end, solved for one of its values.
#include "command/explain_clause.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace ringfence {
namespace {

struct Range { Int128 min, max; };

Range range_of(const RuleTable& table, const SlotView& slot) {
  switch (slot.kind) {
    case SlotKind::Amount: return {1, kAmountMax};
    case SlotKind::TimeOfDay: return {0, 86'399};
    case SlotKind::Now: return {kInstantMin, kInstantMax};
    case SlotKind::Approvals: return {0, static_cast<Int128>(kApprovalsMax)};
    case SlotKind::Evidence: return {0, 1};
    case SlotKind::Used: return {0, kAmountMax};
    case SlotKind::Mode: return {0, Int128{table.machine(slot.target).mode_count} - 1};
    case SlotKind::Fact: return {table.fact(slot.target).min, table.fact(slot.target).max};
    case SlotKind::Balance:
    case SlotKind::BucketTotal:
    case SlotKind::AccountTotal: break;
  }
  return {-kAmountMax, kAmountMax};
}

Int128 divide_down(Int128 dividend, Int128 divisor) {   // divisor > 0
  return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}
Int128 divide_up(Int128 dividend, Int128 divisor) { return -divide_down(-dividend, divisor); }

/// A value that turns a test, and how it is said: at least, at most, exactly, or anything but it.
struct Change { Int128 value; const char* how; };

/// What one term's value would have to be for the test to come out as `wanted`, the other values as they are.
std::optional<Change> solve(const Test& test, const Term& term, std::span<const Value> values, bool wanted) {
  Int128 rest = test.constant;
  for (const Term& other : test.terms)
    if (other.slot != term.slot) rest += Int128{other.coefficient} * values[other.slot].number;
  const Int128 coefficient = term.coefficient;
  const Int128 magnitude = coefficient < 0 ? -coefficient : coefficient;
  if (test.kind == TestKind::IsZero) {
    const Int128 now = values[term.slot].number;
    if (!wanted) return Change{now > 0 ? now - 1 : now + 1, "anything but"};
    if (rest % magnitude != 0) return std::nullopt;
    return Change{-rest / coefficient, "exactly"};
  }
  const Int128 least = wanted ? -rest : rest + 1;        // coefficient * value >= -rest, or -coefficient * value >= rest + 1
  const bool upwards = (coefficient > 0) == wanted;
  return upwards ? Change{divide_up(least, magnitude), "at least"} : Change{divide_down(-least, magnitude), "at most"};
}

/// The tests that the clause passes through with these values, each with how it came out.
struct Visited { const Test* test; bool outcome; };
std::vector<Visited> visited(const Clause& clause, std::span<const Value> values) {
  std::vector<Visited> result;
  for (Index node = 0; node < clause.nodes.size();) {
    const bool outcome = holds(clause.nodes[node].test, values);
    result.push_back({&clause.nodes[node].test, outcome});
    node = outcome ? clause.nodes[node].if_true : clause.nodes[node].if_false;
  }
  return result;
}

/// The modes that turn an InSet test, as words.
std::string other_modes(const RuleTable& table, const SlotView& slot, const Test& test, bool wanted) {
  std::string text;
  for (Index mode = 0; mode < table.machine(slot.target).mode_count; ++mode)
    if (((test.set >> mode & 1u) != 0) == wanted) text += (text.empty() ? "" : " or ") + std::string(table.mode_name(slot.target, mode));
  return text;
}

class Changes {
 public:
  Changes(const LoadedPolicy& policy, const ValueWords& words, const SlotName& name_of, const Asked& asked, const Clause& clause,
          std::span<const SlotView> slots, std::span<const Value> values, bool wanted)
      : table_(policy.table), words_(words), name_of_(name_of), asked_(asked), clause_(clause), slots_(slots), values_(values.begin(), values.end()), wanted_(wanted) {}

  std::vector<std::string> find() {
    for (const Visited& visit : visited(clause_, values_))
      for (const Term& term : visit.test->terms) try_term(*visit.test, term, !visit.outcome);
    return std::move(found_);
  }

 private:
  bool turns(Index slot, Int128 value) {
    const Range range = range_of(table_, slots_[slot]);
    if (value < range.min || value > range.max) return false;
    const Int128 before = std::exchange(values_[slot].number, value);
    const bool result = holds(clause_, values_) == wanted_;
    values_[slot].number = before;
    return result;
  }

  void try_term(const Test& test, const Term& term, bool wanted) {
    const SlotView& slot = slots_[term.slot];
    if (test.kind == TestKind::InSet) return try_modes(test, term, wanted);
    const auto change = solve(test, term, values_, wanted);
    if (!change || !turns(term.slot, change->value)) return;
    const Range range = range_of(table_, slot);
    const std::string value = words_.value(slot, Value{change->value, 0, true}, asked_);
    const bool two_valued = range.min == 0 && range.max == 1;
    const std::string how = two_valued ? "" : std::string(change->how) + " ";
    const Int128 but = values_[term.slot].number;
    const bool excluded = !two_valued && std::string_view(change->how) == "anything but";
    add(fmt::format("{} {}{}", name_of_(term.slot), how, excluded ? words_.value(slot, Value{but, 0, true}, asked_) : value));
  }

  void try_modes(const Test& test, const Term& term, bool wanted) {
    const SlotView& slot = slots_[term.slot];
    for (Index mode = 0; mode < table_.machine(slot.target).mode_count; ++mode) {
      if (((test.set >> mode & 1u) != 0) != wanted || !turns(term.slot, mode)) continue;
      return add(fmt::format("{} {}", name_of_(term.slot), other_modes(table_, slot, test, wanted)));
    }
  }

  void add(std::string change) {
    if (std::find(found_.begin(), found_.end(), change) == found_.end()) found_.push_back(std::move(change));
  }

  const RuleTable& table_;
  const ValueWords& words_;
  const SlotName& name_of_;
  const Asked& asked_;
  const Clause& clause_;
  std::span<const SlotView> slots_;
  std::vector<Value> values_;
  bool wanted_;
  std::vector<std::string> found_;
};

}  // namespace

bool can_evaluate(const RuleTable& table, const Clause& clause, std::span<const SlotView> slots, std::span<const Value> values) {
  for (const Index slot : slots_of(clause)) {
    if (slot >= slots.size() || slot >= values.size() || !values[slot].present) return false;
    const Range range = range_of(table, slots[slot]);
    if (values[slot].number < range.min || values[slot].number > range.max) return false;
  }
  return true;
}

std::vector<std::string> single_changes(const LoadedPolicy& policy, const ValueWords& words, const SlotName& name_of, const Asked& asked,
                                        const Clause& clause, std::span<const SlotView> slots, std::span<const Value> values, bool wanted) {
  return Changes(policy, words, name_of, asked, clause, slots, values, wanted).find();
}

}  // namespace ringfence
