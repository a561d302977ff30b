// SPDX-License-Identifier: Apache-2.0
// The check pass. In: a syntax tree and its text. Out: a typed policy in which every name is resolved, every unit agrees and every guard is
// linear, or diagnostics, as many as the text deserves. The parts run in the order in which one needs the other's names.
#include <algorithm>

#include "compiler/check_parts.h"
#include "compiler/table_digest.h"

namespace ringfence {
namespace {

void sort_by_place(Diagnostics& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.range.begin != b.range.begin ? a.range.begin < b.range.begin : a.code < b.code;
  });
}

}  // namespace

Passed<TypedPolicy> check(const PolicyAst& ast, std::string_view source, const Limits& limits, const FileReader& read_file) {
  checking::State state(ast, source, limits, read_file);
  Vocabulary& vocabulary = state.policy.vocabulary;
  vocabulary.policy_name = ast.name.text;
  vocabulary.policy_version = ast.version.text;
  if (ast.cite) vocabulary.policy_cite = ast.cite->text;

  check_names(state);
  check_places(state);
  check_facts(state);
  check_calendars(state);
  check_machines(state);
  check_fences(state);
  check_rules(state);
  check_floors(state);
  check_limits(state);
  check_transitions(state);
  check_brought_modes(state);
  check_invariants(state);
  check_scenarios(state);
  if (state.error_count() == 0) lint(state);

  state.policy.source_digest = sha256(std::string(source) + state.files);
  Passed<TypedPolicy> passed;
  const bool good = state.error_count() == 0;
  passed.diagnostics = state.take_diagnostics();
  sort_by_place(passed.diagnostics);
  if (good) passed.artefact = std::move(state.policy);
  return passed;
}

}  // namespace ringfence
