// SPDX-License-Identifier: Apache-2.0
// The table is the policy: PROVED for every policy that there is at hand, each with its table as compiled. That a table which is not the
// policy's is never PROVED is the business of seeded_faults_test.cc.
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "tests/generate/policy.h"
#include "tests/shipped_policies.h"
#include "tests/verify/proof.h"
#include "tests/size_of_run.h"
#include "verify/equivalence.h"

namespace ringfence {
namespace {

using test::kIsSanitized;
using test::number_from_environment;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What the examples of the language reference name.
const std::string kReference = SOURCE_DIR "/grammar/language.md";

std::string describe(const Equivalence& result) { return result.difference ? print(*result.difference) : result.reason; }

/// Compiles, loads, proves; the seconds that the proof took.
double require_proved(const std::string& source, std::size_t* questions = nullptr, const FileReader& files = {}) {
  Passed<Compiled> compiled = compile(source, {}, files);
  INFO(source << "\n" << render(compiled.diagnostics, "policy.rf", source));
  REQUIRE(compiled.artefact);
  auto loaded = RuleTable::load(std::move(compiled.artefact->table));
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  const auto start = std::chrono::steady_clock::now();
  const Equivalence result = prove_equivalent(compiled.artefact->policy, std::get<RuleTable>(loaded));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  INFO(describe(result));
  REQUIRE(result.answer == Answer::Proved);
  CHECK(result.obligations > 0);
  if (questions != nullptr) *questions += result.questions;
  return seconds;
}

TEST_CASE("each shipped policy's table is the policy") {
  std::size_t questions = 0;
  for (const test::ShippedPolicy& policy : test::shipped_policies()) {
    const double seconds = require_proved(policy.text, &questions, files_beside(policy.path.string()));
    std::cout << fmt::format("{}: {:.1f} ms\n", policy.path.parent_path().filename().string(), seconds * 1000);
    CHECK((kIsSanitized || seconds < 0.3));
  }
  CHECK(questions == 0);   // each is the same by form: a change that makes the solver work shows here
}

TEST_CASE("the table of each example of the language reference is the policy") {
  const std::string text = read(kReference);
  const std::string opening = "\n```ringfence\n", closing = "\n```\n";
  std::string base;
  std::size_t count = 0;
  for (std::size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    const std::size_t begin = at + opening.size(), end = text.find(closing, begin - 1);
    REQUIRE(end != std::string::npos);
    const std::string block = text.substr(begin, end + 1 - begin);
    if (base.empty()) base = block;
    require_proved(block.starts_with("policy ") ? block : base + block, nullptr, files_beside(kReference));
    at = end;
    ++count;
  }
  CHECK(count > 50);
}

TEST_CASE("the tables of random policies are the policies") {
  const std::uint64_t first_seed = number_from_environment("RINGFENCE_SEED", 1);
  const std::uint64_t wanted = number_from_environment("RINGFENCE_POLICIES", kIsSanitized ? 100 : 2'000);
  std::size_t questions = 0, count = 0;
  for (std::uint64_t seed = first_seed; count < wanted; ++seed) {
    const std::string source = generate::random_policy(seed, {});
    if (!compile(source).artefact) continue;
    INFO("RINGFENCE_SEED=" << seed);
    require_proved(source, &questions);
    ++count;
  }
  std::cout << fmt::format("{} random policies: each table is its policy; {} questions to the solver\n", count, questions);
}

const char* const kSmallPolicy = R"(policy "small" version "1"
asset USD decimals 2
role ops, boss
purpose pay
entity Client many
external Client.bank
bucket Client.wallet
allow pay Client.wallet -> Client.bank by ops when amount <= 100 USD and (amount <= 5 USD or approved by 2 of boss)
)";

/// The policy with its moves changed, and what the proof says then.
Equivalence prove_changed(const char* source, const std::function<void(Moves&)>& change, const EquivalenceOptions& options = {}) {
  Passed<Compiled> compiled = compile(source);
  REQUIRE(compiled.artefact);
  change(compiled.artefact->moves);
  auto loaded = RuleTable::load(emit(compiled.artefact->moves));
  REQUIRE(std::holds_alternative<RuleTable>(loaded));
  return prove_equivalent(compiled.artefact->policy, std::get<RuleTable>(loaded), options);
}

TEST_CASE("a table that says the same in another way is proved by the solver") {
  const auto also_at_most = [](Int128 cents) {
    return [cents](Moves& moves) {
      Clause& clause = moves.moves.at(0).allows.at(0).clauses.at(0);
      REQUIRE(clause.nodes.size() == 1);
      Node looser = clause.nodes[0];
      looser.test.constant = cents;
      clause.nodes[0].if_true = 1;
      clause.nodes.push_back(looser);
    };
  };
  const Equivalence same = prove_changed(kSmallPolicy, also_at_most(200'00));   // at most 100, and at most 200
  CHECK(same.answer == Answer::Proved);
  CHECK(same.questions > 0);
  const Equivalence tighter = prove_changed(kSmallPolicy, also_at_most(99'99));
  REQUIRE(tighter.answer == Answer::Refuted);
  INFO(print(*tighter.difference));
  CHECK(tighter.difference->decisions_differ);
  CHECK(tighter.difference->by_policy == "allowed, by the allow rule of line 8");
  CHECK(tighter.difference->by_table == "denied: condition, by the allow rule of line 8, its condition 1");
  CHECK(std::count(tighter.difference->values.begin(), tighter.difference->values.end(), "amount = 100 USD") == 1);
}

TEST_CASE("what can't be told is not proved") {
  const Equivalence cramped = prove_changed(kSmallPolicy, [](Moves&) {}, {60'000, 3});
  CHECK(cramped.answer == Answer::Unknown);
  CHECK(cramped.reason.find("choices") != std::string::npos);
  CHECK_FALSE(cramped.difference);
  CHECK(prove_changed(kSmallPolicy, [](Moves&) {}).answer == Answer::Proved);
}

/// `count` rules over wallets and margins of many entities, each with a guard of its own and a deny beside it.
std::string large_policy(std::size_t count) {
  std::string text = "policy \"large\" version \"1\"\nasset USD decimals 2\nrole ops, boss\npurpose pay\nentity Client many\nexternal Client.bank\n";
  const std::size_t buckets = 200;
  for (std::size_t i = 0; i < buckets; ++i) text += fmt::format("bucket Client.b{0}\nfact f{0} of Client : amount of USD\n", i);
  for (std::size_t i = 0; i < count / 2; ++i) {
    const std::size_t from = i % buckets, to = (i / buckets * 7 + i + 1) % buckets == from ? (from + 1) % buckets : (i / buckets * 7 + i + 1) % buckets;
    text += fmt::format("allow pay Client.b{0} -> Client.b{1} by ops when amount <= {2} USD and balance after(from) >= 12.5% of f{0} or approved by boss\n", from, to, i + 1);
    text += fmt::format("deny pay Client.b{0} -> Client.b{1} when f{1} > {2} USD\n", from, to, i);
  }
  return text;
}

TEST_CASE("the table of ten thousand rules is the policy") {
  std::size_t questions = 0;
  const double seconds = require_proved(large_policy(kIsSanitized ? 1'000 : 10'000), &questions);
  std::cout << fmt::format("10,000 rules: {:.0f} ms\n", seconds * 1000);
  CHECK(questions == 0);
  CHECK((kIsSanitized || seconds < 2));
}

}  // namespace
}  // namespace ringfence
