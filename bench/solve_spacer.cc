// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <z3.h>

#include "bench/spacer_baseline.h"
#include "verify/smt_fence.h"
#include "verify/smt_move.h"
#include "verify/smt_text.h"

namespace ringfence::bench {
namespace {

using Terms = std::vector<std::string>;

/// Constants that the certificate declares are variables here; a clause binds those that its text mentions.
std::string clause(const Terms& body, const std::string& head, const Terms& variables) {
  std::string text = smt::all(body) + " " + head, bound;
  for (const std::string& variable : variables) {
    const std::string name = variable.substr(1, variable.find(' ') - 1);
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const char before = text[at - 1], after = text[at + name.size()];
      if ((before != ' ' && before != '(') || (after != ' ' && after != ')')) continue;
      bound += variable;
      break;
    }
  }
  return fmt::format("(assert (forall ({}) (=> {})))\n", bound, text);
}

}  // namespace

std::string horn_system(const Moves& moves) {
  const Arena arena(moves);
  const smt::StateText state(arena, 1);
  const smt::SlotText slots(arena, 1);
  const smt::InvariantParts none{{}, std::vector<Index>(moves.vocabulary.buckets.size(), kNone)};
  const smt::MoveText move_text(arena, state, slots, none, 1);
  Terms variables{"(to Int)", "(amount Int)", "(pass Bool)", "(taken0 Bool)"};
  for (const char* suffix : {"", "_"}) {
    variables.push_back(fmt::format("(asset0{} Int)", suffix));
    for (const smt::SpotName& spot : smt::spot_names(0, 1, suffix)) {
      variables.push_back(fmt::format("({} Int)", spot.bucket()));
      for (const Index entity : state.entities()) variables.push_back(fmt::format("({} Int)", spot.id(entity)));
    }
  }
  for (const Index entity : state.entities()) {
    variables.push_back(fmt::format("(s{} Int)", entity));
    variables.push_back(fmt::format("(d{} Int)", entity));
  }
  for (std::size_t i = 0; i < kSlotsMax; ++i) {
    variables.push_back(fmt::format("(v{} Int)", i));
    variables.push_back(fmt::format("(persons{} Int)", i));
  }
  const std::string before = state.invariant_holds("Inv", 0, ""), after = state.invariant_holds("Inv", 0, "_");
  std::string text = fmt::format("(set-logic HORN)\n(declare-fun Inv ({}) Bool)\n", fmt::join(Terms(3 + 2 * state.entities().size(), "Int"), " "));
  Terms start{fmt::format("(and (<= 0 title0) (< title0 {}) (= title0 at0) (<= 0 asset0) (< asset0 {}))", moves.vocabulary.buckets.size(), moves.vocabulary.assets.size())};
  const auto spots = smt::spot_names(0, 1, "");
  for (const Index entity : state.entities()) start.push_back(smt::equal(spots[0].id(entity), spots[1].id(entity)));
  text += clause(start, before, variables);
  for (const Move& move : moves.moves) {
    Terms body{before};
    for (std::string& term : move_text.step(move, {})) body.push_back(std::move(term));
    text += clause(body, after, variables);
  }
  for (const Fence& fence : moves.vocabulary.fences)
    if (!fence.in_custody) text += clause({before, smt::breaks(arena, fence)}, "false", variables);
  return text + "(check-sat)\n";
}

/// In a process of its own, because Spacer can't always be stopped from within.
std::string ask_spacer(const std::string& text, std::uint32_t timeout_ms) {
  int answers[2];
  if (pipe(answers) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    alarm((timeout_ms + 999) / 1'000);
    Z3_config config = Z3_mk_config();
    Z3_context context = Z3_mk_context(config);
    const std::string answer = Z3_eval_smtlib2_string(context, text.c_str());
    _exit(write(answers[1], answer.data(), answer.size()) < 0);
  }
  close(answers[1]);
  std::string answer(64, '\0');
  const ssize_t size = read(answers[0], answer.data(), answer.size());
  close(answers[0]);
  waitpid(child, nullptr, 0);
  answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return answer.empty() ? "no answer" : answer.substr(0, answer.find('\n'));
}

}  // namespace ringfence::bench
