// SPDX-License-Identifier: Apache-2.0
#include "verify/diff_state.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "compiler/print_value.h"
#include "verify/diff_flows.h"
#include "verify/diff_words.h"
#include "verify/row_values.h"

namespace ringfence {
namespace {

bool contains(const std::vector<Index>& sorted, Index value) { return std::binary_search(sorted.begin(), sorted.end(), value); }

/// A balance that the new policy has a place for, in joint numbers.
struct Placed { const LiveBalance* live = nullptr; Index bucket = kNone, asset = kNone; };

class StateJudge {
 public:
  StateJudge(const RuleTable& older, const RuleTable& newer, const LiveState& state, const DiffOptions& options)
      : own_{decode(older), decode(newer)}, tables_{{&older, &newer}, {&own_[kOlder], &own_[kNewer]}}, joint_(join(own_[kOlder], own_[kNewer])),
        state_(state), options_(options) {}

  std::vector<StateFinding> run(std::string& unknown) {
    if (!joint_.incomparable.empty()) {
      unknown = joint_.incomparable;
      return {};
    }
    place();
    custody();
    attribution(unknown);
    floors();
    below_zero();
    return std::move(findings_);
  }

 private:
  const Vocabulary& newer() const { return joint_.vocabulary(kNewer); }
  std::string words(const Placed& placed) const {
    return fmt::format("{} holds {}", print_instance(newer().buckets[placed.bucket].name, placed.live->ids), print_money(newer(), placed.live->balance, placed.asset));
  }
  void find(const char* kind, std::string text) { findings_.push_back({kind, std::move(text)}); }

  // ---- what has no place

  template <class Declared>
  static Index named(const std::vector<Declared>& all, const std::string& name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Declared& each) { return each.name == name; });
    return found == all.end() ? kNone : static_cast<Index>(found - all.begin());
  }

  void place() {
    for (const LiveBalance& live : state_.balances) {
      const Index bucket = named(own_[kNewer].vocabulary.buckets, live.bucket), asset = named(own_[kNewer].vocabulary.assets, live.asset);
      const Index before = named(own_[kOlder].vocabulary.buckets, live.bucket);
      const std::string what = print_instance(live.bucket, live.ids);
      const bool same_keys = bucket != kNone && (before == kNone || joint_.buckets.joint[kOlder][before] == joint_.buckets.joint[kNewer][bucket]) &&
                             own_[kNewer].vocabulary.buckets[bucket].keys.size() == live.ids.size() && !own_[kNewer].vocabulary.buckets[bucket].external;
      if (bucket == kNone) find("gone", fmt::format("{} has a balance of {}, and the new policy has no such bucket", what, live.asset));
      else if (!same_keys) find("gone", fmt::format("{} has a balance of {}, and the new policy keys that bucket otherwise", what, live.asset));
      else if (asset == kNone) find("gone", fmt::format("{} has a balance of {}, which is no asset of the new policy", what, live.asset));
      else placed_.push_back({&live, joint_.buckets.joint[kNewer][bucket], joint_.assets.joint[kNewer][asset]});
    }
  }

  // ---- together in one account

  using AccountKey = std::tuple<bool, Index, std::vector<std::string>>;   // own bucket or account, which, ids
  AccountKey account_of(unsigned policy, const Placed& placed) const {
    const Vocabulary& vocabulary = joint_.vocabulary(policy);
    const Bucket& bucket = vocabulary.buckets[placed.bucket];
    if (bucket.account == kNone) return {true, placed.bucket, placed.live->ids};
    std::vector<std::string> ids;
    for (const Index key : vocabulary.accounts[bucket.account].keys) ids.push_back(placed.live->ids[key_position(bucket.keys, key)]);
    return {false, bucket.account, std::move(ids)};
  }

  std::map<AccountKey, std::vector<const Placed*>> by_account(unsigned policy) const {
    std::map<AccountKey, std::vector<const Placed*>> accounts;
    for (const Placed& placed : placed_) accounts[account_of(policy, placed)].push_back(&placed);
    return accounts;
  }

  const std::string* member(const Placed& placed, Index entity) const {
    const Index position = key_position(newer().buckets[placed.bucket].keys, entity);
    return position == kNone ? nullptr : &placed.live->ids[position];
  }

  /// Two balances in it that the fence keeps apart: the first such.
  std::optional<std::pair<const Placed*, const Placed*>> apart(const Fence& fence, const std::vector<const Placed*>& inside) const {
    const Placed *one = nullptr, *two = nullptr;
    for (const Placed* placed : inside) {
      if (placed->live->balance <= 0) continue;
      if (fence.kind == FenceKind::Between) {
        if (!one && contains(fence.left, placed->bucket)) one = placed;
        if (!two && contains(fence.right, placed->bucket)) two = placed;
      } else if (contains(fence.within, placed->bucket) && member(*placed, fence.entity)) {
        if (!one) one = placed;
        else if (*member(*one, fence.entity) != *member(*placed, fence.entity)) two = placed;
      }
      if (one && two) return std::pair(one, two);
    }
    return std::nullopt;
  }

  void custody() {
    for (const auto& [key, inside] : by_account(kNewer))
      for (const Fence& fence : newer().fences) {
        const auto pair = fence.in_custody ? apart(fence, inside) : std::nullopt;
        if (!pair) continue;
        const bool before = account_of(kOlder, *pair->first) == account_of(kOlder, *pair->second);
        find("mixed_in_custody", fmt::format("{}, and {}, in one account{}, which line {} keeps apart: {}", words(*pair->first), words(*pair->second),
                                             before ? " (as under the old policy)" : "", fence.line, fence.text));
      }
  }

  // ---- what may be in a bucket

  bool kept_out(const Fence& fence, const Flow& flow) const {
    if (fence.in_custody) return false;
    if (fence.kind == FenceKind::Between)
      return (contains(fence.left, flow.title) && contains(fence.right, flow.at)) || (contains(fence.right, flow.title) && contains(fence.left, flow.at));
    if (!contains(fence.within, flow.at)) return false;
    const auto shared = shared_keys(newer().buckets[flow.title], newer().buckets[flow.at]);
    const auto position = std::find(shared.begin(), shared.end(), fence.entity);
    return position != shared.end() && (flow.relation >> (position - shared.begin()) & 1);
  }

  void attribution(std::string& unknown) {
    const std::vector<Flow> flows = flows_of(joint_, tables_, kOlder, options_, unknown);
    if (!unknown.empty()) return;
    for (const Placed& placed : placed_)
      for (const Fence& fence : newer().fences) {
        std::vector<std::string> titles;
        for (const Flow& flow : flows)
          if (placed.live->balance > 0 && flow.at == placed.bucket && flow.asset == placed.asset && kept_out(fence, flow)) titles.push_back(newer().buckets[flow.title].name);
        titles.erase(std::unique(titles.begin(), titles.end()), titles.end());
        if (!titles.empty())
          find("may_be_mixed", fmt::format("{}: under the old policy money held for {} can be in it, which line {} keeps out: {}", words(placed), fmt::join(titles, ", "), fence.line, fence.text));
      }
  }

  // ---- floors

  static std::optional<Int128> known(const std::vector<LiveValue>& values, Index target, const std::vector<std::string>& ids) {
    for (auto value = values.rbegin(); value != values.rend(); ++value)
      if (value->target == target && value->ids == ids) return value->number;
    return std::nullopt;
  }

  /// In the new policy's own numbers: its floors are read on its own rows.
  void floors() {
    std::map<std::pair<Index, Index>, const Move*> rows;   // any row out of the bucket in the asset has all of its floors
    for (const Move& move : own_[kNewer].moves)
      if (!move.floors.empty()) rows.try_emplace({move.from, move.asset}, &move);
    for (const Placed& placed : placed_) {
      const auto row = rows.find({joint_.buckets.own[kNewer][placed.bucket], joint_.assets.own[kNewer][placed.asset]});
      if (row == rows.end()) continue;
      for (const Guarded& floor : row->second->floors) judge_floor(placed, *row->second, floor);
    }
  }

  void judge_floor(const Placed& placed, const Move& move, const Guarded& floor) {
    std::vector<Int128> values(move.slots.size(), 0);
    std::string missing;
    for (const Clause& clause : floor.clauses)
      for (const Node& node : clause.nodes)
        for (const Term& term : node.test.terms) {
          const auto value = value_of(placed, move, term.slot);
          if (value) values[term.slot] = *value;
          else missing = in_words(joint_, renamed(joint_, kNewer, move.slots[term.slot]));
        }
    const RuleText& text = own_[kNewer].statements[floor.statement].words;
    const std::string rule = fmt::format("line {}: {}", text.line, text.text);
    if (!missing.empty()) find("floor_unknown", fmt::format("{}; whether it keeps {} depends on {}, which the state does not say", words(placed), rule, missing));
    else if (holds(floor, values) != true) find("below_floor", fmt::format("{}, below the floor of {}", words(placed), rule));
  }

  std::optional<Int128> value_of(const Placed& placed, const Move& move, Index index) const {
    const Slot& slot = move.slots[index];
    if (index == move.from_slot) return placed.live->balance;
    if (slot.kind != SlotKind::Fact && slot.kind != SlotKind::Mode) return std::nullopt;
    std::vector<std::string> ids;
    for (const KeySource& key : slot.keys) {
      if (key.from != KeySource::From::Source) return std::nullopt;
      ids.push_back(placed.live->ids[key.position]);
    }
    if (slot.kind == SlotKind::Fact) return known(state_.facts, slot.target, ids);
    return known(state_.modes, slot.target, ids).value_or(0);   // a subject starts in its first mode
  }

  // ---- below zero

  void below_zero() {
    for (const Placed& placed : placed_)
      if (placed.live->balance < 0 && !newer().buckets[placed.bucket].may_overdraw) find("below_zero", words(placed) + ", and may not overdraw");
    for (const auto& [key, inside] : by_account(kNewer)) {
      std::map<Index, Int128> totals;
      for (const Placed* placed : inside) totals[placed->asset] += placed->live->balance;
      for (const auto& [asset, total] : totals)
        if (total < 0 && !std::get<bool>(key))
          find("below_zero", fmt::format("account {} holds {} in all", print_instance(newer().accounts[std::get<Index>(key)].name, std::get<2>(key)), print_money(newer(), total, asset)));
    }
  }

  const std::array<Moves, 2> own_;
  const Tables tables_;
  const Joint joint_;
  const LiveState& state_;
  const DiffOptions& options_;
  std::vector<Placed> placed_;
  std::vector<StateFinding> findings_;
};

}  // namespace

std::vector<StateFinding> judge_state(const RuleTable& older, const RuleTable& newer, const LiveState& state, const DiffOptions& options, std::string& unknown) {
  return StateJudge(older, newer, state, options).run(unknown);
}

}  // namespace ringfence
