// SPDX-License-Identifier: Apache-2.0
// The order of the passes, in one place. In: any bytes. Out: the typed policy, the moves and the rule table, or what is wrong.
// Holds: a pass runs only on what the one before accepted; warnings of all passes that ran are kept.
#include <iterator>
#include <utility>

#include "compiler/passes.h"

namespace ringfence {

Passed<Compiled> compile(std::string_view source, const Limits& limits, const FileReader& read_file) {
  Passed<Compiled> compiled;
  const auto keep = [&compiled](Diagnostics found) {
    compiled.diagnostics.insert(compiled.diagnostics.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  };

  Passed<PolicyAst> parsed = parse(source, limits);
  keep(std::move(parsed.diagnostics));
  if (!parsed.artefact) return compiled;

  Passed<TypedPolicy> checked = check(*parsed.artefact, source, limits, read_file);
  keep(std::move(checked.diagnostics));
  if (!checked.artefact) return compiled;

  Passed<Moves> lowered = lower(*checked.artefact, limits);
  keep(std::move(lowered.diagnostics));
  if (!lowered.artefact) return compiled;

  std::vector<std::byte> table = emit(*lowered.artefact);
  compiled.artefact = Compiled{std::move(*checked.artefact), std::move(*lowered.artefact), std::move(table)};
  return compiled;
}

}  // namespace ringfence
