// SPDX-License-Identifier: Apache-2.0
// See make_status.h.
#include "command/make_status.h"

#include <map>
#include <tuple>

#include <fmt/format.h>

#include "command/values.h"
#include "compiler/print_value.h"

namespace ringfence {
namespace {

class StatusMaker {
 public:
  StatusMaker(const LoadedPolicy& policy, const Books& books, std::int64_t at_ms)
      : v_(policy.moves.vocabulary), policy_(policy), books_(books), requirements_(policy, books, at_ms), words_(policy, books.names()) {
    status_.at_ms = at_ms;
  }

  Status make() {
    for (const auto& [place, row] : rows()) add(std::get<1>(place), std::get<2>(place), std::get<0>(place), row);
    for (AccountStatus& account : status_.accounts)
      for (const Group& owner : account.owners) account.all.rows.insert(account.all.rows.end(), owner.rows.begin(), owner.rows.end());
    status_.invariants = requirements_.invariants();
    add_modes();
    add_unasked();
    return std::move(status_);
  }

 private:
  /// Every bucket instance that holds something or is asked to, by asset, account and owner.
  using Sorted = std::map<std::tuple<Index, std::string, std::string, Index, Ids>, BucketRow>;
  Sorted rows() const {
    Sorted all;
    for (const Books::Known& known : books_.known()) {
      const Index bucket = bucket_of(known);
      if (bucket == kNone || v_.buckets[bucket].external) continue;
      const Instance instance{bucket, static_cast<std::uint8_t>(v_.buckets[bucket].keys.size()), known.ids};
      for (Index asset = 0; asset < v_.assets.size(); ++asset) {
        BucketRow row{instance, books_.gate().balance(instance, asset), requirements_.floors(instance, asset), mode_of(instance)};
        const auto asks = [](const Requirement& floor) { return !floor.unknown.empty() || (floor.measure && floor.measure->required > 0); };
        const bool is_asked = std::any_of(row.floors.begin(), row.floors.end(), asks);
        if (row.held != 0 || is_asked) all.try_emplace({asset, account_of(instance), owner_of(instance), bucket, known.ids}, std::move(row));
      }
    }
    return all;
  }

  /// The bucket that is known of: itself, or the subject of a fact or mode.
  Index bucket_of(const Books::Known& known) const {
    const auto of = [](const Subject& subject) { return subject.kind == SubjectKind::Bucket ? subject.index : kNone; };
    switch (known.kind) {
      case Books::Kind::Bucket: return known.target;
      case Books::Kind::Fact: return of(v_.facts[known.target].subject);
      case Books::Kind::Machine: break;
    }
    return of(v_.machines[known.target].subject);
  }

  std::string mode_of(const Instance& bucket) const {
    for (Index machine = 0; machine < v_.machines.size(); ++machine) {
      const Subject& subject = v_.machines[machine].subject;
      if (subject.kind != SubjectKind::Bucket || subject.index != bucket.target) continue;
      const Index mode = books_.gate().mode({machine, bucket.id_count, bucket.ids}, status_.at_ms);
      if (mode != 0) return mode_name(machine, mode);
    }
    return "";
  }

  std::string mode_name(Index machine, Index mode) const { return mode == kNone ? "mode NOT KNOWN" : v_.machines[machine].modes[mode]; }

  std::string account_of(const Instance& bucket) const {
    const Bucket& declared = v_.buckets[bucket.target];
    if (declared.account == kNone) return words_.bucket(bucket);   // it is its own
    std::vector<std::string> ids;
    for (const Index key : v_.accounts[declared.account].keys) ids.push_back(books_.names().id_of(bucket.ids[key_position(declared.keys, key)]));
    return print_instance(v_.accounts[declared.account].name, ids);
  }

  std::string owner_of(const Instance& bucket) const {
    const Bucket& declared = v_.buckets[bucket.target];
    const Index position = key_position(declared.keys, declared.owner);
    const std::string& name = v_.entities[declared.owner].name;
    return position == kNone ? name : fmt::format("{} {}", name, books_.names().id_of(bucket.ids[position]));
  }

  void add(const std::string& account, const std::string& owner, Index asset, const BucketRow& row) {
    auto& accounts = status_.accounts;
    if (accounts.empty() || accounts.back().name != account || accounts.back().asset != asset) accounts.push_back({account, asset, {}, {account, {}}});
    auto& owners = accounts.back().owners;
    if (owners.empty() || owners.back().name != owner) owners.push_back({owner, {}});
    owners.back().rows.push_back(row);
  }

  void add_modes() {
    for (const Books::Known& known : books_.known()) {
      if (known.kind != Books::Kind::Machine) continue;
      const Instance subject{known.target, static_cast<std::uint8_t>(v_.machines[known.target].subject.keys.size()), known.ids};
      const Index mode = books_.gate().mode(subject, status_.at_ms);
      const KeptMode last = add_obligations(subject);
      if (mode != 0) status_.modes.push_back({words_.machine(subject), mode_name(known.target, mode), mode == kNone ? why_unknown(known.target, last) : ""});
    }
    std::stable_sort(status_.obligations.begin(), status_.obligations.end(), [](const auto& one, const auto& other) { return one.due_ms < other.due_ms; });
  }

  std::string why_unknown(Index machine, const KeptMode& kept) const {
    const std::string& mode = v_.machines[machine].modes[kept.mode];
    if (!kept.entered_ms) return fmt::format("since when it is `{}` is not known", mode);
    return fmt::format("`{}` since {}; this or its deadline is in no year of the calendar", mode, print_instant(*kept.entered_ms));
  }

  /// From the mode as kept, along the deadlines that have passed, to the one that has not; to a mode without one, or whose deadline can't be told, which is the result.
  KeptMode add_obligations(const Instance& subject) {
    KeptMode kept = books_.gate().kept_mode(subject);
    while (const auto deadline = deadline_of(policy_.table, subject.target, kept)) {
      const bool has_passed = status_.at_ms > deadline->due_ms;
      status_.obligations.push_back({words_.machine(subject), mode_name(subject.target, kept.mode), mode_name(subject.target, deadline->to_mode), *kept.entered_ms,
                                     deadline->due_ms, deadline->statement, has_passed});
      if (!has_passed) break;
      kept = {deadline->to_mode, deadline->due_ms};
    }
    return kept;
  }

  void add_unasked() {
    for (Index bucket = 0; bucket < v_.buckets.size(); ++bucket) {
      const auto speaks = [&](const TypedFloor& floor) { return floor.bucket == bucket; };
      const auto& floors = policy_.typed->floors;
      if (!v_.buckets[bucket].external && std::none_of(floors.begin(), floors.end(), speaks)) status_.unasked.push_back(v_.buckets[bucket].name);
    }
  }

  const Vocabulary& v_;
  const LoadedPolicy& policy_;
  const Books& books_;
  Requirements requirements_;
  ValueWords words_;
  Status status_;
};

}  // namespace

Status make_status(const LoadedPolicy& policy, const Books& books, std::int64_t at_ms) { return StatusMaker(policy, books, at_ms).make(); }

}  // namespace ringfence
