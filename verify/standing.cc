// SPDX-License-Identifier: Apache-2.0
// The properties that are asked of every policy, in order; and the two whose obligations are comparisons of names, decided without a
// solver: which balances a row reads and changes, and which rows a transfer can have.
#include "verify/standing.h"

#include <map>
#include <tuple>

#include <fmt/format.h>

#include "compiler/table_digest.h"
#include "verify/check_obligations.h"
#include "verify/property_cases.h"
#include "verify/row_slots.h"
#include "verify/standing_certificate.h"

namespace ringfence {
namespace {

/// Empty when the row takes from and gives to just its own balances.
std::string wrong_balance(const Vocabulary& vocabulary, const Move& move) {
  const auto judged = [&](Index position) { return position == kNone || position >= move.slots.size() ? std::string("nothing") : print(vocabulary, move.slots[position]); };
  const auto fits = [&](Index position, Index bucket, bool source) {
    if (vocabulary.buckets[bucket].external) return position == kNone;
    return position < move.slots.size() && move.slots[position] == (source ? source_balance(vocabulary, move) : destination_balance(vocabulary, move));
  };
  if (!fits(move.from_slot, move.from, true)) return fmt::format("takes the amount from {}", judged(move.from_slot));
  if (!fits(move.to_slot, move.to, false)) return fmt::format("gives the amount to {}", judged(move.to_slot));
  if (move.from == move.to && move.relation == 0) return "moves from an instance to itself";
  return {};
}

/// With its certificate. PROVED is only what a solver says of that text, too.
PropertyVerdict with_certificate(const StandingInput& input, const std::string& digest, PropertyVerdict verdict) {
  if (verdict.answer != Answer::Proved) return verdict;
  const Obligations obligations = row_obligations(input.arena, verdict.kind);
  verdict.obligations = static_cast<std::uint32_t>(obligations.size());
  if (obligations.empty()) return verdict;   // of nothing
  if (ObligationChecker(row_prelude(input.arena), input.options.budget, nullptr).all_unsat(obligations)) {
    verdict.certificate = row_certificate(input.arena, digest, verdict.kind, obligations);
  } else {
    verdict.answer = Answer::Unknown;
    verdict.reason = "the solver did not confirm the certificate";
  }
  return verdict;
}

}  // namespace

PropertyVerdict prove_conservation(const Moves& moves) {
  PropertyCases cases(PropertyKind::Conservation);
  for (const Move& move : moves.moves) {
    const std::string wrong = wrong_balance(moves.vocabulary, move);
    if (wrong.empty()) cases.shown();
    else cases.refuted(row_detail(moves, move, wrong));
  }
  return std::move(cases).verdict("rows of the table judge or change another balance than their own");
}

PropertyVerdict prove_one_decision(const Moves& moves) {
  PropertyCases cases(PropertyKind::OneDecision);
  std::map<std::tuple<Index, Index, Relation, Index, Index>, Mask> spoken_for;
  for (const Move& move : moves.moves) {
    Mask& roles = spoken_for[{move.from, move.to, move.relation, move.purpose, move.asset}];
    if (roles & move.roles) cases.refuted(row_detail(moves, move, "has two rows for one role"));
    else cases.shown();
    roles |= move.roles;
  }
  return std::move(cases).verdict("rows of the table answer what another row answers too");
}

std::vector<PropertyVerdict> standing_properties(const StandingInput& input) {
  const Arena& arena = input.arena;
  const Budget& budget = input.options.budget;
  const auto with_modes = [&](PropertyKind kind, const auto& prove) {
    if (input.modes_possible) return prove(*input.modes_possible);
    PropertyCases cases(kind);
    cases.open("the solver did not say in time which modes can be reached");
    return std::move(cases).verdict("");
  };
  const std::string digest = table_digest(input.table.bytes());
  std::vector<PropertyVerdict> verdicts;
  verdicts.push_back(prove_conservation(arena.moves));
  verdicts.push_back(with_certificate(input, digest, prove_funds(arena, budget)));
  verdicts.push_back(with_certificate(input, digest, prove_floors(arena, budget)));
  verdicts.push_back(with_certificate(input, digest, prove_no_overflow(arena, budget)));
  verdicts.push_back(prove_one_decision(arena.moves));
  verdicts.push_back(with_modes(PropertyKind::RulesFire, [&](const std::vector<Mask>& modes) { return prove_rules_fire(arena, modes, budget, input.options.memory); }));
  verdicts.push_back(prove_fences_bite(arena.moves));
  return verdicts;
}

}  // namespace ringfence
