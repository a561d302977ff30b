// SPDX-License-Identifier: Apache-2.0
// Fences that hold only because of what balances and modes are: each is PROVED, and REFUTED with a replayed run once a guard is weakened
// by one.
#include "tests/verify/proof.h"
#include "tests/verify/state_policies.h"

using namespace ringfence;
using namespace ringfence::test;

TEST_CASE("fences that balances and modes keep are proved, and refuted once a guard is weakened by one") {
  for (const StatePolicy& policy : state_policies()) {
    INFO(policy.what);
    const FenceVerdict kept = judge(policy.with(policy.kept)), broken = judge(policy.with(policy.weakened));
    CHECK(kept.answer == Answer::Proved);
    CHECK((kept.certificate.find("pbal") != std::string::npos) == policy.balances_in_state);
    CHECK(broken.answer == Answer::Refuted);
  }
}
