// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <z3.h>

#include "bench/spacer_baseline.h"
#include "verify/balance_proof.h"
#include "verify/smt_fence.h"
#include "verify/smt_move.h"
#include "verify/smt_text.h"

namespace ringfence::bench {
namespace {

using Terms = std::vector<std::string>;

}  // namespace

std::string horn_system(const Moves& moves) {
  const Arena arena(moves);
  const smt::StateText state(arena, 1);
  const smt::SlotText slots(arena, 1);
  const smt::InvariantParts none{{}, std::vector<Index>(moves.vocabulary.buckets.size(), kNone)};
  const smt::MoveText move_text(arena, state, slots, none, 1);
  const std::string variables = state.declarations();
  const std::string before = state.invariant_holds("Inv", 0, ""), after = state.invariant_holds("Inv", 0, "_");
  std::string text = fmt::format("(set-logic HORN)\n(declare-fun Inv ({}) Bool)\n", fmt::join(Terms(3 + 2 * state.entities().size(), "Int"), " "));
  text += horn_clause(variables, start_terms(arena, state, 1), before);
  for (const Move& move : moves.moves) {
    Terms body{before};
    for (std::string& term : move_text.step(move, {})) body.push_back(std::move(term));
    text += horn_clause(variables, body, after);
  }
  for (const Fence& fence : moves.vocabulary.fences)
    if (!fence.in_custody) text += horn_clause(variables, {before, smt::breaks(arena, fence)}, "false");
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
