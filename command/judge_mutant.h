// SPDX-License-Identifier: Apache-2.0
// A policy, and then one mutant of it after another; out comes who notices that a mutant is another policy: its scenarios, transfers with what is expected of
// them, or the proofs; and where nobody does, whether it is shown to be the same policy after all. What is cheap is asked first, and nothing more
// once a mutant is noticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/load.h"
#include "command/record.h"
#include "command/same_titles.h"
#include "compiler/files_beside.h"
#include "verify/diff.h"
#include "verify/proof_memory.h"
#include "verify/verify.h"

namespace ringfence {

enum class MutantFate : std::uint8_t {
  NoPolicy,      ///< it has errors: who makes this mistake is told at once
  Noticed,       ///< by a scenario, a transfer, or a fence, property or invariant that is PROVED of the policy and not of it
  Equivalent,    ///< unnoticed, and shown to be the same policy: by `diff`, or where that finds only title, by what fences can tell of it (same_titles.h)
  Undecided,     ///< unnoticed by scenarios and transfers; a proof or `diff` did not end in time. Never counts as noticed
  Survived,      ///< unnoticed, and another policy
};
const char* fate_word(MutantFate) noexcept;   ///< "noticed"

struct Judgement {
  MutantFate fate{};
  std::string why;   ///< the error, who noticed and what, or what `diff` says, in one line
  std::optional<Scenario> scenario{};   ///< Survived: one that passes on the policy and fails on the mutant, where there is one; it has no name
};

class MutantJudge {
 public:
  /// `policy` and `transfers` outlive the judge. `policy` was made from `source`, with the files beside it.
  MutantJudge(const PolicyText& source, const LoadedPolicy& policy, const std::vector<Record>& transfers, const Budget& budget)
      : source_(source), policy_(policy), transfers_(transfers), budget_(budget), read_file_(files_beside(source.path())) {}

  /// Before any other call: why the policy itself is no measure, in a sentence; nothing when its scenarios pass and its transfers are as expected. Proves it.
  std::optional<std::string> prepare();
  /// A mutant declares what the policy does, so the policy's scenarios are run on it as they are: its own, if it has any, are not.
  Judgement judge(std::string_view text);

 private:
  std::optional<std::string> noticed_by_scenarios(const LoadedPolicy& mutant) const;
  std::optional<std::string> noticed_by_transfers(const LoadedPolicy& mutant) const;
  std::optional<std::string> noticed_by_proofs(const Verdict& mutant) const;
  Verdict prove(const LoadedPolicy&);
  Judgement compare(const LoadedPolicy& mutant);
  bool has_same_titles(const LoadedPolicy& mutant);
  std::optional<Scenario> telling_scenario(const Difference&, const LoadedPolicy& mutant) const;

  const PolicyText& source_;
  const LoadedPolicy& policy_;
  const std::vector<Record>& transfers_;
  Budget budget_;
  FileReader read_file_;
  ProofMemory memory_;
  Verdict verdict_;
  std::optional<TitleSteps> title_steps_;   // of the policy, once asked for
};

}  // namespace ringfence
