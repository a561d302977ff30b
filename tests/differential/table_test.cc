// SPDX-License-Identifier: Apache-2.0
// The reference interpreter and the compiled table agree: on every transfer over every small policy of the menu, and on at least a
// million random transfers over random policies. RINGFENCE_SEED and RINGFENCE_TRANSFERS choose other ones; a difference prints its seed.
#include <catch2/catch.hpp>

#include <iostream>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"

namespace ringfence::differential {
namespace {

constexpr std::uint64_t kSessionsPerPolicy = 6, kStepsPerSession = 40;

void print(const char* what, const Tally& tally) {
  std::cout << what << ": " << tally.policies << " policies (" << tally.rejected << " more did not compile), " << tally.transfers
            << " transfers in and out of " << tally.batches << " batches, " << tally.mode_changes << " mode changes, " << tally.repeats
            << " repeats, " << tally.modes_brought << " changes of mode that came with transfers\n ";
  for (std::size_t i = 0; i < kReasonCount; ++i)
    std::cout << " " << reason_word(static_cast<Reason>(i)) << " " << tally.reasons[i];
  std::cout << std::endl;
}

Instance small_instance(const Vocabulary& vocabulary, Index place, std::uint64_t id) {
  return {place, static_cast<std::uint8_t>(vocabulary.buckets[place].keys.size()), {id}};
}

// Every (from, to, amount) over three places and two ids, decided without being applied.
std::string compare_everywhere(const LoadedPolicy& loaded, std::uint64_t wallet_balance, Tally& tally) {
  const Vocabulary& vocabulary = loaded.policy.vocabulary;
  Gate gate(loaded.table);
  reference::State state;
  for (Index place = 0; place < vocabulary.buckets.size(); ++place)
    for (std::uint64_t id = 1; id <= 2 && !vocabulary.buckets[place].external; ++id) {
      const Int128 balance = static_cast<Int128>((wallet_balance + place + id) % 4);
      state.add(small_instance(vocabulary, place, id), 0, balance);
      if (!gate.open_balance(small_instance(vocabulary, place, id), 0, balance)) return "the gate refuses an opening balance";
    }
  for (Index places = 0; places < 9; ++places)
    for (std::uint64_t ids = 0; ids < 4; ++ids)
      for (Int128 amount = 1; amount <= 3; ++amount) {
        Transfer transfer{0, small_instance(vocabulary, places / 3, 1 + ids / 2), small_instance(vocabulary, places % 3, 1 + ids % 2), 0,
                          amount, {}};
        transfer.authority.role = 0;
        const Needs needed = needs(loaded.table, transfer);
        Decision decision;
        decision.reason = needed.reason;
        if (needed.reason == Reason::Allowed)
          decision = decide(loaded.table, transfer, needed, gate.fetch(needed, transfer.from, transfer.to, 0));
        ++tally.transfers;
        ++tally.reasons[static_cast<std::size_t>(decision.reason)];
        const std::string what = difference(reference::judge(loaded.policy, state, transfer), decision);
        if (!what.empty()) return what + "\n  " + generate::print(vocabulary, transfer) + "\n" + generate::print(vocabulary, state);
      }
  return "";
}

}  // namespace

TEST_CASE("table and reference agree on every transfer over every small policy") {
  Tally tally;
  const std::size_t stride = kIsSanitized ? 7 : 1;
  for (std::size_t i = 0; i < generate::small_policy_count(); i += stride) {
    const std::string text = generate::small_policy(i);
    std::string why;
    const auto loaded = load_policy(text, why);
    INFO("small policy " << i << "\n" << text << why);
    REQUIRE(loaded);
    ++tally.policies;
    for (const std::uint64_t balance : {0u, 2u}) {
      const std::string what = compare_everywhere(*loaded, balance, tally);
      INFO(what);
      REQUIRE(what.empty());
    }
  }
  print("all small policies", tally);
}

TEST_CASE("table and reference agree on random transfers over random policies") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_TRANSFERS", kIsSanitized ? 200'000 : 1'000'000);
  Tally tally;
  for (std::uint64_t seed = first_seed; tally.transfers < wanted; ++seed) {
    const std::string text = generate::random_policy(seed, {});
    std::string why;
    const auto loaded = load_policy(text, why);
    INFO("RINGFENCE_SEED=" << seed << "\n" << text);
    if (!loaded) {
      if (tally.rejected < 3) std::cout << "seed " << seed << " does not compile:\n" << why << "\n";
      ++tally.rejected;
      REQUIRE(why.find("decode(") == std::string::npos);
      REQUIRE(why.find("does not load") == std::string::npos);
      REQUIRE(tally.rejected < 20 + tally.policies);
      continue;
    }
    ++tally.policies;
    for (std::uint64_t s = 0; s < kSessionsPerPolicy; ++s) {
      Session session(loaded->policy, loaded->table, seed * 1000 + s);
      bool agree = true;
      for (std::uint64_t i = 0; i < kStepsPerSession && agree; ++i) agree = session.step(tally);
      agree = agree && session.ends_equal();
      INFO(session.report());
      REQUIRE(agree);
    }
  }
  print("random policies", tally);
  CHECK(tally.rejected * 50 < tally.policies);
  CHECK((tally.modes_brought > 0 || wanted < 200'000));
  for (std::size_t i = 0; i < kReasonCount && wanted >= 200'000; ++i) {
    INFO("no answer was " << reason_word(static_cast<Reason>(i)));
    CHECK(tally.reasons[i] > 0);
  }
}

}  // namespace ringfence::differential
