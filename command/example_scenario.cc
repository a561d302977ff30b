// SPDX-License-Identifier: Apache-2.0
// See example_scenario.h. Ids are called after their entity, as the example's are in print.
#include "command/example_scenario.h"

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

namespace ringfence {
namespace {

class ExampleWriter {
 public:
  ExampleWriter(const Joint& joint, const Example& example) : joint_(joint), v_(joint.vocabulary(kOlder)), example_(example) {}

  Scenario write(unsigned earlier) {
    Scenario scenario;
    for (const SlotKind kind : {SlotKind::Balance, SlotKind::BucketTotal, SlotKind::AccountTotal})   // each fills up what the ones before leave of a sum
      for (const Reading& reading : example_.values)
        if (reading.slot.kind == kind) take_balance(reading);
    const Int128 counted = example_.kind.is_transfer && earlier != 0 ? counted_before() : 0;
    if (counted != 0 && !v_.buckets[example_.kind.from].external) give({{example_.kind.from, ids_of(v_.buckets[example_.kind.from].keys, example_.from)}, example_.kind.asset}, counted);
    for (const auto& [place, balance] : balances_) add_balance(scenario, place, balance);
    if (!example_.kind.is_transfer) add_mode(scenario, {example_.kind.machine, ids_of(v_.machines[example_.kind.machine].subject.keys, example_.from)}, example_.kind.from_mode);
    for (const Reading& reading : example_.values)
      if (reading.slot.kind == SlotKind::Mode) add_mode(scenario, {reading.slot.target, ids_of(reading.slot, v_.machines[reading.slot.target].subject.keys)}, static_cast<Index>(reading.number));
    add_facts(scenario);
    add_time(scenario, example_.time_ms);
    for (unsigned i = 0; counted != 0 && i < earlier; ++i) add_earlier(scenario, counted / earlier + (i == 0 ? counted % earlier : 0));
    add_request(scenario);
    return scenario;
  }

 private:
  using Place = std::pair<std::pair<Index, std::vector<std::string>>, Index>;   // bucket, ids, asset: joint

  static std::string id_of(const std::string& entity, std::uint64_t number) {
    std::string id = entity;
    std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return id + std::to_string(number);
  }
  std::vector<std::string> ids_of(const std::vector<Index>& keys, const Instance& instance) const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < keys.size(); ++i) ids.push_back(id_of(v_.entities[keys[i]].name, instance.ids[i]));
    return ids;
  }
  /// A key that is summed over is nobody's: `other`.
  std::vector<std::string> ids_of(const Slot& slot, const std::vector<Index>& keys) const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      const KeySource& key = slot.keys[i];
      const Instance& side = key.from == KeySource::From::Destination ? example_.to : example_.from;
      ids.push_back(key.from == KeySource::From::Summed ? kOther : id_of(v_.entities[keys[i]].name, side.ids[key.position]));
    }
    return ids;
  }

  void take_balance(const Reading& reading) {
    const Slot& slot = reading.slot;
    if (slot.kind == SlotKind::Balance) return give({{slot.target, ids_of(slot, v_.buckets[slot.target].keys)}, slot.asset}, reading.number);
    Int128 known = 0;
    for (const auto& [place, balance] : balances_)
      if (place.second == slot.asset && is_counted(slot, place.first.first, place.first.second)) known += balance;
    if (slot.kind == SlotKind::BucketTotal) return give({{slot.target, ids_of(slot, v_.buckets[slot.target].keys)}, slot.asset}, reading.number - known);
    for (Index bucket = 0; bucket < v_.buckets.size(); ++bucket)
      if (v_.buckets[bucket].account == slot.target && !v_.buckets[bucket].external) return give({{bucket, other_ids(slot, bucket)}, slot.asset}, reading.number - known);
  }
  void give(const Place& place, Int128 balance) {
    if (balance > 0) balances_[place] += balance;
  }

  /// Whether a total includes this instance.
  bool is_counted(const Slot& slot, Index bucket, const std::vector<std::string>& ids) const {
    const bool of_bucket = slot.kind == SlotKind::BucketTotal;
    if (of_bucket ? bucket != slot.target : v_.buckets[bucket].account != slot.target) return false;
    const std::vector<Index>& keys = of_bucket ? v_.buckets[slot.target].keys : v_.accounts[slot.target].keys;
    const std::vector<std::string> wanted = ids_of(slot, keys);
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (slot.keys[i].from != KeySource::From::Summed && ids[key_position(v_.buckets[bucket].keys, keys[i])] != wanted[i]) return false;
    return true;
  }
  /// Of a bucket in the account: the account's ids, and nobody's for the rest.
  std::vector<std::string> other_ids(const Slot& account, Index bucket) const {
    const std::vector<Index>& keys = v_.accounts[account.target].keys;
    const std::vector<std::string> known = ids_of(account, keys);
    std::vector<std::string> ids;
    for (const Index key : v_.buckets[bucket].keys) {
      const Index position = key_position(keys, key);
      ids.push_back(position == kNone ? kOther : known[position]);
    }
    return ids;
  }

  void add_balance(Scenario& scenario, const Place& place, Int128 balance) const {
    ScenarioStep& step = add(scenario, StepKind::Holds);
    step.instance = {own(joint_.buckets, place.first.first), place.first.second};
    step.asset = own(joint_.assets, place.second);
    step.value = balance;
  }
  void add_mode(Scenario& scenario, const NamedInstance& subject, Index mode) const {
    const Index machine = own(joint_.machines, subject.target), own_mode = own(joint_.modes[subject.target], mode);
    const auto says_so = [&](const ScenarioStep& step) { return step.kind == StepKind::SetMode && step.instance.target == machine && step.instance.ids == subject.ids; };
    if (own_mode == 0 || std::any_of(scenario.steps.begin(), scenario.steps.end(), says_so)) return;   // the first mode need not be given
    ScenarioStep& step = add(scenario, StepKind::SetMode);
    step.instance = {machine, subject.ids};
    step.mode = own_mode;
  }
  void add_facts(Scenario& scenario) const {
    for (const Reading& reading : example_.values) {
      if (reading.slot.kind != SlotKind::Fact) continue;
      add_time(scenario, example_.time_ms - reading.age_ms);
      ScenarioStep& step = add(scenario, StepKind::SetFact);
      step.instance = {own(joint_.facts, reading.slot.target), ids_of(reading.slot, v_.facts[reading.slot.target].subject.keys)};
      step.value = reading.number;
    }
  }
  static void add_time(Scenario& scenario, std::int64_t time_ms) {
    for (auto step = scenario.steps.rbegin(); step != scenario.steps.rend(); ++step)
      if (step->kind == StepKind::SetTime) {
        if (step->time_ms == time_ms) return;
        break;
      }
    add(scenario, StepKind::SetTime).time_ms = time_ms;
  }

  void add_request(Scenario& scenario) const {
    const RequestKind& kind = example_.kind;
    ScenarioStep& step = add(scenario, kind.is_transfer ? StepKind::Transfer : StepKind::Transition);
    if (kind.is_transfer) {
      step.transfer = {own(joint_.purposes, kind.purpose), own(joint_.assets, kind.asset), example_.amount,
                       {own(joint_.buckets, kind.from), ids_of(v_.buckets[kind.from].keys, example_.from)}, {own(joint_.buckets, kind.to), ids_of(v_.buckets[kind.to].keys, example_.to)}};
    } else {
      step.instance = {own(joint_.machines, kind.machine), ids_of(v_.machines[kind.machine].subject.keys, example_.from)};
      step.mode = own(joint_.modes[kind.machine], kind.to_mode);
    }
    step.role = own(joint_.roles, example_.role);
    for (std::size_t i = 0; i < example_.approvals.size(); ++i) step.approvals.push_back({fmt::format("approver{}", i + 1), own(joint_.roles, example_.approvals[i], v_.roles.size())});
    step.evidence = own(joint_.evidence, example_.evidence, v_.evidence.size());
    const Decision& decision = example_.decisions[kOlder];
    step.expect_allowed = decision.allowed();
    if (!decision.allowed()) step.expect_reason = reason_word(decision.reason);
  }

  Int128 counted_before() const {
    Int128 most = 0;
    for (const Reading& reading : example_.values)
      if (reading.slot.kind == SlotKind::Used) most = std::max(most, reading.number);
    return most;
  }
  void add_earlier(Scenario& scenario, Int128 amount) const {
    add_request(scenario);
    scenario.steps.back().transfer.amount = amount;
    scenario.steps.back().expect_allowed = true;
    scenario.steps.back().expect_reason.clear();
  }

  static ScenarioStep& add(Scenario& scenario, StepKind kind) {
    scenario.steps.emplace_back();
    scenario.steps.back().kind = kind;
    return scenario.steps.back();
  }
  static Index own(const Pairing& pairing, Index joint_index) { return pairing.own[kOlder][joint_index]; }
  static Mask own(const Pairing& pairing, Mask joint_mask, std::size_t count) {
    Mask mask = 0;
    for (Index i = 0; i < count; ++i)
      if ((joint_mask >> i & 1u) != 0) mask |= Mask{1} << own(pairing, i);
    return mask;
  }

  static constexpr const char* kOther = "other";
  const Joint& joint_;
  const Vocabulary& v_;
  const Example& example_;
  std::map<Place, Int128> balances_;
};

}  // namespace

Scenario scenario_of(const Joint& joint, const Example& example, unsigned earlier) { return ExampleWriter(joint, example).write(earlier); }

}  // namespace ringfence
