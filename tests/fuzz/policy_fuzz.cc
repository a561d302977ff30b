// SPDX-License-Identifier: Apache-2.0
// Any bytes through parse, check, lower and emit: no crash, no hang, no undefined behaviour, at most as many diagnostics as allowed.
// Run: fuzz_policy -dict=tests/fuzz/policy.dict -max_len=4096 CORPUS tests/compiler/golden policies
#include <cstdlib>
#include <string_view>

#include "compiler/passes.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace ringfence;
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  Limits limits;
  limits.moves = 10'000;   // keeps one input short
  const auto compiled = compile(source, limits);
  if (compiled.artefact.has_value() == has_errors(compiled.diagnostics)) std::abort();
  if (render(compiled.diagnostics, "fuzz.rf", source).empty() != compiled.diagnostics.empty()) std::abort();
  return 0;
}
