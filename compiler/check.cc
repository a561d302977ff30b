// SPDX-License-Identifier: Apache-2.0
// The check pass. In: a syntax tree and its text. Out: a typed policy in which every name is resolved, every unit agrees and every guard is
// linear, or diagnostics, as many as the text deserves. The parts run in the order in which one needs the other's names.
#include <sodium.h>

#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_parts.h"

namespace ringfence {
namespace {

std::string digest_of(std::string_view source) {
  unsigned char bytes[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(bytes, reinterpret_cast<const unsigned char*>(source.data()), source.size());
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

void sort_by_place(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.range.begin != b.range.begin ? a.range.begin < b.range.begin : a.code < b.code;
  });
}

}  // namespace

Passed<TypedPolicy> check(const PolicyAst& ast, std::string_view source, const Limits& limits) {
  checking::State state(ast, source, limits);
  Vocabulary& vocabulary = state.policy.vocabulary;
  vocabulary.policy_name = ast.name.text;
  vocabulary.policy_version = ast.version.text;
  if (ast.cite) vocabulary.policy_cite = ast.cite->text;
  state.policy.source_digest = digest_of(source);

  check_names(state);
  check_places(state);
  check_facts(state);
  check_machines(state);
  check_fences(state);
  check_rules(state);
  check_floors(state);
  check_limits(state);
  check_transitions(state);
  check_scenarios(state);
  if (state.error_count() == 0) lint(state);

  Passed<TypedPolicy> passed;
  const bool good = state.error_count() == 0;
  passed.diagnostics = state.take_diagnostics();
  sort_by_place(passed.diagnostics);
  if (good) passed.artefact = std::move(state.policy);
  return passed;
}

}  // namespace ringfence
