// SPDX-License-Identifier: Apache-2.0
// Two members of each entity, every bucket and mode that the invariant depends on, and for each step a choice among all transfers and
// changes of mode between them: one question for each number of steps; then runs that end in a batch, whose floors wait for its end. What comes
// out is a proposal; replay_invariant makes it evidence.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "verify/claim.h"
#include "verify/explore.h"
#include "verify/invariant_run.h"
#include "verify/persons.h"
#include "verify/solve_encode.h"
#include "verify/solve_within.h"

namespace ringfence {
namespace {

using z3_encoding::holds;
using z3_encoding::number;

using SmallIds = std::array<std::uint8_t, kKeysMax>;
using Holding = std::tuple<Index, SmallIds, Index>;      // bucket, ids, asset
using Subjects = std::pair<Index, SmallIds>;             // machine or fact, ids

constexpr std::uint8_t kMembers = 2;
constexpr std::size_t kStepsMax = 6;
constexpr std::size_t kBeforeBatchMax = 2, kLegsMax = 3; // of a run that ends in a batch: steps before it, and its transfers
constexpr std::size_t kChoicesMax = 1'500;               // of one step; beyond, the search would take too long
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kFirstDayMs = 1'767'225'600'000;  // 2026-01-01T00:00:00Z

/// One transfer or change of mode between members.
struct Choice { Index move = kNone, transition = kNone; SmallIds from{}, to{}; };

/// All ways to give members to `count` keys.
std::vector<SmallIds> all_ids(std::size_t count) {
  std::vector<SmallIds> all;
  for (unsigned bits = 0; bits < 1u << count; ++bits) {
    SmallIds ids{};
    for (std::size_t i = 0; i < count; ++i) ids[i] = static_cast<std::uint8_t>(bits >> i & 1);
    all.push_back(ids);
  }
  return all;
}
static_assert(kMembers == 2);

class RunFinder {
 public:
  RunFinder(const Arena& arena, Index invariant, const Budget& budget)
      : arena_(arena), moves_(arena.moves), v_(moves_.vocabulary), invariant_(moves_.invariants[invariant]), solver_(context_),
        within_(solver_, {budget.query_ms, std::min(budget.end, std::chrono::steady_clock::now() + std::chrono::milliseconds(budget.query_ms))}) {
    for (const Invariant& one : moves_.invariants) depends_.add(moves_, one.slots);
    depends_.grow(moves_);
  }

  RunSearch find() {
    list_choices();
    if (choices_.size() > kChoicesMax) return {std::nullopt, fmt::format("it was not found to be kept, and {} different steps are too many to look for a run that breaks it", choices_.size())};
    open();
    for (std::size_t steps = 1; steps <= kStepsMax; ++steps) {
      add_step();
      solver_.push();
      solver_.add(claim_holds(invariant_, SmallIds{}, steps - 1, steps - 1) && !claim_holds(invariant_, SmallIds{}, steps, steps - 1));
      const z3::check_result answer = within_.check();
      if (answer == z3::sat && tighten()) return {trace(), {}};
      solver_.pop();
      if (answer != z3::unsat) return {std::nullopt, not_found(steps - 1)};
    }
    return {std::nullopt, not_found(kStepsMax)};
  }

  /// Steps, then one batch of some legs that breaks the invariant, by the facts that stand when the batch begins.
  RunSearch find_batch(std::size_t steps_before, std::size_t legs) {
    list_choices();
    if (choices_.size() > kChoicesMax) return {};
    open();
    for (std::size_t i = 0; i < steps_before; ++i) add_step();
    batch_from_ = steps_before;
    for (std::size_t i = 0; i < legs; ++i) add_step();
    for (std::size_t leg = batch_from_; leg < steps_; ++leg)
      for (std::size_t i = 0; i < choices_.size(); ++i) solver_.add(z3::implies(choice_at(leg) == static_cast<int>(i), floors_at_end(choices_[i], leg)));
    solver_.add(claim_holds(invariant_, SmallIds{}, batch_from_, batch_from_) && !claim_holds(invariant_, SmallIds{}, steps_, batch_from_));
    for (const z3::expr& range : ranges_) solver_.add(range);
    ranges_.clear();
    if (within_.check() == z3::sat && tighten()) return {trace(), {}};
    return {};
  }

  bool has_start() {
    open();
    for (const z3::expr& range : ranges_) solver_.add(range);
    return within_.check() == z3::sat;
  }

  std::vector<std::string> members() const {
    std::vector<std::string> names;
    for (const Index key : invariant_.keys) names.push_back(member(key, 0));
    return names;
  }

 private:
  static std::string not_found(std::size_t steps) {
    return fmt::format("it was not found to be kept by every step, and no run of at most {} steps between two members of each entity was found to break it", steps);
  }

  // ---- the steps that there are

  void list_choices() {
    for (Index i = 0; i < moves_.moves.size(); ++i) {
      const Move& move = moves_.moves[i];
      if (!depends_.buckets.contains(move.from) && !depends_.buckets.contains(move.to)) continue;
      for (const SmallIds& from : all_ids(arena_.bucket(move.from).keys.size()))
        for (const SmallIds& to : all_ids(arena_.bucket(move.to).keys.size()))
          if (fits(move, from, to)) choices_.push_back({i, kNone, from, to});
    }
    for (Index i = 0; i < moves_.transitions.size(); ++i) {
      const Index machine = moves_.transitions[i].machine;
      if (!depends_.machines.contains(machine)) continue;
      for (const SmallIds& ids : all_ids(v_.machines[machine].subject.keys.size())) choices_.push_back({kNone, i, ids, {}});
    }
  }

  bool fits(const Move& move, const SmallIds& from, const SmallIds& to) const {
    const std::vector<Index> shared = shared_keys(arena_.bucket(move.from), arena_.bucket(move.to));
    for (std::size_t i = 0; i < shared.size(); ++i) {
      const bool differs = from[key_position(arena_.bucket(move.from).keys, shared[i])] != to[key_position(arena_.bucket(move.to).keys, shared[i])];
      if (differs != ((move.relation >> i & 1) != 0)) return false;
    }
    return true;
  }

  const std::vector<Slot>& slots_of(const Choice& choice) const { return choice.move != kNone ? moves_.moves[choice.move].slots : moves_.transitions[choice.transition].slots; }

  // ---- the start

  void open() {
    std::map<Holding, z3::expr> balances;
    for (Index bucket = 0; bucket < v_.buckets.size(); ++bucket) {
      if (v_.buckets[bucket].external) continue;
      for (Index asset = 0; asset < v_.assets.size(); ++asset) {
        if (!depends_.buckets.contains(bucket) && floored_rows(moves_, bucket, asset).empty()) continue;
        for (const SmallIds& ids : all_ids(v_.buckets[bucket].keys.size())) {
          const z3::expr opening = context_.int_const(fmt::format("open{}", balances.size()).c_str());
          solver_.add(opening >= 0 && opening <= number(context_, kAmountMax));
          balances.emplace(Holding{bucket, ids, asset}, opening);
        }
      }
    }
    balances_.push_back(std::move(balances));
    std::map<Subjects, z3::expr> modes;
    for (const Index machine : depends_.machines)
      for (const SmallIds& ids : all_ids(v_.machines[machine].subject.keys.size())) modes.emplace(Subjects{machine, ids}, context_.int_val(0));
    modes_.push_back(std::move(modes));
    clean_start();
  }

  /// Floors, invariants and custody fences hold, under the facts of the first step.
  void clean_start() {
    for (const Invariant& one : moves_.invariants)
      for (const SmallIds& ids : all_ids(one.keys.size())) solver_.add(claim_holds(one, ids, 0, 0));
    for (const auto& [one, opening] : balances_[0]) {
      for (const auto& [two, other] : balances_[0])
        if (one < two && !clean(arena_, {titled_to_itself(one), titled_to_itself(two)})) solver_.add(opening == 0 || other == 0);
      const auto& [bucket, ids, asset] = one;
      for (const Index row : floored_rows(moves_, bucket, asset)) {
        const Move& move = moves_.moves[row];
        auto values = values_of(move.slots, ids, {}, 0, 0);
        for (const Guarded& floor : move.floors) solver_.add(holds(context_, floor, values));
        break;
      }
    }
  }

  static Coin titled_to_itself(const Holding& holding) {
    const auto& [bucket, ids, asset] = holding;
    return {asset, {bucket, ids}, {bucket, ids}};
  }

  // ---- values in one state, under the facts of one step

  std::vector<z3::expr> values_of(const std::vector<Slot>& slots, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step) {
    std::vector<z3::expr> values;
    for (const Slot& slot : slots) values.push_back(value(slot, from, to, state, step));
    return values;
  }

  /// The legs of a batch are at one time, under the same facts.
  std::size_t moment(std::size_t step) const { return std::min(step, batch_from_); }

  z3::expr value(const Slot& slot, const SmallIds& from, const SmallIds& to, std::size_t state, std::size_t step) {
    SmallIds ids{};
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      const KeySource& key = slot.keys[i];
      if (key.from != KeySource::From::Summed) ids[i] = key.from == KeySource::From::Source ? from[key.position] : to[key.position];
    }
    switch (slot.kind) {
      case SlotKind::Amount: return named("amount", step, 1, kAmountMax);
      case SlotKind::TimeOfDay: return named("time", moment(step), 0, 86'399);
      case SlotKind::Evidence: return named(fmt::format("evidence{}_", slot.target), step, 0, 1);
      case SlotKind::Approvals: return approvals(slot, step);
      case SlotKind::Fact: {
        const Fact& fact = v_.facts[slot.target];
        std::string name = fmt::format("fact{}_", slot.target);
        for (std::size_t i = 0; i < slot.keys.size(); ++i) name += fmt::format("{}_", ids[i]);
        return named(name, moment(step), fact.min, fact.max);
      }
      case SlotKind::Mode: {
        const auto known = modes_[state].find({slot.target, ids});
        return known == modes_[state].end() ? context_.int_val(0) : known->second;   // only a floor of the start asks for another
      }
      case SlotKind::Used: return context_.int_val(0);   // steps are further apart than any window is long
      case SlotKind::Balance: case SlotKind::BucketTotal: case SlotKind::AccountTotal: break;
    }
    return total(slot, ids, state);
  }

  z3::expr named(const std::string& name, std::size_t step, Int128 low, Int128 high) {
    const std::string full = fmt::format("{}at{}", name, step);
    const z3::expr term = context_.int_const(full.c_str());
    if (bounded_.insert(full).second) ranges_.push_back(term >= number(context_, low) && term <= number(context_, high));
    return term;
  }

  z3::expr total(const Slot& slot, const SmallIds& ids, std::size_t state) {
    z3::expr sum = context_.int_val(0);
    const bool account = slot.kind == SlotKind::AccountTotal;
    const std::vector<Index>& keys = account ? v_.accounts[slot.target].keys : v_.buckets[slot.target].keys;
    for (const auto& [holding, balance] : balances_[state]) {
      const auto& [bucket, place, asset] = holding;
      if (asset != slot.asset || (account ? v_.buckets[bucket].account : bucket) != slot.target) continue;
      bool counted = true;
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (slot.keys[i].from != KeySource::From::Summed && place[key_position(v_.buckets[bucket].keys, keys[i])] != ids[i]) counted = false;
      if (counted) sum = sum + balance;
    }
    return sum;
  }

  /// Approvals of one step are by the same persons, whichever rule counts them.
  z3::expr approvals(const Slot& slot, std::size_t step) {
    if (approval_slots_.empty()) {
      for (const Choice& choice : choices_)
        for (const Slot& one : slots_of(choice))
          if (one.kind == SlotKind::Approvals && std::find(approval_slots_.begin(), approval_slots_.end(), one) == approval_slots_.end()) approval_slots_.push_back(one);
    }
    const auto found = std::find(approval_slots_.begin(), approval_slots_.end(), slot);
    if (found == approval_slots_.end() || person_kinds(approval_slots_).empty()) return context_.int_val(0);   // fewer approvals only make fewer runs
    const auto [known, is_new] = approval_values_.try_emplace(step);
    if (is_new) {
      const std::string prefix = approval_prefix(step);
      known->second = z3_encoding::fresh_values(context_, approval_slots_, prefix);
      z3_encoding::constrain_ranges(solver_, arena_, approval_slots_, {}, known->second, prefix);
    }
    return known->second[static_cast<std::size_t>(found - approval_slots_.begin())];
  }
  static std::string approval_prefix(std::size_t step) { return fmt::format("p{}_", step); }

  z3::expr claim_holds(const Invariant& invariant, const SmallIds& ids, std::size_t state, std::size_t step) {
    return holds(context_, invariant.claim, values_of(invariant.slots, ids, {}, state, step));
  }

  // ---- one step

  void add_step() {
    const std::size_t step = steps_++;
    const z3::expr chosen = choice_at(step);
    solver_.add(chosen >= 0 && chosen < static_cast<int>(choices_.size()));
    auto balances = balances_[step];
    auto modes = modes_[step];
    const z3::expr amount = named("amount", step, 1, kAmountMax);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      const z3::expr is_this = chosen == static_cast<int>(i);
      solver_.add(z3::implies(is_this, possible(choices_[i], step)));
      effect(choices_[i], is_this, amount, balances, modes);
    }
    balances_.push_back(balances);
    modes_.push_back(modes);
    for (const z3::expr& range : ranges_) solver_.add(range);
    ranges_.clear();
  }

  z3::expr choice_at(std::size_t step) { return context_.int_const(fmt::format("choice{}", step).c_str()); }

  z3::expr possible(const Choice& choice, std::size_t step) {
    const auto values = values_of(slots_of(choice), choice.from, choice.to, step, step);
    const bool in_batch = step >= batch_from_;
    if (in_batch && (choice.move == kNone || !moves_.moves[choice.move].limits.empty())) return context_.bool_val(false);   // a batch has transfers only; a window would see the leg before
    if (choice.move == kNone) {
      const Transition& transition = moves_.transitions[choice.transition];
      z3::expr from = context_.bool_val(false);
      for (unsigned mode = 0; mode < v_.machines[transition.machine].modes.size(); ++mode)
        if (transition.from_modes >> mode & 1) from = from || modes_[step].at({transition.machine, choice.from}) == context_.int_val(mode);
      return from && holds(context_, transition.guard, values);
    }
    return allowed(moves_.moves[choice.move], values, named("amount", step, 1, kAmountMax), in_batch);
  }

  z3::expr floors_at_end(const Choice& choice, std::size_t leg) {
    z3::expr all = context_.bool_val(true);
    if (choice.move == kNone) return all;
    const Move& move = moves_.moves[choice.move];
    const auto values = values_of(move.slots, choice.from, choice.to, steps_, leg);
    for (const Guarded& floor : move.floors) all = all && holds(context_, floor, values);
    return all;
  }

  z3::expr allowed(const Move& move, const std::vector<z3::expr>& values, const z3::expr& amount, bool floors_later) {
    z3::expr any = context_.bool_val(false);
    for (const Guarded& allow : move.allows) any = any || holds(context_, allow, values);
    for (const Guarded& deny : move.denies) any = any && !holds(context_, deny, values);
    for (const Guarded& limit : move.limits) any = any && holds(context_, limit, values);
    if (move.funds_slot != kNone) any = any && values[move.funds_slot] >= amount;
    if (move.to_slot != kNone) any = any && values[move.to_slot] + amount <= number(context_, kAmountMax);
    if (move.from_slot == kNone) return any;
    auto after = values;
    after[move.from_slot] = values[move.from_slot] - amount;
    for (const Guarded& floor : move.floors) any = any && (floors_later ? context_.bool_val(true) : holds(context_, floor, after));
    return any && after[move.from_slot] >= number(context_, -kAmountMax);
  }

  void effect(const Choice& choice, const z3::expr& is_this, const z3::expr& amount, std::map<Holding, z3::expr>& balances, std::map<Subjects, z3::expr>& modes) {
    if (choice.move == kNone) {
      const Transition& transition = moves_.transitions[choice.transition];
      z3::expr& mode = modes.at({transition.machine, choice.from});
      mode = z3::ite(is_this, context_.int_val(static_cast<int>(transition.to_mode)), mode);
      return;
    }
    const Move& move = moves_.moves[choice.move];
    const z3::expr moved = z3::ite(is_this, amount, context_.int_val(0));
    if (const auto from = balances.find({move.from, choice.from, move.asset}); from != balances.end()) from->second = from->second - moved;
    if (const auto to = balances.find({move.to, choice.to, move.asset}); to != balances.end()) to->second = to->second + moved;
  }

  // ---- a small answer

  /// First tries for whole small amounts, then for any; then empties what need not be held at the start.
  bool tighten() {
    for (const int size : {1, 100, 10'000}) {
      solver_.push();
      for (const auto& [holding, opening] : balances_[0]) solver_.add(opening <= number(context_, unit(std::get<2>(holding)) * size * 4));
      if (within_.check() == z3::sat) return empty_what_can_be();
      solver_.pop();
    }
    return within_.check() == z3::sat && empty_what_can_be();
  }

  Int128 unit(Index asset) const {
    Int128 one = 1;
    for (unsigned i = 0; i < v_.assets[asset].decimals; ++i) one *= 10;
    return one;
  }

  bool empty_what_can_be() {
    for (const auto& [holding, opening] : balances_[0]) {
      solver_.push();
      solver_.add(opening == 0);
      if (within_.check() != z3::sat) solver_.pop();
    }
    return within_.check() == z3::sat;
  }

  // ---- the model as a trace

  static Int128 value_in(const z3::model& model, const z3::expr& term) {
    const std::string digits = model.eval(term, true).to_string();
    Int128 value = 0;
    for (const char c : digits)
      if (c >= '0' && c <= '9') value = value * 10 + (c - '0');
    return digits.find('-') == std::string::npos ? value : -value;
  }

  std::string member(Index entity, std::uint8_t which) const {
    std::string name = v_.entities[entity].name;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return fmt::format("{}{}", name, which + 1);
  }
  NamedInstance instance(Index target, const std::vector<Index>& keys, const SmallIds& ids) const {
    NamedInstance named{target, {}};
    for (std::size_t i = 0; i < keys.size(); ++i) named.ids.push_back(member(keys[i], ids[i]));
    return named;
  }

  Trace trace() {
    const z3::model model = solver_.get_model();
    Trace trace;
    for (const auto& [holding, opening] : balances_[0]) {
      const auto& [bucket, ids, asset] = holding;
      const Int128 balance = value_in(model, opening);
      if (balance != 0) trace.opening.push_back({instance(bucket, v_.buckets[bucket].keys, ids), asset, balance});
    }
    for (std::size_t step = 0; step < steps_; ++step) trace.steps.push_back(trace_step(model, step));
    return trace;
  }

  TraceStep trace_step(const z3::model& model, std::size_t step) {
    const Choice& choice = choices_[static_cast<std::size_t>(value_in(model, choice_at(step)))];
    TraceStep made;
    made.is_transfer = choice.move != kNone;
    Mask roles = 0;
    if (made.is_transfer) {
      const Move& move = moves_.moves[choice.move];
      roles = move.roles;
      made.statement = rule_in(model, move, choice, step);
      made.transfer = {move.purpose, move.asset, value_in(model, named("amount", step, 1, kAmountMax)), instance(move.from, v_.buckets[move.from].keys, choice.from),
                       instance(move.to, v_.buckets[move.to].keys, choice.to)};
    } else {
      const Transition& transition = moves_.transitions[choice.transition];
      roles = transition.roles;
      made.statement = transition.guard.statement;
      made.subject = instance(transition.machine, v_.machines[transition.machine].subject.keys, choice.from);
      made.to_mode = transition.to_mode;
    }
    for (Index role = 0; role < kRolesMax && made.role == kNone; ++role)
      if (roles >> role & 1) made.role = role;
    made.person = "initiator";
    made.linked = step >= batch_from_ && step + 1 < steps_;
    made.time_ms = kFirstDayMs + static_cast<std::int64_t>(moment(step)) * days_apart() * kDayMs;
    supply(model, slots_of(choice), choice.from, choice.to, step, made);
    supply(model, invariant_.slots, {}, {}, step, made);
    for (const TraceFact& fact : std::vector<TraceFact>(std::move(made.facts)))
      if (std::none_of(made.facts.begin(), made.facts.end(), [&](const TraceFact& known) { return known.subject == fact.subject; })) made.facts.push_back(fact);
    return made;
  }

  Index rule_in(const z3::model& model, const Move& move, const Choice& choice, std::size_t step) {
    for (const Guarded& allow : move.allows)
      if (model.eval(holds(context_, allow, values_of(move.slots, choice.from, choice.to, step, step)), true).is_true()) return allow.statement;
    return move.allows.front().statement;
  }

  std::int64_t days_apart() const {
    std::int64_t longest = 0;
    for (const LimitWindow& limit : moves_.limits) longest = std::max(longest, limit.window_ms);
    return longest / kDayMs + 3;
  }

  void supply(const z3::model& model, const std::vector<Slot>& slots, const SmallIds& from, const SmallIds& to, std::size_t step, TraceStep& made) {
    bool approved = false;
    for (const Slot& slot : slots) {
      if (slot.kind == SlotKind::Approvals) approved = true;
      if (slot.kind != SlotKind::TimeOfDay && slot.kind != SlotKind::Evidence && slot.kind != SlotKind::Fact) continue;
      const Int128 known = value_in(model, value(slot, from, to, step, step));
      if (slot.kind == SlotKind::TimeOfDay) made.time_ms += static_cast<std::int64_t>(known) * 1000;
      if (slot.kind == SlotKind::Evidence && known == 1) made.evidence |= Mask{1} << slot.target;
      if (slot.kind != SlotKind::Fact) continue;
      SmallIds ids{};
      for (std::size_t i = 0; i < slot.keys.size(); ++i) ids[i] = slot.keys[i].from == KeySource::From::Source ? from[slot.keys[i].position] : to[slot.keys[i].position];
      made.facts.push_back({instance(slot.target, v_.facts[slot.target].subject.keys, ids), known});
    }
    if (!approved) return;
    const auto kinds = person_kinds(approval_slots_);
    const auto counts = z3_encoding::person_counts(context_, approval_slots_, approval_prefix(step));
    for (std::size_t kind = 0; kind < kinds.size(); ++kind)
      for (Int128 count = value_in(model, counts[kind]); count > 0; --count) made.approvals.push_back({fmt::format("approver{}", made.approvals.size() + 1), kinds[kind].roles});
  }

  const Arena& arena_;
  const Moves& moves_;
  const Vocabulary& v_;
  const Invariant& invariant_;
  z3::context context_;
  z3::solver solver_;
  WithinBudget within_;   ///< all questions together take the time of one
  Dependence depends_;
  std::vector<Choice> choices_;
  std::vector<std::map<Holding, z3::expr>> balances_;   // by state
  std::vector<std::map<Subjects, z3::expr>> modes_;
  std::set<std::string> bounded_;
  std::vector<z3::expr> ranges_;
  std::vector<Slot> approval_slots_;
  std::map<std::size_t, std::vector<z3::expr>> approval_values_;
  std::size_t steps_ = 0;
  std::size_t batch_from_ = SIZE_MAX;                   // the first leg, where the run ends in a batch
};

}  // namespace

bool has_clean_start(const Arena& arena, const Budget& budget) {
  try {
    return RunFinder(arena, 0, budget).has_start();
  } catch (const z3::exception&) {
    return false;
  }
}

namespace {

/// Replayed, and with words; otherwise what is wrong with it.
RunSearch as_evidence(const RuleTable& table, const Moves& moves, Index invariant, const std::vector<std::string>& members, Trace trace) {
  const std::string wrong = replay_invariant(table, moves, invariant, members, trace);
  if (!wrong.empty()) return {std::nullopt, "a run that breaks it did not replay: " + wrong};
  std::string whom;
  for (const std::string& id : members) whom += (whom.empty() ? " for " : ", ") + id;
  trace.summary = fmt::format("the invariant no longer holds{}", whom);
  const bool by_batch = trace.steps.size() > 1 && trace.steps[trace.steps.size() - 2].linked;
  return {std::move(trace), by_batch ? "a batch that the rules allow makes it false" : "a step that the rules allow makes it false"};
}

/// A batch can do what none of its legs can by itself only where floors wait for its end.
RunSearch break_by_batch(const RuleTable& table, const Arena& arena, Index invariant, const Budget& budget) {
  const std::vector<Move>& moves = arena.moves.moves;
  if (std::all_of(moves.begin(), moves.end(), [](const Move& move) { return move.floors.empty(); })) return {};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(budget.left_ms());
  for (std::size_t before = 0; before <= kBeforeBatchMax; ++before)
    for (std::size_t legs = 2; legs <= kLegsMax; ++legs) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      if (left <= 0) return {};
      RunFinder finder(arena, invariant, static_cast<std::uint32_t>(left));
      RunSearch search = finder.find_batch(before, legs);
      if (search.trace) return as_evidence(table, arena.moves, invariant, finder.members(), std::move(*search.trace));
    }
  return {};
}

}  // namespace

RunSearch break_invariant(const RuleTable& table, const Arena& arena, Index invariant, const Budget& budget) {
  if (budget.is_over()) return {std::nullopt, kTimeIsUp};
  try {
    RunFinder finder(arena, invariant, budget);
    RunSearch search = finder.find();
    if (search.trace) return as_evidence(table, arena.moves, invariant, finder.members(), std::move(*search.trace));
    RunSearch by_batch = break_by_batch(table, arena, invariant, budget);
    return by_batch.trace || !by_batch.reason.empty() ? by_batch : search;
  } catch (const z3::exception& failure) {
    return {std::nullopt, fmt::format("the solver failed: {}", failure.msg())};
  }
}

}  // namespace ringfence
