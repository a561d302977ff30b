// SPDX-License-Identifier: Apache-2.0
// The traffic of one session, and what counts as a difference.
#include "tests/differential/session.h"

#include <cstdlib>

#include "verify/verify.h"

namespace ringfence::differential {
namespace {

bool is_value_reason(Reason reason) {
  return reason == Reason::ValueMissing || reason == Reason::ValueStale || reason == Reason::ValueOutOfRange;
}
bool names_a_statement(Reason reason) {
  return reason == Reason::Allowed || reason == Reason::DenyRule || reason == Reason::Condition || reason == Reason::Floor ||
         reason == Reason::Limit;
}

std::string words(Reason reason, Index statement, Index clause) {
  return std::string(reason_word(reason)) + " statement " + std::to_string(static_cast<std::int64_t>(statement)) + " condition " +
         std::to_string(static_cast<std::int64_t>(clause));
}

GateTransfer submission(const std::string& id, const generate::Request& request) { return {id, request.transfer, request.approvals}; }

/// The request as the reference reads it: with its approvals.
Transfer with_approvals(const generate::Request& request) {
  Transfer transfer = request.transfer;
  transfer.authority.approvals = request.approvals;
  return transfer;
}

}  // namespace

std::string difference(const reference::Answer& expected, const Decision& got) {
  if (is_value_reason(expected.reason) && is_value_reason(got.reason)) return "";
  bool same = expected.reason == got.reason;
  if (same && names_a_statement(got.reason)) same = expected.statement == got.statement;
  if (same && got.reason == Reason::Condition) same = expected.clause == got.clause;
  if (same) return "";
  return "reference: " + words(expected.reason, expected.statement, expected.clause) + "; table: " + words(got.reason, got.statement, got.clause);
}

std::optional<LoadedPolicy> load_policy(const std::string& text, std::string& why) {
  Passed<Compiled> compiled = compile(text);
  if (!compiled.artefact) {
    why = render(compiled.diagnostics, "policy.rf", text);
    return std::nullopt;
  }
  auto loaded = RuleTable::load(compiled.artefact->table);
  if (const LoadError* error = std::get_if<LoadError>(&loaded)) {
    why = "the table does not load: " + error->message;
    return std::nullopt;
  }
  RuleTable& table = std::get<RuleTable>(loaded);
  if (!(decode(table) == compiled.artefact->moves)) {
    why = "decode(load(emit(moves))) differs from moves";
    return std::nullopt;
  }
  return LoadedPolicy{std::move(compiled.artefact->policy), std::move(table)};
}

Session::Session(const TypedPolicy& policy, const RuleTable& table, std::uint64_t seed)
    : policy_(policy), gate_(table), random_(seed), state_(generate::random_state(random_, policy)) {
  for (const reference::Holding& holding : state_.holdings)
    if (!gate_.open_balance(holding.bucket, holding.asset, holding.balance)) report_ = "the gate refuses an opening balance";
  for (const reference::KnownMode& known : state_.modes)
    if (!gate_.open_mode(known.subject, known.mode, known.entered_ms)) report_ = "the gate refuses an opening mode";
  for (const reference::KnownFact& fact : state_.facts)
    if (!gate_.set_fact(fact.subject, fact.number, fact.observed_ms)) report_ = "the gate refuses a fact";
}

bool Session::step(Tally& tally) {
  if (!report_.empty()) return false;
  now_ms_ = generate::random_later(random_, now_ms_);
  const std::uint32_t kind = random_.below(100);
  if (kind < 6 && !policy_.vocabulary.facts.empty()) fact();
  if (kind >= 6 && kind < 16 && !policy_.vocabulary.machines.empty()) return mode_change(tally);
  if (kind >= 16 && kind < 24) return batch(tally);
  if (kind >= 24 && kind < 29 && !done_.empty()) return repeat(tally);
  return transfer(tally);
}

bool Session::fail(const std::string& what, const std::string& request) {
  report_ = what + "\n  " + request + "\nstate:\n" + generate::print(policy_.vocabulary, state_);
  return false;
}

bool Session::transfer(Tally& tally) {
  const generate::Request request = generate::random_transfer(random_, policy_, now_ms_);
  const Transfer asked = with_approvals(request);
  const std::string before = generate::print(policy_.vocabulary, state_);
  const reference::Answer expected = reference::submit(policy_, state_, asked);
  const GateTransfer submitted = submission(next_id(), request);
  const GateAnswer answer = gate_.submit(submitted);
  ++tally.transfers;
  ++tally.reasons[static_cast<std::size_t>(answer.decision.reason)];
  std::string what = difference(expected, answer.decision);
  if (answer.outcome != Outcome::Decided) what = "a new id is not decided";
  if (!what.empty()) return fail(what, generate::print(policy_.vocabulary, asked) + "\nbefore:\n" + before);
  tally.modes_brought += gate_.modes_brought().size();
  done_.push_back({submitted, answer});
  return true;
}

bool Session::mode_change(Tally& tally) {
  generate::ChangeRequest request = generate::random_change(random_, policy_, now_ms_);
  const GateAnswer answer = gate_.submit(GateModeChange{next_id(), request.change, request.approvals});
  request.change.authority.approvals = request.approvals;
  const reference::Answer expected = reference::judge(policy_, state_, request.change);
  ++tally.mode_changes;
  ++tally.reasons[static_cast<std::size_t>(answer.decision.reason)];
  if (const std::string what = difference(expected, answer.decision); !what.empty())
    return fail(what, generate::print(policy_.vocabulary, request.change));
  if (expected.allowed()) reference::apply(state_, request.change);
  return true;
}

bool Session::batch(Tally& tally) {
  std::vector<generate::Request> requests;
  for (std::size_t i = 0, count = 1 + random_.below(4); i < count; ++i) {
    requests.push_back(generate::random_transfer(random_, policy_, now_ms_));
    now_ms_ += random_.below(3);
  }
  std::vector<Transfer> legs;
  std::vector<GateTransfer> submitted;
  std::string text = "batch";
  for (const generate::Request& request : requests) {
    legs.push_back(with_approvals(request));
    submitted.push_back(submission(next_id(), request));
    text += "\n    " + generate::print(policy_.vocabulary, legs.back());
  }
  const std::string before = generate::print(policy_.vocabulary, state_);
  const std::vector<reference::Answer> expected = reference::submit_batch(policy_, state_, legs);
  const std::vector<GateAnswer> answers = gate_.submit_batch(next_id(), submitted);
  ++tally.batches;
  tally.transfers += legs.size();
  if (answers.size() != legs.size()) return fail("a batch has another number of answers than legs", text);
  for (std::size_t i = 0; i < legs.size(); ++i) {
    ++tally.reasons[static_cast<std::size_t>(answers[i].decision.reason)];
    std::string what = difference(expected[i], answers[i].decision);
    if (answers[i].outcome != Outcome::Decided) what = "a new batch is not decided";
    if (!what.empty()) return fail("leg " + std::to_string(i) + ": " + what, text + "\nbefore:\n" + before);
  }
  tally.modes_brought += gate_.modes_brought().size();
  return true;
}

// 10.3: the same id with the same content gets the same answer and moves nothing; with other content it is an error.
bool Session::repeat(Tally& tally) {
  const Done& before = done_[random_.below(done_.size())];
  GateTransfer again = before.submitted;
  const bool altered = random_.chance(50);
  if (altered) again.transfer.amount += 1;
  const GateAnswer answer = gate_.submit(again);
  ++tally.repeats;
  const bool right = altered ? answer.outcome == Outcome::IdReused
                             : answer.outcome == Outcome::Repeated && answer.decision == before.answer.decision;
  return right || fail(altered ? "an id used for other content is not refused" : "a repeat has another answer",
                       generate::print(policy_.vocabulary, again.transfer));
}

void Session::fact() {
  const reference::KnownFact fact = generate::random_fact(random_, policy_, now_ms_);
  state_.set_fact(fact.subject, fact.number, fact.observed_ms);
  if (!gate_.set_fact(fact.subject, fact.number, fact.observed_ms)) report_ = "the gate refuses a fact";
}

bool Session::ends_equal() {
  std::size_t held = 0;
  for (const reference::Holding& holding : state_.holdings) {
    if (holding.balance != 0) ++held;
    if (gate_.balance(holding.bucket, holding.asset) != holding.balance)
      return fail("balances differ at the end of a session", generate::print(policy_.vocabulary, holding.bucket));
  }
  if (gate_.holdings().size() != held) return fail("the gate holds something that the reference does not", "");
  const reference::State end = reference::at_time(policy_, state_, now_ms_);
  for (const reference::KnownMode& known : end.modes)
    if (gate_.mode(known.subject, now_ms_) != known.mode) return fail("modes differ at the end of a session", "");
  return true;
}

}  // namespace ringfence::differential
