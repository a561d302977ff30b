// SPDX-License-Identifier: Apache-2.0
// Section 8 of the language reference in its own order, then 10.4.
#include "tests/reference/interpreter.h"

#include <algorithm>

#include "tests/reference/guard.h"

namespace ringfence::reference {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

bool contains(const std::vector<Index>& list, Index wanted) { return std::find(list.begin(), list.end(), wanted) != list.end(); }
bool has_role(Mask roles, Index role) { return ((roles >> role) & 1) != 0; }

// ---- 8.1

// The reasons' own sentences say which is which: a role is a name; ids and the number of approvals are the shape.
bool is_role(const Vocabulary& vocabulary, const Authority& authority) { return authority.role < vocabulary.roles.size(); }
bool too_many(const Authority& authority) { return authority.approvals.size() > kApprovalsMax; }

Reason names_and_shape(const Vocabulary& vocabulary, const Transfer& transfer) {
  if (transfer.purpose >= vocabulary.purposes.size() || transfer.asset >= vocabulary.assets.size() ||
      transfer.from.target >= vocabulary.buckets.size() || transfer.to.target >= vocabulary.buckets.size() ||
      !is_role(vocabulary, transfer.authority))
    return Reason::UnknownName;
  if (transfer.from.id_count != vocabulary.buckets[transfer.from.target].keys.size() ||
      transfer.to.id_count != vocabulary.buckets[transfer.to.target].keys.size() || too_many(transfer.authority))
    return Reason::Malformed;
  if (transfer.amount < 1 || transfer.amount > kAmountMax) return Reason::AmountOutOfRange;
  if (transfer.from == transfer.to) return Reason::SameInstance;  // 4.4
  return Reason::Allowed;
}

Reason names_and_shape(const Vocabulary& vocabulary, const ModeChange& change) {
  if (change.subject.target >= vocabulary.machines.size()) return Reason::UnknownName;
  const ModeMachine& machine = vocabulary.machines[change.subject.target];
  if (change.to_mode >= machine.modes.size() || !is_role(vocabulary, change.authority)) return Reason::UnknownName;
  if (change.subject.id_count != machine.subject.keys.size() || too_many(change.authority)) return Reason::Malformed;
  return Reason::Allowed;
}

// 10.1
bool time_went_back(const State& state, const Authority& authority) {
  return state.last_time_ms && authority.time_ms < *state.last_time_ms;
}

// ---- 4.3: for each entity that keys both sides, in the order of the source's keys

bool relations_hold(const Vocabulary& vocabulary, const Pair& pair, const Transfer& transfer) {
  const std::vector<Index>& from_keys = vocabulary.buckets[pair.from].keys;
  const std::vector<Index>& to_keys = vocabulary.buckets[pair.to].keys;
  std::size_t shared = 0;
  for (std::size_t i = 0; i < from_keys.size(); ++i) {
    const Index in_to = position(to_keys, from_keys[i]);
    if (in_to == kNone) continue;
    const bool same = transfer.from.ids[i] == transfer.to.ids[in_to];
    const Match match = pair.matches.at(shared++);
    if ((match == Match::Same && !same) || (match == Match::Other && same)) return false;
  }
  return true;
}

bool rule_speaks(const TypedPolicy& policy, const TypedRule& rule, const Transfer& transfer) {
  return contains(rule.assets, transfer.asset) && has_role(rule.roles, transfer.authority.role) &&
         speaks_of(policy.vocabulary, rule.purposes, rule.pairs, transfer);
}

bool limit_speaks(const TypedPolicy& policy, const TypedLimit& limit, const Transfer& transfer) {
  return limit.asset == transfer.asset && speaks_of(policy.vocabulary, limit.purposes, limit.pairs, transfer);
}

bool floor_speaks(const TypedFloor& floor, const Transfer& transfer) {
  return floor.bucket == transfer.from.target && contains(floor.assets, transfer.asset);
}

// ---- 5.2

// The ids of the limit's sum: from the source where it has the key, else from the destination.
Ids window_ids(const Vocabulary& vocabulary, const TypedLimit& limit, const Instance& from, const Instance& to) {
  Ids ids{};
  for (std::size_t i = 0; i < limit.per.size(); ++i) {
    const Index in_from = position(vocabulary.buckets[from.target].keys, limit.per[i]);
    const Index in_to = position(vocabulary.buckets[to.target].keys, limit.per[i]);
    ids[i] = in_from != kNone ? from.ids[in_from] : to.ids[in_to];
  }
  return ids;
}

std::int64_t day_of(std::int64_t time_ms) { return time_ms >= 0 ? time_ms / kDayMs : -((-time_ms + kDayMs - 1) / kDayMs); }

bool in_window(const TypedLimit& limit, std::int64_t moved_ms, std::int64_t now_ms) {
  if (limit.window_ms == 0) return day_of(moved_ms) == day_of(now_ms);
  return moved_ms > now_ms - limit.window_ms && moved_ms <= now_ms;
}

// What has been moved in the limit's window before this transfer: the history, from its start to its end.
Int128 used(const TypedPolicy& policy, const TypedLimit& limit, const State& state, const Transfer& transfer) {
  const Ids ids = window_ids(policy.vocabulary, limit, transfer.from, transfer.to);
  Int128 sum = 0;
  for (const Moved& moved : state.history) {
    const Transfer before{moved.purpose, moved.from, moved.to, moved.asset, moved.amount, {}};
    if (limit_speaks(policy, limit, before) && window_ids(policy.vocabulary, limit, moved.from, moved.to) == ids &&
        in_window(limit, moved.time_ms, transfer.authority.time_ms))
      sum += moved.amount;
  }
  return sum;
}

bool is_let_off(const Moment& moment, const std::vector<Condition>& unless) {
  return !unless.empty() && first_failing(moment, unless) == kNone;
}

bool limit_allows(const TypedPolicy& policy, const TypedLimit& limit, const State& state, const Transfer& transfer) {
  const Moment moment = moment_of(policy.vocabulary, state, transfer);
  if (is_let_off(moment, limit.unless)) return true;
  const Int128 with_this_one = used(policy, limit, state, transfer) + transfer.amount;
  return (Fraction(with_this_one) - value_of(moment, limit.cap)).sign() <= 0;
}

// ---- 8.3

Reason first_of(Reason first, Reason second) { return first != Reason::Allowed ? first : second; }

// 8.6: the source may overdraw; or another bucket of its account may, and the money leaves the account.
bool needs_account_total(const Vocabulary& vocabulary, const Transfer& transfer) {
  const Bucket &source = vocabulary.buckets[transfer.from.target], &destination = vocabulary.buckets[transfer.to.target];
  if (source.external || source.account == kNone) return false;
  const bool stays = destination.account == source.account && account_ids(vocabulary, transfer.from) == account_ids(vocabulary, transfer.to);
  for (const Bucket& bucket : vocabulary.buckets)
    if (bucket.account == source.account && bucket.may_overdraw && !stays) return true;
  return source.may_overdraw;
}

Reason unreadable_balances(const Vocabulary& vocabulary, const State& state, const Transfer& transfer) {
  for (const Instance& end : {transfer.from, transfer.to})
    if (!vocabulary.buckets[end.target].external && !within_range(state.balance(end, transfer.asset), -kAmountMax, kAmountMax))
      return Reason::ValueOutOfRange;
  const Bucket& source = vocabulary.buckets[transfer.from.target];
  if (!needs_account_total(vocabulary, transfer)) return Reason::Allowed;
  const Ids ids = account_ids(vocabulary, transfer.from);
  return within_range(account_total(vocabulary, state, source.account, ids, transfer.asset), -kAmountMax, kAmountMax)
             ? Reason::Allowed
             : Reason::ValueOutOfRange;
}

Reason unreadable_values(const TypedPolicy& policy, const State& state, const Transfer& transfer) {
  const Moment moment = moment_of(policy.vocabulary, state, transfer);
  Reason reason = unreadable_balances(policy.vocabulary, state, transfer);
  for (const TypedRule& rule : policy.rules)
    if (rule_speaks(policy, rule, transfer)) {
      reason = first_of(reason, unreadable(moment, rule.conditions));
      if (rule.brings && state.mode(subject_of(moment, rule.brings->reference)) == kModeNotKnown) reason = first_of(reason, Reason::ValueMissing);
    }
  for (const TypedFloor& floor : policy.floors)
    if (floor_speaks(floor, transfer)) {
      reason = first_of(reason, unreadable(source_only(moment), floor.minimum));
      reason = first_of(reason, unreadable(source_only(moment), floor.unless));
    }
  for (const TypedLimit& limit : policy.limits)
    if (limit_speaks(policy, limit, transfer)) {
      reason = first_of(reason, unreadable(moment, limit.cap));
      reason = first_of(reason, unreadable(moment, limit.unless));
      if (!within_range(used(policy, limit, state, transfer), 0, kAmountMax)) reason = first_of(reason, Reason::ValueOutOfRange);
    }
  return reason;
}

// ---- 8.4 and 8.5

Answer judge_rules(const TypedPolicy& policy, const State& state, const Transfer& transfer) {
  const Moment moment = moment_of(policy.vocabulary, state, transfer);
  Answer refused{Reason::NoRule, kNone, kNone};
  Answer allowed = refused;
  for (Index i = 0; i < policy.rules.size(); ++i) {
    const TypedRule& rule = policy.rules[i];
    if (!rule_speaks(policy, rule, transfer)) continue;
    const Index failing = first_failing(moment, rule.conditions);
    if (rule.effect == Effect::Deny) {
      if (failing == kNone) return {Reason::DenyRule, i, kNone};
    } else if (failing == kNone) {
      if (!allowed.allowed()) allowed = {Reason::Allowed, i, kNone};
    } else if (refused.reason == Reason::NoRule) {
      refused = {Reason::Condition, i, failing};
    }
  }
  return allowed.allowed() ? allowed : refused;
}

// ---- 8.6 and 8.7

Reason judge_funds(const Vocabulary& vocabulary, const State& state, const Transfer& transfer) {
  const Bucket& source = vocabulary.buckets[transfer.from.target];
  const Int128 balance = state.balance(transfer.from, transfer.asset);
  if (!source.external) {
    if (!source.may_overdraw && balance < transfer.amount) return Reason::Funds;
    if (needs_account_total(vocabulary, transfer) &&
        account_total(vocabulary, state, source.account, account_ids(vocabulary, transfer.from), transfer.asset) < transfer.amount)
      return Reason::Funds;
    if (balance - transfer.amount < -kAmountMax) return Reason::Overflow;
  }
  if (!vocabulary.buckets[transfer.to.target].external && state.balance(transfer.to, transfer.asset) + transfer.amount > kAmountMax)
    return Reason::Overflow;
  return Reason::Allowed;
}

// ---- 5.1 and 8.8; `balance_at_end` is that of the source after the move, or at the end of its batch

Answer judge_floors(const TypedPolicy& policy, const State& state, const Transfer& transfer, Int128 balance_at_end) {
  const Moment moment = source_only(moment_of(policy.vocabulary, state, transfer));
  for (Index i = 0; i < policy.floors.size(); ++i) {
    const TypedFloor& floor = policy.floors[i];
    if (!floor_speaks(floor, transfer) || is_let_off(moment, floor.unless)) continue;
    if ((Fraction(balance_at_end) - value_of(moment, floor.minimum)).sign() < 0)
      return {Reason::Floor, static_cast<Index>(policy.rules.size()) + i, kNone};
  }
  return {Reason::Allowed, kNone, kNone};
}

// ---- 8.1 to 8.10, without floors when they wait for the end of a batch

Answer judge_transfer(const TypedPolicy& policy, const State& state, const Transfer& transfer, bool with_floors) {
  if (const Reason reason = names_and_shape(policy.vocabulary, transfer); reason != Reason::Allowed) return {reason, kNone, kNone};
  if (time_went_back(state, transfer.authority)) return {Reason::TimeWentBack, kNone, kNone};
  const bool has_allow = std::any_of(policy.rules.begin(), policy.rules.end(), [&](const TypedRule& rule) {
    return rule.effect == Effect::Allow && rule_speaks(policy, rule, transfer);
  });
  if (!has_allow) return {Reason::NoRule, kNone, kNone};                                                                // 8.2
  if (const Reason reason = unreadable_values(policy, state, transfer); reason != Reason::Allowed) return {reason, kNone, kNone};  // 8.3
  const Answer answer = judge_rules(policy, state, transfer);                                                           // 8.4, 8.5
  if (!answer.allowed()) return answer;
  if (const Reason reason = judge_funds(policy.vocabulary, state, transfer); reason != Reason::Allowed) return {reason, kNone, kNone};
  if (with_floors) {                                                                                                    // 8.8
    const Answer floors = judge_floors(policy, state, transfer, state.balance(transfer.from, transfer.asset) - transfer.amount);
    if (!floors.allowed()) return floors;
  }
  for (Index i = 0; i < policy.limits.size(); ++i)                                                                      // 8.9
    if (limit_speaks(policy, policy.limits[i], transfer) && !limit_allows(policy, policy.limits[i], state, transfer))
      return {Reason::Limit, static_cast<Index>(policy.rules.size() + policy.floors.size()) + i, kNone};
  return answer;                                                                                                        // 8.10
}

}  // namespace

bool speaks_of(const Vocabulary& vocabulary, const std::vector<Index>& purposes, const std::vector<Pair>& pairs, const Transfer& transfer) {
  if (!contains(purposes, transfer.purpose)) return false;
  return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
    return pair.from == transfer.from.target && pair.to == transfer.to.target && relations_hold(vocabulary, pair, transfer);
  });
}

namespace {

// 2.12, 2.13: days counted one by one.
std::optional<Int128> due(const Vocabulary& vocabulary, const Deadline& deadline, std::int64_t entered_ms) {
  if (deadline.schedule == kNone) return Int128{entered_ms} + deadline.within_ms;
  const Schedule& schedule = vocabulary.schedules[deadline.schedule];
  if (entered_ms < schedule.first_ms) return std::nullopt;
  std::uint32_t counted = 0;
  for (const BusinessDay& day : schedule.days) {
    if (deadline.business_day == 0 && entered_ms <= day.cut_off_ms) return day.cut_off_ms;
    if (deadline.business_day != 0 && day.start_ms > entered_ms && ++counted == deadline.business_day) return day.cut_off_ms;
  }
  return std::nullopt;
}

}  // namespace

State at_time(const TypedPolicy& policy, State state, std::int64_t time_ms) {
  for (KnownMode& known : state.modes)
    for (bool fell = known.entered_ms != kNoDeadlinePasses; fell && known.mode != kModeNotKnown;) {
      fell = false;
      for (const TypedTransition& deadline : policy.transitions) {
        if (!deadline.deadline || deadline.machine != known.subject.target || deadline.from_modes != Mask{1} << known.mode) continue;
        const std::optional<Int128> due_ms = due(policy.vocabulary, *deadline.deadline, known.entered_ms);
        if (!due_ms) known.mode = kModeNotKnown;
        if (!due_ms || time_ms <= *due_ms) break;
        known = {known.subject, deadline.to_mode, static_cast<std::int64_t>(*due_ms)};
        fell = true;
        break;
      }
    }
  return state;
}

std::vector<Index> holding_allows(const TypedPolicy& policy, const State& kept, const Transfer& transfer) {
  const State state = at_time(policy, kept, transfer.authority.time_ms);
  const Moment moment = moment_of(policy.vocabulary, state, transfer);
  std::vector<Index> holding;
  for (Index i = 0; i < policy.rules.size(); ++i)
    if (policy.rules[i].effect == Effect::Allow && rule_speaks(policy, policy.rules[i], transfer) &&
        first_failing(moment, policy.rules[i].conditions) == kNone)
      holding.push_back(i);
  return holding;
}

Answer judge(const TypedPolicy& policy, const State& state, const Transfer& transfer) {
  return judge_transfer(policy, at_time(policy, state, transfer.authority.time_ms), transfer, true);
}

// The last paragraph of section 8.
Answer judge(const TypedPolicy& policy, const State& kept, const ModeChange& change) {
  const State state = at_time(policy, kept, change.authority.time_ms);
  if (const Reason reason = names_and_shape(policy.vocabulary, change); reason != Reason::Allowed) return {reason, kNone, kNone};
  if (time_went_back(state, change.authority)) return {Reason::TimeWentBack, kNone, kNone};
  const Index mode_now = state.mode(change.subject);
  if (mode_now == kModeNotKnown) return {Reason::ValueMissing, kNone, kNone};
  const Moment moment = moment_of(policy.vocabulary, state, change);
  const Index first = static_cast<Index>(policy.rules.size() + policy.floors.size() + policy.limits.size());
  Answer refused{Reason::NoTransition, kNone, kNone};
  for (Index i = 0; i < policy.transitions.size(); ++i) {
    const TypedTransition& transition = policy.transitions[i];
    if (transition.machine != change.subject.target || transition.to_mode != change.to_mode ||
        ((transition.from_modes >> mode_now) & 1) == 0 || !has_role(transition.roles, change.authority.role))
      continue;
    Answer answer{unreadable(moment, transition.conditions), kNone, kNone};
    if (answer.allowed()) {
      const Index failing = first_failing(moment, transition.conditions);
      if (failing == kNone) return {Reason::Allowed, first + i, kNone};
      answer = {Reason::Condition, first + i, failing};
    }
    if (refused.reason == Reason::NoTransition) refused = answer;
  }
  return refused;
}

std::vector<Answer> judge_batch(const TypedPolicy& policy, State state, std::span<const Transfer> legs) {
  std::vector<Answer> answers(legs.size(), Answer{Reason::Batch, kNone, kNone});
  if (!legs.empty()) state = at_time(policy, std::move(state), legs.front().authority.time_ms);   // 2.12: no deadline passes within a batch
  std::vector<Answer> decided;
  for (const Transfer& leg : legs) {
    decided.push_back(judge_transfer(policy, state, leg, false));
    if (!decided.back().allowed()) {
      answers[decided.size() - 1] = decided.back();
      return answers;
    }
    apply(policy, state, leg);
  }
  for (std::size_t i = 0; i < legs.size(); ++i) {
    const Answer floors = judge_floors(policy, state, legs[i], state.balance(legs[i].from, legs[i].asset));
    if (!floors.allowed()) {
      answers[i] = floors;
      return answers;
    }
  }
  return decided;
}

namespace {

// ---- 4.8 and 10.5

/// Every change is one that might be asked for by itself, by who asks for the transfer.
bool change_mode(const TypedPolicy& policy, State& state, const Transfer& transfer, const TypedBrings& brings, std::int64_t time_ms) {
  ModeChange change{subject_of(moment_of(policy.vocabulary, state, transfer), brings.reference), brings.mode, transfer.authority};
  change.authority.time_ms = time_ms;
  if (!judge(policy, state, change).allowed()) return false;
  apply(state, change);
  return true;
}

/// The first mode, in text order, that a rule which speaks of the transfer enters, that its subject is not in, and that it can be changed to.
bool enter_mode(const TypedPolicy& policy, State& state, const Transfer& transfer, std::int64_t time_ms) {
  if (names_and_shape(policy.vocabulary, transfer) != Reason::Allowed) return false;
  for (const TypedRule& rule : policy.rules) {
    if (!rule.brings || !rule.brings->before || !rule_speaks(policy, rule, transfer)) continue;
    const State now = at_time(policy, state, time_ms);
    const Index mode = now.mode(subject_of(moment_of(policy.vocabulary, now, transfer), rule.brings->reference));
    if (mode == kModeNotKnown || mode == rule.brings->mode) continue;
    if (change_mode(policy, state, transfer, *rule.brings, time_ms)) return true;
  }
  return false;
}

/// What the rule that decided has come afterwards.
void follow_mode(const TypedPolicy& policy, State& state, const Transfer& transfer, const Answer& answer, std::int64_t time_ms) {
  const auto& brings = policy.rules[answer.statement].brings;
  if (brings && !brings->before) change_mode(policy, state, transfer, *brings, time_ms);
}

}  // namespace

Answer submit(const TypedPolicy& policy, State& state, const Transfer& transfer) {
  const std::int64_t time_ms = transfer.authority.time_ms;
  State entered = state;
  Answer answer = judge(policy, entered, transfer);
  if (!answer.allowed() && answer.reason != Reason::TimeWentBack && enter_mode(policy, entered, transfer, time_ms)) answer = judge(policy, entered, transfer);
  if (!answer.allowed()) return answer;
  state = std::move(entered);
  apply(policy, state, transfer);
  follow_mode(policy, state, transfer, answer, time_ms);
  return answer;
}

std::vector<Answer> submit_batch(const TypedPolicy& policy, State& state, std::span<const Transfer> legs) {
  const auto all_allowed = [](const std::vector<Answer>& answers) { return std::all_of(answers.begin(), answers.end(), [](const Answer& each) { return each.allowed(); }); };
  State entered = state;
  std::vector<Answer> answers = judge_batch(policy, entered, legs);
  if (!all_allowed(answers)) {
    bool any_entered = false;
    for (const Transfer& leg : legs) any_entered = enter_mode(policy, entered, leg, legs.front().authority.time_ms) || any_entered;
    if (any_entered) answers = judge_batch(policy, entered, legs);
    if (!all_allowed(answers)) return answers;
  }
  state = std::move(entered);
  for (const Transfer& leg : legs) apply(policy, state, leg);
  for (std::size_t i = 0; i < legs.size(); ++i) follow_mode(policy, state, legs[i], answers[i], legs.back().authority.time_ms);
  return answers;
}

void apply(const TypedPolicy& policy, State& state, const Transfer& transfer) {
  if (!policy.vocabulary.buckets[transfer.from.target].external) state.add(transfer.from, transfer.asset, -transfer.amount);
  if (!policy.vocabulary.buckets[transfer.to.target].external) state.add(transfer.to, transfer.asset, transfer.amount);
  state.history.push_back({transfer.purpose, transfer.from, transfer.to, transfer.asset, transfer.amount, transfer.authority.time_ms});
  state.last_time_ms = transfer.authority.time_ms;
}

void apply(State& state, const ModeChange& change) {
  state.set_mode(change.subject, change.to_mode, change.authority.time_ms);
  state.last_time_ms = change.authority.time_ms;
}

}  // namespace ringfence::reference
