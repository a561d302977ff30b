// SPDX-License-Identifier: Apache-2.0
// Which buckets a fence `each E in SIDE` looks into (language reference, 3.2 and 3.3), and that a limit counts by at most four entities
// (5.2) however it is written: a diagnostic, never an assertion.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "compiler/passes.h"

namespace ringfence {
namespace {

const std::string kBase = R"(policy "T" version "1"
asset USDC decimals 6
role trader
purpose pay
entity Client many  entity Position many  entity House  entity Bank
external Client.bank
external House.suppliers
account Bank.money
bucket Client.wallet in Bank.money
bucket Client.margin[Position] in Bank.money
bucket House.pool in Bank.money
bucket House.desk[Client]
allow pay Client.bank -> Client.wallet by trader
)";

/// The names of the buckets and externals that the one fence looks into, or the codes of the errors.
std::string looked_into(const std::string& fence) {
  const auto passed = compile(kBase + fence + "\n");
  std::string out;
  if (!passed.artefact) {
    for (const Diagnostic& d : passed.diagnostics)
      if (d.severity == Severity::Error) out += (out.empty() ? "" : " ") + d.code;
    return out;
  }
  const Vocabulary& vocabulary = passed.artefact->policy.vocabulary;
  REQUIRE(vocabulary.fences.size() == 1);
  for (const Index bucket : vocabulary.fences.front().within)
    if (!vocabulary.buckets[bucket].external) out += (out.empty() ? "" : " ") + vocabulary.buckets[bucket].name;
  return out;
}

TEST_CASE("3.2 and 3.3: of an entity, the keyed buckets count; in custody all of them, as a pooled one has no key to tell by") {
  const std::pair<const char*, const char*> table[] = {
      {"segregate each Client in House", "House.desk"},
      {"segregate each Client in House in custody", "House.pool House.desk"},
      {"segregate each Client in House.* in custody", "House.pool House.desk"},
      {"segregate each Position in Client", "Client.margin"},
      {"segregate each Position in Client in custody", "Client.wallet Client.margin"},
      {"segregate each Position in House", "E0218"},
      {"segregate each Position in House in custody", "House.pool House.desk"},
      {"segregate each Client in House.pool", "E0218"},
      {"segregate each Client in House.pool in custody", "House.pool"},
      {"segregate each Position", "Client.margin"},
      {"segregate each Position in custody", "Client.wallet Client.margin House.pool House.desk"},
      {"segregate each Client in House.suppliers in custody", "E0218"},
      {"segregate each Client in Bank in custody", "E0218"},
  };
  for (const auto& [fence, expected] : table) {
    INFO(fence);
    CHECK(looked_into(fence) == expected);
  }
}

/// The codes of the errors of a limit over a move whose ends have five keys between them, or "ok".
std::string limit_errors(const std::string& limit) {
  const auto passed = compile(kBase +
                              "entity A many  entity B many  entity C many\n"
                              "bucket House.one[A, B]  bucket House.two[C, Client, Position]\n"
                              "fact cap of A : amount of USDC\n"
                              "allow pay House.one -> House.two by trader\n" +
                              limit + "\n");
  std::string out;
  for (const Diagnostic& d : passed.diagnostics)
    if (d.severity == Severity::Error) out += (out.empty() ? "" : " ") + d.code;
  CHECK(passed.artefact.has_value() == out.empty());
  return out.empty() ? "ok" : out;
}

TEST_CASE("5.2: a limit counts by four entities, and a fifth is a diagnostic") {
  CHECK(limit_errors("limit pay House.one -> House.two per A, B, C, Client 1 USDC per day") == "ok");
  CHECK(limit_errors("limit pay House.one -> House.two per A, B, C, Client, Position 1 USDC per day") == "E0209");
  CHECK(limit_errors("limit pay House.one -> House.two per A, B, C, Client, Position cap per day unless cap > 5 USDC") == "E0209");
  CHECK(limit_errors("limit pay per A, B, C, Client, Position 1 USDC in any 1 h") == "E0209");
  CHECK(limit_errors("limit pay House.one -> House.two per A, B, C, Client, A, Position 1 USDC per day") == "E0321 E0209");
}

}  // namespace
}  // namespace ringfence
