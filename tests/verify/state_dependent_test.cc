// SPDX-License-Identifier: Apache-2.0
// Fences that hold only because of what balances and modes are: each is PROVED, and REFUTED with a replayed run once a guard is weakened
// by one.
#include "tests/verify/proof.h"
#include "tests/verify/state_policies.h"

using namespace ringfence;
using namespace ringfence::test;

TEST_CASE("fences that balances and modes keep are proved, and refuted once a guard is weakened by one") {
  for (const StatePolicy& policy : tried_state_policies()) {
    INFO(policy.what);
    const FenceVerdict kept = judge(policy.with(policy.kept)), broken = judge(policy.with(policy.weakened));
    CHECK(kept.answer == Answer::Proved);
    CHECK((kept.certificate.find("pbal") != std::string::npos) == policy.balances_in_state);
    CHECK(broken.answer == Answer::Refuted);
  }
}

TEST_CASE("what balances forbid on the first way to a state, they may allow on a longer one") {
  // The pro's money never gets to a retail wallet from the market where it came in: it is another market's turn that lets it.
  const FenceVerdict verdict = judge(fmt::format("{}{}", kStateWorld, R"(
bucket Retail.wallet
bucket Pro.wallet
bucket House.transit[Market]
bucket House.retail_turn[Market]
bucket House.pro_turn[Market]
segregate Retail from Pro
allow collect Pro.wallet -> House.transit by desk when balance(House.pro_turn) >= 1 USD and balance(House.retail_turn) = 0 USD
allow pay House.transit -> Retail.wallet by desk when balance(House.retail_turn) >= 1 USD and balance(House.pro_turn) = 0 USD
allow pay House.transit -> House.transit[other Market] by desk when balance(to) = 0 USD
allow put House.retail_turn -> House.pro_turn by desk when balance(House.transit) = 0 USD
)"));
  REQUIRE(verdict.answer == Answer::Refuted);
  CHECK(verdict.trace->steps.size() == 3);
}
