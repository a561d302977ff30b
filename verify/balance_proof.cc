// SPDX-License-Identifier: Apache-2.0
#include "verify/balance_proof.h"

#include <algorithm>

#include <fmt/format.h>

#include "verify/smt_fence.h"
#include "verify/smt_move.h"
#include "verify/smt_text.h"
#include "verify/smt_tracked.h"

namespace ringfence {
namespace {

using Terms = std::vector<std::string>;

void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

class System {
 public:
  System(const Arena& arena, const std::vector<Mask>& possible, unsigned coin_count)
      : arena_(arena), possible_(possible), coin_count_(coin_count), state_(arena, coin_count, false), slots_(arena, coin_count, false),
        parts_{{}, std::vector<Index>(arena.moves.vocabulary.buckets.size(), kNone)}, move_(arena, state_, slots_, parts_, coin_count),
        tracked_(arena, state_, slots_, possible, coin_count, kBalancesMax, kViewsMax) {}

  std::optional<BalanceSystem> write(const Fence& fence) {
    if (tracked_.empty()) return std::nullopt;
    declare();
    Terms start = start_terms(arena_, state_, coin_count_);
    for (const Terms& more : {tracked_.shape(), tracked_.start()}) append(start, more);
    step("start: every unit titled to the bucket that it is in, every mode the first, any balances", std::move(start), inv("", tracked_.before()));
    for (const Move& move : arena_.moves.moves) moves(move);
    for (const Transition& transition : arena_.moves.transitions) changes(transition);
    step("fence: what it forbids is outside the invariant", {inv("", tracked_.before()), smt::breaks(arena_, fence)}, "false");
    Obligations never = never_obligations(arena_, possible_);
    system_.obligations.insert(system_.obligations.begin(), never.begin(), never.end());
    return std::move(system_);
  }

 private:
  void declare() {
    system_.declarations = state_.declarations() + tracked_.declarations();
    system_.parameters = state_.parameters();
    append(system_.parameters, tracked_.parameters());
    system_.horn = fmt::format("(declare-fun inv ({}) Bool)\n", fmt::join(Terms(system_.parameters.size(), "Int"), " "));
  }

  /// `units`: "" before the step, "_" after it.
  std::string inv(const std::string& units, const Terms& values, const Transition* changed = nullptr) const {
    std::string applied = state_.invariant_holds("inv", 0, units, changed);
    applied.pop_back();
    return fmt::format("{} {})", applied, fmt::join(values, " "));
  }

  // ---- steps

  void moves(const Move& move) {
    const RuleText& rule = arena_.moves.statements[move.allows[0].statement].words;
    const std::string words = fmt::format("{} -> {}, line {}: {}", arena_.bucket(move.from).name, arena_.bucket(move.to).name, rule.line, rule.text);
    const auto body = [&](const Terms& step_terms, const Terms& values_after) {
      Terms terms{inv("", tracked_.before())};
      for (const Terms& more : {tracked_.shape(), step_terms, tracked_.reads(move.slots, arena_.bucket(move.from).keys, arena_.bucket(move.to).keys), values_after})
        append(terms, more);
      return terms;
    };
    Terms taking = body(move_.step(move, possible_), tracked_.after_taking(move));
    taking.push_back(smt::negation(move_.pair_ends(move)));
    step("move: " + words, std::move(taking), inv("_", tracked_.after()));
    if (tracked_.touched_by(move)) step("move of other money: " + words, body(move_.bystander_step(move, possible_), tracked_.after_other_money(move)), inv("", tracked_.after()));
  }

  void changes(const Transition& transition) {
    const auto& machines = state_.machines();
    const std::vector<Index>& keys = state_.subject_keys(transition.machine);
    const bool is_told = std::find(machines.begin(), machines.end(), transition.machine) != machines.end();
    Terms terms{inv("", tracked_.before())};
    append(terms, tracked_.shape());
    if (is_told) terms.push_back(smt::one_of(fmt::format("mode{}", transition.machine), transition.from_modes));
    else append(terms, tracked_.subject_in(transition.machine, transition.from_modes));
    append(terms, slots_.ranges(transition.slots, possible_));
    append(terms, slots_.known(transition.slots, keys, {}));
    append(terms, tracked_.reads(transition.slots, keys, {}));
    terms.push_back(smt::holds(transition.guard));
    append(terms, tracked_.after_change(transition));
    if (std::find(terms.begin(), terms.end(), "false") != terms.end()) return;   // no state tells this machine's modes
    const RuleText& rule = arena_.moves.statements[transition.guard.statement].words;
    step(fmt::format("change of mode: line {}: {}", rule.line, rule.text), std::move(terms), inv("", tracked_.after(), is_told ? &transition : nullptr));
  }

  /// One step, as a clause and as an obligation.
  void step(const std::string& meaning, Terms body, const std::string& head) {
    body.erase(std::remove(body.begin(), body.end(), "true"), body.end());
    system_.horn += horn_clause(system_.declarations, body, head);
    if (head != "false") body.push_back(smt::negation(head));
    system_.obligations.push_back(obligation(meaning, body));
  }

  const Arena& arena_;
  const std::vector<Mask>& possible_;
  const unsigned coin_count_;
  const smt::StateText state_;
  const smt::SlotText slots_;
  const smt::InvariantParts parts_;
  const smt::MoveText move_;
  const smt::TrackedText tracked_;
  BalanceSystem system_;
};

}  // namespace

std::optional<BalanceSystem> balance_system(const Arena& arena, const std::vector<Mask>& possible, const Fence& fence, unsigned coin_count) {
  return System(arena, possible, coin_count).write(fence);
}

std::string horn_clause(const std::string& declarations, const std::vector<std::string>& body, const std::string& head) {
  const std::string text = smt::all(body) + " " + head;
  const auto mentions = [&](const std::string& name) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const bool begins = at > 0 && (text[at - 1] == ' ' || text[at - 1] == '(');
      const std::size_t end = at + name.size();
      if (begins && (end == text.size() || text[end] == ' ' || text[end] == ')')) return true;
    }
    return false;
  };
  static constexpr std::string_view kDeclared = "(declare-fun ", kConstant = " () ";
  std::string variables;
  for (std::size_t at = declarations.find(kDeclared); at != std::string::npos; at = declarations.find(kDeclared, at + 1)) {
    const std::size_t begin = at + kDeclared.size(), end = declarations.find(' ', begin);
    const std::string name = declarations.substr(begin, end - begin);
    if (declarations.compare(end, kConstant.size(), kConstant) != 0 || !mentions(name)) continue;
    const std::size_t sort = end + kConstant.size();
    variables += fmt::format("({} {})", name, declarations.substr(sort, declarations.find(')', sort) - sort));
  }
  return fmt::format("(assert (forall ({}) (=> {})))\n", variables, text);
}

}  // namespace ringfence
