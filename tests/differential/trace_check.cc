// SPDX-License-Identifier: Apache-2.0
#include "tests/differential/trace_check.h"

#include <algorithm>
#include <map>
#include <vector>

#include "tests/reference/interpreter.h"
#include "tests/reference/title.h"

namespace ringfence::differential {
namespace {

struct Coin { Instance title, at; bool operator==(const Coin&) const = default; };

class Checker {
 public:
  Checker(const TypedPolicy& policy, const Fence& fence, const Trace& trace) : policy_(policy), vocabulary_(policy.vocabulary), fence_(fence), trace_(trace) {}

  std::string run() {
    if (trace_.coins.size() != (fence_.in_custody ? 2u : 1u)) return "it follows another number of units than the fence speaks of";
    for (const auto& coin : trace_.coins)
      if (coin.size() != trace_.steps.size() + 1) return "a unit is not followed all the way";
    std::string wrong = start();
    for (std::size_t i = 0; i < trace_.steps.size() && wrong.empty(); ++i) {
      wrong = step(i);
      if (!wrong.empty()) wrong = "step " + std::to_string(i + 1) + ": " + wrong;
    }
    if (!wrong.empty()) return wrong;
    return broken() ? "" : "the fence stands after the last step";
  }

 private:
  std::uint64_t number(const std::string& id) { return ids_.try_emplace(id, ids_.size() + 1).first->second; }

  Instance instance(const NamedInstance& named) {
    Instance made{named.target, static_cast<std::uint8_t>(named.ids.size()), {}};
    for (std::size_t i = 0; i < named.ids.size() && i < kKeysMax; ++i) made.ids[i] = number(named.ids[i]);
    return made;
  }
  Coin coin(std::size_t which, std::size_t when) {
    return {instance(trace_.coins[which][when].title), instance(trace_.coins[which][when].at)};
  }
  bool external(const Instance& place) const { return vocabulary_.buckets[place.target].external; }

  // A clean start: what is held is titled to where it is, and breaks no custody fence.
  std::string start() {
    for (const TraceHolding& opening : trace_.opening) {
      if (opening.balance < 1 || external(instance(opening.bucket))) return "an opening balance is not possible";
      state_.add(instance(opening.bucket), opening.asset, opening.balance);
    }
    for (const reference::Holding& a : state_.holdings)
      for (const reference::Holding& b : state_.holdings)
        for (const Fence& fence : vocabulary_.fences)
          if (reference::breaks_custody(vocabulary_, fence, a.bucket, a.bucket, b.bucket, b.bucket)) return "the start is not clean";
    for (std::size_t c = 0; c < trace_.coins.size(); ++c)
      if (!(coin(c, 0).title == coin(c, 0).at)) return "a followed unit starts with the title of another place";
    return enough(0);
  }

  /// There is a unit for each followed one, where it is said to be (a short account is only counted as a whole).
  std::string enough(std::size_t when) {
    for (std::size_t c = 0; c < trace_.coins.size(); ++c) {
      const Instance at = coin(c, when).at;
      if (external(at)) continue;
      Int128 followed = 0;
      for (std::size_t d = 0; d < trace_.coins.size(); ++d)
        if (coin(d, when).at == at && trace_.coin_asset[d] == trace_.coin_asset[c]) ++followed;
      if (!overdrawn(at) && state_.balance(at, trace_.coin_asset[c]) < followed) return "a followed unit is where there is no money";
    }
    return "";
  }

  bool overdrawn(const Instance& place) const {
    return std::any_of(vocabulary_.buckets.begin(), vocabulary_.buckets.end(), [&](const Bucket& bucket) {
      return bucket.may_overdraw && bucket.account == vocabulary_.buckets[place.target].account;
    });
  }

  std::string step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    for (const TraceFact& fact : step.facts) state_.set_fact(instance(fact.subject), fact.number, step.time_ms);
    std::vector<Approval> approvals;
    for (const NamedApproval& approval : step.approvals) approvals.push_back({number(approval.person), approval.roles});
    if (step.is_by_clock) {
      if (reference::at_time(policy_, state_, step.time_ms).mode(instance(step.subject)) != step.to_mode) return "the deadline has not passed";
      for (std::size_t c = 0; c < trace_.coins.size(); ++c)
        if (!(coin(c, index) == coin(c, index + 1))) return "money moves when a deadline passes";
      return "";
    }
    const Authority authority{number(step.person), step.role, approvals, step.evidence, step.time_ms};
    if (!step.is_transfer) {
      const ModeChange change{instance(step.subject), step.to_mode, authority};
      const reference::Answer answer = reference::judge(policy_, state_, change);
      if (!answer.allowed()) return std::string("the mode change is denied: ") + reason_word(answer.reason);
      reference::apply(state_, change);
      for (std::size_t c = 0; c < trace_.coins.size(); ++c)
        if (!(coin(c, index) == coin(c, index + 1))) return "money moves in a change of mode";
      return "";
    }
    const Transfer transfer{step.transfer.purpose, instance(step.transfer.from), instance(step.transfer.to), step.transfer.asset,
                            step.transfer.amount, authority};
    const reference::Answer answer = reference::judge(policy_, state_, transfer);
    if (!answer.allowed()) return std::string("the transfer is denied: ") + reason_word(answer.reason);
    const std::vector<Index> holding = reference::holding_allows(policy_, state_, transfer);
    if (std::find(holding.begin(), holding.end(), step.statement) == holding.end()) return "the rule relied on does not hold";
    const std::string wrong = units(index, transfer, policy_.rules[step.statement].passing_title);
    reference::apply(policy_, state_, transfer);
    return wrong.empty() ? enough(index + 1) : wrong;
  }

  std::string units(std::size_t index, const Transfer& transfer, bool passing) {
    Int128 moved = 0, stayed = 0;
    for (std::size_t c = 0; c < trace_.coins.size(); ++c) {
      const Coin before = coin(c, index), after = coin(c, index + 1);
      const bool at_source = before.at == transfer.from && trace_.coin_asset[c] == transfer.asset;
      if (before == after) {
        stayed += at_source ? 1 : 0;
        continue;
      }
      const bool borrowed = overdrawn(transfer.from) && reference::same_account(vocabulary_, before.at, transfer.from);
      if ((!at_source && !borrowed) || trace_.coin_asset[c] != transfer.asset) return "a followed unit moves that the transfer can't take";
      if (external(before.at) && !(before.title == before.at)) return "money that was gone comes back";
      if (!(after.at == transfer.to)) return "a followed unit arrives elsewhere";
      const bool passes = passing && reference::may_pass(vocabulary_, before.title, transfer.from);
      if (!(after.title == (passes ? transfer.to : before.title))) return "a title is not what the rule makes it";
      ++moved;
    }
    if (moved > transfer.amount) return "more units move than the amount";
    const bool counted = !external(transfer.from) && !overdrawn(transfer.from);
    if (counted && state_.balance(transfer.from, transfer.asset) - transfer.amount < stayed) return "more units stay than are left";
    return "";
  }

  bool broken() {
    const std::size_t last = trace_.steps.size();
    const Coin one = coin(0, last);
    if (!fence_.in_custody) return reference::breaks_attribution(vocabulary_, fence_, one.title, one.at);
    const Coin two = coin(1, last);
    return reference::breaks_custody(vocabulary_, fence_, one.title, one.at, two.title, two.at);
  }

  const TypedPolicy& policy_;
  const Vocabulary& vocabulary_;
  const Fence& fence_;
  const Trace& trace_;
  std::map<std::string, std::uint64_t> ids_;
  reference::State state_;
};

}  // namespace

std::string wrong_with(const TypedPolicy& policy, const Fence& fence, const Trace& trace) { return Checker(policy, fence, trace).run(); }

}  // namespace ringfence::differential
