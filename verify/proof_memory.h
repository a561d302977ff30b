// SPDX-License-Identifier: Apache-2.0
// What solvers have answered in earlier proofs, so that a policy changed in one rule is proved again without asking the rest once more. An
// answer is found again by the whole content of its question and by nothing else: no number that another table may give to something else
// stands for that thing alone. soundness.md, "Proved again".
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace ringfence {

/// Shared by the threads of one proof, and given to one proof after another, never to two at once. Answers that a proof gets are found from
/// the next proof on, so what it finds does not depend on which of its threads was first. Only `unsat` of an obligation is kept, and only
/// yes or no of a question: what was not answered is asked again.
class ProofMemory {
 public:
  /// Beyond so many answers nothing new is kept.
  explicit ProofMemory(std::size_t answers_max = 1'000'000) : answers_max_(answers_max) {}

  /// What the last proof was answered can be found from now on; counts begin anew.
  void begin_proof();

  /// Takes over each obligation of a certificate that this program wrote, as answered `unsat` on the word of whoever hands it in. False, and
  /// nothing is taken over, when the text is not laid out as one. It is looked at for its layout only: commands are not (smt_script.h does that).
  bool take_over(std::string_view certificate);

  /// The obligations under one prelude: declarations and the invariant, which are part of what was answered.
  class Scope;

  /// Could some values do it: what was answered to the question with this content.
  std::optional<bool> answer(const std::string& question) const;
  void keep_answer(const std::string& question, bool possible);

  /// Of the current proof, different obligations: found, for it was answered in a proof before; found, but only taken over; answered `unsat`.
  std::size_t obligations_found() const;
  std::size_t obligations_taken_over() const;
  std::size_t obligations_answered() const;

 private:
  bool find(const std::string& key);
  void keep(std::string key, bool taken_over);
  bool is_full() const { return unsat_.size() + new_unsat_.size() + taken_over_.size() + answers_.size() + new_answers_.size() >= answers_max_; }

  const std::size_t answers_max_;
  mutable std::mutex mutex_;                                     ///< guards all below
  std::unordered_set<std::string> unsat_, new_unsat_, taken_over_, found_, found_taken_over_;   ///< by digest of the prelude and the obligation
  std::unordered_map<std::string, bool> answers_, new_answers_;  ///< by digest of the question
};

class ProofMemory::Scope {
 public:
  /// `memory` may be null: then nothing is found, and nothing kept.
  Scope(ProofMemory* memory, std::string_view prelude);
  bool is_known_unsat(std::string_view obligation) const;
  void keep_unsat(std::string_view obligation, bool taken_over = false) const;

 private:
  std::string key(std::string_view obligation) const;
  ProofMemory* memory_;
  std::string prelude_digest_;
};

}  // namespace ringfence
