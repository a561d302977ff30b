// SPDX-License-Identifier: Apache-2.0
#include "verify/claim_certificate.h"

#include <fmt/format.h>

#include "verify/smt_text.h"

namespace ringfence {
namespace {

/// "b2_0_k0_s": the balance of bucket 2 in asset 0 of the member k0, over all ids of the second key.
std::string parameter(const Slot& slot) {
  std::string name;
  switch (slot.kind) {
    case SlotKind::Balance: name = fmt::format("b{}_{}", slot.target, slot.asset); break;
    case SlotKind::BucketTotal: name = fmt::format("t{}_{}", slot.target, slot.asset); break;
    case SlotKind::AccountTotal: name = fmt::format("a{}_{}", slot.target, slot.asset); break;
    case SlotKind::Fact: name = fmt::format("f{}", slot.target); break;
    default: name = fmt::format("m{}", slot.target); break;
  }
  for (const KeySource& key : slot.keys) name += key.from == KeySource::From::Summed ? "_s" : fmt::format("_k{}", key.position);
  return name;
}

template <class Declared, class Name>
std::string numbered(const char* what, const std::vector<Declared>& all, Name name) {
  std::string text;
  for (std::size_t i = 0; i < all.size(); ++i) text += smt::comment(fmt::format("  {} {}  {}", what, i, name(all[i])));
  return text;
}

std::string names(const Vocabulary& v) {
  return smt::comment("By number:") + numbered("bucket", v.buckets, [](const Bucket& one) { return one.name; }) +
         numbered("entity", v.entities, [](const Entity& one) { return one.name; }) +
         numbered("asset", v.assets, [](const Asset& one) { return one.name; }) + numbered("account", v.accounts, [](const Account& one) { return one.name; }) +
         numbered("fact", v.facts, [](const Fact& one) { return one.name; }) + numbered("mode of", v.machines, [&](const ModeMachine& one) {
           return fmt::format("{}: {}", subject_name(v, one.subject), fmt::join(one.modes, ", "));
         });
}

}  // namespace

void name_claims(std::vector<Claim>& claims, std::optional<Claim>& invariant) {
  const auto ending = [](const Claim& claim) { return claim.at_end_only ? "_at_end" : ""; };
  for (std::size_t i = 0; i < claims.size(); ++i) claims[i].name = fmt::format("claim{}{}", i, ending(claims[i]));
  if (invariant) invariant->name = fmt::format("invariant{}", ending(*invariant));
}

std::string claim_definition(const Moves& moves, const Claim& claim) {
  std::vector<std::string> parameters;
  std::string values;
  for (std::size_t i = 0; i < claim.slots.size(); ++i) {
    parameters.push_back(fmt::format("({} Int)", parameter(claim.slots[i])));
    values += fmt::format("(v{} {})", i, parameter(claim.slots[i]));
  }
  for (const Index unread : unread_keys(claim)) parameters.push_back(fmt::format("(e{}_k{} Int)", claim.keys[unread], unread));
  const std::string from = claim.formula.statement == kNone ? "found by the proof" : claim.written ? "written in " : "found by the proof, from ";
  return smt::comment(fmt::format("{}, {}{}", claim.name, from, claim.formula.statement == kNone ? "" : statement_words(moves, claim.formula))) +
         fmt::format("(define-fun {} ({}) Bool\n  (let ({}) {}))\n", claim.name, fmt::join(parameters, " "), values, smt::holds(claim.formula));
}

std::string claim_certificate(const Moves& moves, const std::string& table_digest, Index statement, const std::vector<const Claim*>& claims, const Obligations& obligations) {
  const RuleText& words = moves.statements[statement].words;
  std::string text = certificate_opening(moves, table_digest, words.line, words.text);
  text += smt::comment("It holds at every clean start, and no transfer, batch or change of mode that this table allows leads to where it does not hold, for any members;") +
          smt::comment("where it reads a fact: from where it holds, under the values that the facts then have.") + how_to_check(obligations.size());
  for (const char* line : {
           "The proof is by induction over the claims below. Each is true of every state at the end of a batch; one whose name does not end in `_at_end` is true between",
           "the transfers of a batch, too. What is proved is one of them; or it is called `invariant`, which follows from them, or reads a fact and is shown in the same way,",
           "but assumed for its own step only. The parameters of a claim say by their names what of a state it reads, of any members:",
           "  b2_0_k0_k1   what bucket 2 holds in asset 0, of the members k0 and k1",
           "  t2_0_k0_s    what it holds over all ids (s) of its second key, of the member k0",
           "  a1_0_k0      the total of account 1 in asset 0, of the member k0",
           "  f3_k0, m4_k0 the fact 3, and the number of the mode of machine 4, from 0",
           "  e1_k0        nothing, but that it is about members k0 of entity 1: where there are none, it says nothing",
           "Members of one name are one member; others may be the same or not. In the obligations a state is functions of ids: b2_0, t2_0_01 (1: over all ids), f3, m4;",
           "`a` is the amount of a transfer; q, s and d are ids of the claim, of the source (or of the subject of a mode) and of the destination; e1 is a member of entity 1",
           "where none is in sight, and some1 is 0 where there is none at all. Each obligation is one of:",
           "  start           a clean start, where the written invariants and floors hold and every mode is the first, and the claim does not hold",
           "  transfer        a transfer by this rule from where the claims hold to where the claim does not; of a claim `_at_end`, one that takes nothing under a floor from it",
           "  change of mode  a change by this transition from where the claims hold to where the claim does not",
           "  end             the end of a batch that has taken from these balances, where their floors hold and the claim does not",
           "  follows         the end of a batch, where the claims hold and the invariant does not",
           "A claim that the author wrote needs no start: a clean start is one where it holds. That these are all the steps of the table is not for a",
           "solver to see: `ringfence-checker` derives them from the table again. What else is assumed is listed in manifest.json."})
    text += smt::comment(line);
  text += names(moves.vocabulary) + kClaimPrelude;
  for (const Claim* claim : claims) text += claim_definition(moves, *claim);
  for (const std::string& one : obligations) text += one;
  return text;
}

}  // namespace ringfence
