// SPDX-License-Identifier: Apache-2.0
#include "verify/certificate.h"

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
  Writer(const Arena& arena, unsigned coin_count)
      : arena_(arena), coin_count_(coin_count), state_(arena, coin_count), slots_(arena, coin_count), move_(arena, state_, slots_, coin_count) {}

  void obligation(const std::string& meaning, const Terms& asserted) {
    written_.text += smt::comment(meaning) + "(push 1)\n";
    for (const std::string& term : asserted)
      if (term != "true") written_.text += fmt::format("(assert {})\n", term);
    written_.text += "(check-sat)\n(pop 1)\n";
    ++written_.count;
  }

  void start_obligation() {
    Terms asserted;
    for (unsigned coin = 0; coin < coin_count_; ++coin) {
      const smt::SpotName title{fmt::format("title{}", coin), ""}, at{fmt::format("at{}", coin), ""};
      asserted.push_back(fmt::format("(and (<= 0 {0}) (< {0} {1}) (= {0} {2}))", title.bucket(), arena_.moves.vocabulary.buckets.size(), at.bucket()));
      asserted.push_back(fmt::format("(and (<= 0 asset{0}) (< asset{0} {1}))", coin, arena_.moves.vocabulary.assets.size()));
      for (const Index entity : state_.entities()) asserted.push_back(smt::equal(title.id(entity), at.id(entity)));
    }
    for (const Index machine : state_.machines())
      for (const smt::SpotName& spot : smt::spot_names(0, coin_count_, "")) asserted.push_back(smt::equal(state_.mode_seen(machine, spot), "0"));
    if (coin_count_ == 2) {
      asserted.push_back("(or (< asset0 asset1) (and (= asset0 asset1) (<= title0 title1)))");  // the two are named in this order
      for (const Fence& fence : arena_.moves.vocabulary.fences)
        if (fence.in_custody) asserted.push_back(smt::negation(smt::breaks(arena_, fence)));
    }
    asserted.push_back(smt::negation(state_.invariant_holds("inv", 0, "")));
    obligation("start: every unit titled to the bucket that it is in, every mode the first", asserted);
  }

  /// The modes that are never reached at all: each transition into one of them has a guard that can't hold.
  void modes_obligations(const std::vector<Mask>& possible) {
    for (const Transition& transition : arena_.moves.transitions) {
      const Mask set = possible[transition.machine];
      if (!arena_.machine_matters[transition.machine] || !(set & transition.from_modes) || (set >> transition.to_mode & 1)) continue;
      Terms asserted = slots_.ranges(transition.slots, possible);
      asserted.push_back(smt::holds(transition.guard));
      obligation(fmt::format("never: {}", words(transition.guard)), asserted);
    }
  }

  void move_obligations(const std::vector<Mask>& possible) {
    std::set<std::string> done;
    for (const Move& move : arena_.moves.moves) {
      const Terms asserted = move_.leaves_invariant(move, possible);
      if (!done.insert(fmt::format("{}", fmt::join(asserted, "\n"))).second) continue;
      obligation(fmt::format("move: {} -> {} ({} relation {}), {}", arena_.bucket(move.from).name, arena_.bucket(move.to).name,
                             arena_.moves.vocabulary.assets[move.asset].name, move.relation, words(move.allows[0])),
                 asserted);
    }
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
      obligation(fmt::format("change of mode: {}", words(transition.guard)), asserted);
    }
  }

  void fence_obligation(const Fence& fence) {
    Terms asserted{state_.invariant_holds("inv", 0, "")};
    if (fence.in_custody && coin_count_ == 1) asserted.push_back(state_.invariant_holds("inv", 1, ""));
    asserted.push_back(smt::breaks(arena_, fence));
    obligation("fence: what it forbids is outside the invariant", asserted);
  }

  Obligations take() { return std::move(written_); }

 private:
  std::string words(const Guarded& guarded) const {
    const RuleText& rule = arena_.moves.statements[guarded.statement].words;
    return fmt::format("line {}: {}", rule.line, rule.text);
  }

  const Arena& arena_;
  const unsigned coin_count_;
  const smt::StateText state_;
  const smt::SlotText slots_;
  const smt::MoveText move_;
  Obligations written_;
};

}  // namespace

std::string certificate_prelude(const Arena& arena, const Reach& reach, unsigned coin_count) { return smt::StateText(arena, coin_count).prelude(reach); }

Obligations inductive_obligations(const Arena& arena, const std::vector<Mask>& possible, unsigned coin_count) {
  Writer writer(arena, coin_count);
  writer.modes_obligations(possible);
  writer.start_obligation();
  writer.move_obligations(possible);
  writer.transition_obligations(possible);
  return writer.take();
}

Obligations fence_obligation(const Arena& arena, const Fence& fence, unsigned coin_count) {
  Writer writer(arena, coin_count);
  writer.fence_obligation(fence);
  return writer.take();
}

std::string certificate_header(const Arena& arena, const Fence& fence, unsigned coin_count, std::uint32_t obligations) {
  const Vocabulary& vocabulary = arena.moves.vocabulary;
  const bool one = coin_count == 1;
  std::string text =
      smt::comment(fmt::format("Ringfence certificate. Policy \"{}\" version \"{}\", SHA-256 of its text {}.", vocabulary.policy_name,
                          vocabulary.policy_version, arena.moves.source_digest)) +
      smt::comment(fmt::format("Line {}: {}", fence.line, fence.text)) +
      smt::comment(fmt::format("{} obligations: each check-sat must answer unsat. Any SMT-LIB 2 solver can run this file.", obligations)) +
      smt::comment(fmt::format("It follows {} of money, of any title and any ids, through every move of the compiled table; `inv` says where {} can be.",
                          one ? "one unit" : "two units", one ? "it" : "they")) +
      smt::comment("start: the first state of every run is in inv. never: a mode that can't be entered. move, change of mode: no step leaves inv.") +
      smt::comment("fence: nothing in inv is what the fence forbids. Buckets and externals by number:");
  for (Index bucket = 0; bucket < vocabulary.buckets.size(); ++bucket) text += smt::comment(fmt::format("  {} {}", bucket, vocabulary.buckets[bucket].name));
  return text;
}

}  // namespace ringfence
