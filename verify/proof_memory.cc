// SPDX-License-Identifier: Apache-2.0
// See proof_memory.h. Comments say where an obligation comes from (a line, how many rows), not what is asked: they are left out of keys.
#include "verify/proof_memory.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "compiler/table_digest.h"

namespace ringfence {
namespace {

constexpr std::string_view kBegin = "(push 1)\n", kEnd = "(check-sat)\n(pop 1)\n";

/// Without the lines that are comments. No text of a certificate has a quoted name or a string that a line could begin in.
std::string without_comments(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size() - 1) + 1;
    if (text[from] != ';') kept.append(text.substr(from, end - from));
    from = end;
  }
  return kept;
}

}  // namespace

void ProofMemory::begin_proof() {
  const std::lock_guard lock(mutex_);
  unsat_.merge(new_unsat_);
  answers_.merge(new_answers_);
  new_unsat_.clear();
  new_answers_.clear();
  found_.clear();
  found_taken_over_.clear();
}

bool ProofMemory::take_over(std::string_view certificate) {
  const std::string text = without_comments(certificate);
  std::size_t at = text.find(kBegin);
  const Scope scope(this, std::string_view(text).substr(0, at));
  std::vector<std::string_view> obligations;
  while (at < text.size()) {
    const std::size_t end = text.find(kEnd, at);
    if (!std::string_view(text).substr(at).starts_with(kBegin) || end == std::string::npos) return false;
    const std::string_view one = std::string_view(text).substr(at, end + kEnd.size() - at);
    if (one.find(kBegin, 1) != std::string_view::npos) return false;
    obligations.push_back(one);
    at = end + kEnd.size();
  }
  for (const std::string_view one : obligations) scope.keep_unsat(one, true);
  return !obligations.empty();
}

bool ProofMemory::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (unsat_.contains(key)) found_.insert(key);
  else if (taken_over_.contains(key)) found_taken_over_.insert(key);
  else return false;
  return true;
}

void ProofMemory::keep(std::string key, bool taken_over) {
  const std::lock_guard lock(mutex_);
  if (!is_full()) (taken_over ? taken_over_ : new_unsat_).insert(std::move(key));
}

std::optional<bool> ProofMemory::answer(const std::string& question) const {
  const std::string key = sha256(question);
  const std::lock_guard lock(mutex_);
  const auto known = answers_.find(key);
  return known == answers_.end() ? std::nullopt : std::optional(known->second);
}

void ProofMemory::keep_answer(const std::string& question, bool possible) {
  std::string key = sha256(question);
  const std::lock_guard lock(mutex_);
  if (!is_full()) new_answers_.try_emplace(std::move(key), possible);
}

std::size_t ProofMemory::obligations_found() const {
  const std::lock_guard lock(mutex_);
  return found_.size();
}

std::size_t ProofMemory::obligations_taken_over() const {
  const std::lock_guard lock(mutex_);
  return found_taken_over_.size();
}

std::size_t ProofMemory::obligations_answered() const {
  const std::lock_guard lock(mutex_);
  return new_unsat_.size();
}

ProofMemory::Scope::Scope(ProofMemory* memory, std::string_view prelude) : memory_(memory), prelude_digest_(memory ? sha256(without_comments(prelude)) : "") {}

bool ProofMemory::Scope::is_known_unsat(std::string_view obligation) const { return memory_ != nullptr && memory_->find(key(obligation)); }

void ProofMemory::Scope::keep_unsat(std::string_view obligation, bool taken_over) const {
  if (memory_ != nullptr) memory_->keep(key(obligation), taken_over);
}

/// The digest of the prelude has one length, so where it ends is no matter of choice.
std::string ProofMemory::Scope::key(std::string_view obligation) const { return sha256(prelude_digest_ + without_comments(obligation)); }

}  // namespace ringfence
