// SPDX-License-Identifier: Apache-2.0
#include "verify/certificate.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "verify/smt_fence.h"
#include "verify/smt_move.h"
#include "verify/smt_text.h"

namespace ringfence {
namespace {

using Terms = std::vector<std::string>;

void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

class Writer {
 public:
  Writer(const Arena& arena, unsigned coin_count) : arena_(arena), coin_count_(coin_count), state_(arena, coin_count), slots_(arena, coin_count) {}

  InductiveProof prove(const Reach& reach, const std::vector<Mask>& possible) {
    const smt::InvariantParts parts = state_.parts(reach);
    written_ = never_obligations(arena_, possible);
    start_obligation();
    move_obligations(smt::MoveText(arena_, state_, slots_, parts, coin_count_), reach.guard_matters, possible);
    transition_obligations(possible);
    return {state_.prelude(parts), std::move(written_)};
  }

  std::string fence_obligation(const Fence& fence) {
    Terms asserted{state_.invariant_holds("inv", 0, "")};
    if (fence.in_custody && coin_count_ == 1) asserted.push_back(state_.invariant_holds("inv", 1, ""));
    asserted.push_back(smt::breaks(arena_, fence));
    obligation("fence: what it forbids is outside the invariant", asserted);
    return std::move(written_[0]);
  }

 private:
  void obligation(const std::string& meaning, const Terms& asserted) { written_.push_back(ringfence::obligation(meaning, asserted)); }

  void start_obligation() {
    Terms asserted = start_terms(arena_, state_, coin_count_);
    asserted.push_back(smt::negation(state_.invariant_holds("inv", 0, "")));
    obligation("start: every unit titled to the bucket that it is in, every mode the first", asserted);
  }

  void move_obligations(const smt::MoveText& text, const std::vector<bool>& guard_matters, const std::vector<Mask>& possible) {
    std::map<smt::MoveShape, smt::AlikeMoves> alike;
    std::set<std::string> done;
    for (Index index = 0; index < arena_.moves.moves.size(); ++index) {
      const Move& move = arena_.moves.moves[index];
      if (coin_count_ == 1 && !guard_matters[index] && !text.shares_overdrawn_account(arena_.bucket(move.from))) {
        smt::AlikeMoves& rows = alike[text.shape_of(move)];
        rows.from.insert(move.from);
        rows.to.insert(move.to);
        rows.moves.push_back(index);
        continue;
      }
      const Terms asserted = text.leaves_invariant(move, possible);
      if (done.insert(fmt::format("{}", fmt::join(asserted, "\n"))).second) obligation(fmt::format("move: {}", row_words(arena_.moves, move)), asserted);
    }
    for (const auto& [shape, rows] : alike)
      obligation(fmt::format("moves, whatever their guards: {} rows of the table such as {}", rows.moves.size(), row_words(arena_.moves, arena_.moves.moves[rows.moves[0]])),
                 text.leave_invariant(shape, rows, possible));
  }

  void transition_obligations(const std::vector<Mask>& possible) {
    for (const Transition& transition : arena_.moves.transitions) {
      if (!arena_.machine_matters[transition.machine]) continue;
      Terms asserted{state_.invariant_holds("inv", 0, "")};
      Terms ids;
      for (const Index key : state_.subject_keys(transition.machine)) ids.push_back(fmt::format("s{}", key));
      asserted.push_back(smt::one_of(smt::apply(fmt::format("mode{}", transition.machine), ids), transition.from_modes));
      append(asserted, slots_.ranges(transition.slots, possible));
      append(asserted, slots_.known(transition.slots, state_.subject_keys(transition.machine), {}));
      asserted.push_back(smt::holds(transition.guard));
      asserted.push_back(smt::negation(state_.invariant_holds("inv", 0, "", &transition)));
      obligation(fmt::format("change of mode: {}", statement_words(arena_.moves, transition.guard)), asserted);
    }
  }

  const Arena& arena_;
  const unsigned coin_count_;
  const smt::StateText state_;
  const smt::SlotText slots_;
  Obligations written_;
};

}  // namespace

std::string obligation(const std::string& meaning, const std::vector<std::string>& asserted) {
  std::string text = smt::comment(meaning) + "(push 1)\n";
  for (const std::string& term : asserted)
    if (term != "true") text += fmt::format("(assert {})\n", term);
  return text + "(check-sat)\n(pop 1)\n";
}

Obligations never_obligations(const Arena& arena, const std::vector<Mask>& possible) {
  Obligations never;
  const smt::SlotText slots(arena, 1);
  for (const Transition& transition : arena.moves.transitions) {
    const Mask set = possible[transition.machine];
    if (!arena.machine_matters[transition.machine] || !(set & transition.from_modes) || (set >> transition.to_mode & 1)) continue;
    Terms asserted = slots.ranges(transition.slots, possible);
    asserted.push_back(smt::holds(transition.guard));
    never.push_back(obligation(fmt::format("never: {}", statement_words(arena.moves, transition.guard)), asserted));
  }
  return never;
}

std::vector<std::string> start_terms(const Arena& arena, const smt::StateText& state, unsigned coin_count) {
  Terms asserted;
  for (unsigned coin = 0; coin < coin_count; ++coin) {
    const smt::SpotName title{fmt::format("title{}", coin), ""}, at{fmt::format("at{}", coin), ""};
    asserted.push_back(fmt::format("(and (<= 0 {0}) (< {0} {1}) (= {0} {2}))", title.bucket(), arena.moves.vocabulary.buckets.size(), at.bucket()));
    asserted.push_back(fmt::format("(and (<= 0 asset{0}) (< asset{0} {1}))", coin, arena.moves.vocabulary.assets.size()));
    for (const Index entity : state.entities()) asserted.push_back(smt::equal(title.id(entity), at.id(entity)));
  }
  for (const Index machine : state.machines())
    for (const smt::SpotName& spot : smt::spot_names(0, coin_count, "")) asserted.push_back(smt::equal(state.mode_seen(machine, spot), "0"));
  if (coin_count == 2) {
    asserted.push_back("(or (< asset0 asset1) (and (= asset0 asset1) (<= title0 title1)))");  // the two are named in this order
    for (const Fence& fence : arena.moves.vocabulary.fences)
      if (fence.in_custody) asserted.push_back(smt::negation(smt::breaks(arena, fence)));
  }
  return asserted;
}

InductiveProof inductive_proof(const Arena& arena, const Reach& reach, const std::vector<Mask>& possible, unsigned coin_count) {
  return Writer(arena, coin_count).prove(reach, possible);
}

std::string fence_obligation(const Arena& arena, const Fence& fence, unsigned coin_count) { return Writer(arena, coin_count).fence_obligation(fence); }

std::string table_line(const std::string& table_digest) { return smt::comment("SHA-256 of the rule table, its checksum and proof digest taken as zero: " + table_digest); }

std::string statement_line(std::uint32_t line, const std::string& statement) { return smt::comment(line == 0 ? "Proved: " + statement : fmt::format("Proved: line {}: {}", line, statement)); }

std::string certificate_opening(const Moves& moves, const std::string& table_digest, std::uint32_t line, const std::string& statement) {
  return smt::comment("A certificate of Ringfence: a proof about a rule table that gates transfers, for whoever does not want to take its word.") +
         smt::comment(fmt::format("Policy \"{}\" version \"{}\"", moves.vocabulary.policy_name, moves.vocabulary.policy_version)) +
         smt::comment("SHA-256 of the policy's text: " + moves.source_digest) + table_line(table_digest) + statement_line(line, statement);
}

std::string how_to_check(std::size_t obligations) {
  return smt::comment(fmt::format("To check it, give this file to any SMT-LIB 2 solver. It has to answer `unsat` {} times, and nothing else: each answer settles one", obligations)) +
         smt::comment("obligation, which asserts the opposite of what is claimed and so must be impossible.");
}

std::string statement_words(const Moves& moves, const Guarded& guarded) {
  const RuleText& rule = moves.statements[guarded.statement].words;
  return fmt::format("line {}: {}", rule.line, rule.text);
}

std::string row_words(const Moves& moves, const Move& move) {
  const Vocabulary& v = moves.vocabulary;
  return fmt::format("{} -> {} ({} relation {}), {}", v.buckets[move.from].name, v.buckets[move.to].name, v.assets[move.asset].name, move.relation,
                     statement_words(moves, move.allows[0]));
}

std::string certificate_header(const Arena& arena, const std::string& table_digest, const Fence& fence, unsigned coin_count, std::size_t obligations) {
  const Vocabulary& vocabulary = arena.moves.vocabulary;
  const bool one = coin_count == 1;
  std::string text = certificate_opening(arena.moves, table_digest, fence.line, fence.text) +
                     smt::comment("No sequence of transfers and changes of mode that this table allows, however long, with however many clients, breaks that fence.") +
                     how_to_check(obligations);
  for (const std::string& line : {
           fmt::format("The proof follows {} of money, of any title and with any ids. `inv` lists where {} can be. Each obligation is one of:",
                       one ? "one unit" : "two units", one ? "it" : "they"),
           std::string("  start           a clean start, every unit titled to the bucket that it is in, that is outside inv"),
           std::string("  never           a change into a mode that nothing can be in"),
           std::string("  move            a transfer by this rule that takes units inside inv to where they are outside of it"),
           std::string("  change of mode  a change by this transition after which units inside inv are outside of it"),
           std::string("  move of other money  a transfer that takes no such unit, after which balances that inv tells are outside of it"),
           std::string("  fence           units inside inv that are where the fence forbids them"),
           std::string("So runs start in inv, never leave it, and nothing in it breaks the fence. That these are all the moves of the table is not for a"),
           std::string("solver to see: `ringfence-checker` derives them from the table again. What else is assumed is listed in manifest.json."),
           std::string("Buckets and externals by number:")})
    text += smt::comment(line);
  for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket) text += smt::comment(fmt::format("  {} {}", bucket, vocabulary.buckets[bucket].name));
  return text;
}

}  // namespace ringfence
