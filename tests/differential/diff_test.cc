// SPDX-License-Identifier: Apache-2.0
// The difference of two policies against their tables: random transfers, decided by both on the same state. Whatever
// they decide differently must be in a class that lists that move; nothing may be where the newer is said to permit no more.
#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"
#include "verify/diff.h"
#include "verify/diff_words.h"

namespace ringfence::differential {
namespace {

constexpr std::uint64_t kStates = 12, kTransfers = 60;

struct DiffTally { std::uint64_t pairs = 0, same = 0, no_more = 0, classes = 0, unknown = 0, transfers = 0, differing = 0, supplied = 0, flows = 0, flows_shown = 0; };

/// The same declarations with other rules; or with one number, word or line of it changed.
std::string changed(generate::Random& random, std::uint64_t seed, const std::string& text) {
  if (random.chance(25)) {
    generate::Knobs knobs;
    knobs.guard_percent = 90;
    knobs.calendars = false;
    return generate::random_policy(seed, knobs);
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) lines.push_back(text.substr(at, (end = text.find('\n', at)) - at));
  for (int i = 0; i < 40; ++i) {
    std::string& line = lines[random.below(lines.size())];
    const bool is_rule = line.rfind("allow ", 0) == 0 || line.rfind("deny ", 0) == 0 || line.rfind("floor ", 0) == 0 || line.rfind("limit ", 0) == 0;
    const std::vector<std::pair<std::string, std::string>> swaps{{" passing title", ""}, {"<= ", "< "}, {"> ", ">= "}, {" of 2 ", " of 1 "}, {"by ops", "by ops, boss"}, {" fresh within 10 s", " fresh within 500 ms"}, {" to 6", " to 5"}, {" from 0", " from 1"}, {"per day", "in any 24 h"}, {" and ", " or "}, {" may overdraw", ""}};
    const auto& [what, by] = swaps[random.below(swaps.size())];
    if (const std::size_t at = line.find(what); at != std::string::npos && random.chance(70)) {
      line.replace(at, what.size(), by);
      break;
    }
    if (is_rule && random.chance(20)) {
      line.clear();
      break;
    }
  }
  std::string result;
  for (const std::string& line : lines) result += line + "\n";
  return result;
}

/// Both sides' tables and the state in both gates' numbers. Only pairs with the same declarations are asked here, so that these agree.
class Pair {
 public:
  Pair(const LoadedPolicy& older, const LoadedPolicy& newer) : sides_{&older, &newer}, moves_{decode(older.table), decode(newer.table)}, difference_(diff(older.table, newer.table)) {}

  const Difference& difference() const { return difference_; }

  /// Empty, or the first difference that is not listed.
  std::string check(generate::Random& random, DiffTally& tally) {
    for (std::uint64_t s = 0; s < kStates; ++s) {
      const reference::State state = generate::random_state(random, sides_[kOlder]->policy);
      Gate older(sides_[kOlder]->table), newer(sides_[kNewer]->table);
      if (!fill(older, state) || !fill(newer, state)) continue;   // a balance below zero where only one may overdraw
      for (std::uint64_t t = 0; t < kTransfers; ++t) {
        const bool by_newer = random.chance(50) && !sides_[kNewer]->policy.rules.empty();   // some rule is what traffic is drawn from
        const generate::Request request = generate::random_transfer(random, sides_[by_newer ? kNewer : kOlder]->policy, generate::kStartMs + random.below(12'000));
        if (std::string what = compare(older, newer, request, tally); !what.empty()) return what + "\n" + generate::print(sides_[0]->policy.vocabulary, state);
      }
    }
    return "";
  }

 private:
  static bool fill(Gate& gate, const reference::State& state) {
    bool filled = true;
    for (const reference::Holding& holding : state.holdings) filled = gate.open_balance(holding.bucket, holding.asset, holding.balance) && filled;
    for (const reference::KnownMode& known : state.modes) filled = gate.open_mode(known.subject, known.mode, reference::kNoDeadlinePasses) && filled;
    for (const reference::KnownFact& fact : state.facts) filled = gate.set_fact(fact.subject, fact.number, fact.observed_ms) && filled;
    return filled;
  }

  struct Decided { Decision decision; bool keeps = false, passes = false; };
  Decided decide_by(unsigned policy, const Gate& gate, const Transfer& transfer) const {
    const RuleTable& table = sides_[policy]->table;
    const Needs needed = needs(table, transfer);
    Decided decided;
    decided.decision.reason = needed.reason;
    if (needed.reason == Reason::Allowed) decided.decision = decide(table, transfer, needed, gate.fetch(needed, transfer.from, transfer.to, transfer.authority.time_ms));
    if (!decided.decision.allowed()) return decided;
    for (const Guarded& allow : moves_[policy].moves[needed.row].allows)
      if (allow.statement == decided.decision.statement) (allow.passing_title ? decided.passes : decided.keeps) = true;
    return decided;
  }

  std::string compare(const Gate& older, const Gate& newer, const generate::Request& request, DiffTally& tally) {
    Transfer transfer = request.transfer;
    transfer.authority.approvals = request.approvals;
    const Decided before = decide_by(kOlder, older, transfer), after = decide_by(kNewer, newer, transfer);
    ++tally.transfers;
    if (before.decision.allowed() == after.decision.allowed()) return "";
    const Decision& denied = before.decision.allowed() ? after.decision : before.decision;
    if (denied.reason == Reason::ValueMissing) {   // only a value that the other does not read: listed as needed
      ++tally.supplied;
      return difference_.needs.empty() ? "a value is missing for one only, and nothing is listed as needed: " + generate::print(sides_[0]->policy.vocabulary, transfer) : "";
    }
    if ((denied.reason == Reason::ValueStale || denied.reason == Reason::ValueOutOfRange) && !difference_.needs.empty()) {
      ++tally.supplied;
      return "";
    }
    ++tally.differing;
    const Change change = after.decision.allowed() ? Change::Allowed : Change::Denied;
    if (change == Change::Allowed && difference_.permits_no_more) return "PROVED to permit no more, but allows " + generate::print(sides_[0]->policy.vocabulary, transfer);
    const bool listed = std::any_of(difference_.classes.begin(), difference_.classes.end(), [&](const ChangeClass& each) { return each.change == change && covers(each, transfer); });
    return listed ? "" : std::string("not listed, ") + change_word(change) + ": " + reason_word(denied.reason) + ": " + generate::print(sides_[0]->policy.vocabulary, transfer);
  }

  bool covers(const ChangeClass& each, const Transfer& transfer) const {
    const Joint& joint = difference_.joint;
    return std::any_of(each.covers.begin(), each.covers.end(), [&](const RequestKind& kind) {
      return kind.is_transfer && kind.purpose == joint.purposes.joint[0][transfer.purpose] && kind.asset == joint.assets.joint[0][transfer.asset] &&
             kind.from == joint.buckets.joint[0][transfer.from.target] && kind.to == joint.buckets.joint[0][transfer.to.target] &&
             (kind.roles >> joint.roles.joint[0][transfer.authority.role] & 1) && kind.relation == relation_of(transfer);
    });
  }

  Relation relation_of(const Transfer& transfer) const {
    const Vocabulary& vocabulary = moves_[0].vocabulary;
    const std::vector<Index>&from = vocabulary.buckets[transfer.from.target].keys, &to = vocabulary.buckets[transfer.to.target].keys;
    const auto shared = shared_keys(vocabulary.buckets[transfer.from.target], vocabulary.buckets[transfer.to.target]);
    Relation relation = 0;
    for (std::size_t i = 0; i < shared.size(); ++i)
      if (transfer.from.ids[key_position(from, shared[i])] != transfer.to.ids[key_position(to, shared[i])]) relation = static_cast<Relation>(relation | 1u << i);
    return relation;
  }

  std::array<const LoadedPolicy*, 2> sides_;
  std::array<Moves, 2> moves_;
  Difference difference_;
};

/// Names with the same numbers in both, so that one transfer can be put to both as it is.
bool same_names(const Vocabulary& a, const Vocabulary& b) {
  const auto names = [](const auto& list) {
    std::vector<std::string> all;
    for (const auto& each : list) all.push_back(each.name);
    return all;
  };
  return names(a.assets) == names(b.assets) && names(a.roles) == names(b.roles) && names(a.purposes) == names(b.purposes) && names(a.buckets) == names(b.buckets) &&
         names(a.facts) == names(b.facts) && a.machines == b.machines && a.evidence == b.evidence;
}

}  // namespace

TEST_CASE("what two tables decide differently is listed in their difference", "[diff]") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? 60 : 400);
  DiffTally tally;
  for (std::uint64_t seed = first_seed; tally.pairs < wanted && seed < first_seed + 20 * wanted; ++seed) {
    generate::Random random(seed ^ 0x5EED);
    generate::Knobs knobs;
    knobs.calendars = false;   // modes are opened so that no deadline passes, which no day of a calendar lets be
    const std::string text = generate::random_policy(seed, knobs), other = changed(random, seed, text);
    std::string why;
    const auto older = load_policy(text, why), newer = load_policy(other, why);
    if (!older || !newer || !same_names(older->policy.vocabulary, newer->policy.vocabulary)) continue;
    Pair pair(*older, *newer);
    ++tally.pairs;
    const Difference& difference = pair.difference();
    tally.same += difference.same();
    tally.no_more += difference.permits_no_more;
    for (const FlowChange& flow : difference.flows) tally.flows += flow.added, tally.flows_shown += flow.trace.has_value();
    for (const ChangeClass& each : difference.classes) {
      ++tally.classes;
      tally.unknown += !each.example;
      INFO("RINGFENCE_SEED=" << seed << "\n" << text << "\n---- and ----\n" << other << "\n" << each.unknown << "\n" << in_words(difference.joint, each.covers[0]));
      CHECK((each.example || each.unknown.find("in time") != std::string::npos));
    }
    const std::string what = pair.check(random, tally);
    INFO("RINGFENCE_SEED=" << seed << "\n" << text << "\n---- and ----\n" << other << what);
    REQUIRE(what.empty());
  }
  std::cout << "differences: " << tally.pairs << " pairs of policies, " << tally.same << " the same, " << tally.no_more << " permit no more; " << tally.classes
            << " classes, " << tally.unknown << " of them UNKNOWN; " << tally.transfers << " transfers, decided differently " << tally.differing
            << ", for want of a value that only one reads " << tally.supplied << "; " << tally.flows << " new flows, " << tally.flows_shown << " shown by a run" << std::endl;
  CHECK(tally.differing > tally.pairs);
  CHECK(tally.same > 0);
  CHECK(tally.unknown * 20 <= tally.classes);
}

}  // namespace ringfence::differential
