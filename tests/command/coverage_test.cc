// SPDX-License-Identifier: Apache-2.0
// What `test` says that scenarios saw of guards: each part true and false, as decisions came to it and no further; scenarios in further files; and its
// JUnit file.
#include <catch2/catch.hpp>

#include <string>

#include <nlohmann/json.hpp>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

const char* const kEverything = R"(
scenario "every part of every guard"
  given Client.wallet of alice holds 5_000 USDC
  with fee_rate = 20%
  deposit 1 USDC from Client.bank of alice to Client.wallet of alice by trader -> denied by condition
  deposit 1 USDC from Client.bank of alice to Client.wallet of alice by trader showing evidence receipt -> allowed
  fee 501 USDC from Client.wallet of alice to House.fees by risk_engine -> denied by condition
  fee 1 USDC from Client.wallet of alice to House.fees by risk_engine -> allowed
  with fee_rate = 30%
  fee 1 USDC from Client.wallet of alice to House.fees by risk_engine -> denied by condition
  withdraw 1_001 USDC from Client.wallet of alice to Client.bank of alice by trader -> denied by deny_rule
  withdraw 50 USDC from Client.wallet of alice to Client.bank of alice by trader -> allowed
  withdraw 51 USDC from Client.wallet of alice to Client.bank of alice by trader -> denied by condition
  withdraw 51 USDC from Client.wallet of alice to Client.bank of alice by trader approved by tom as treasurer, tina as treasurer -> denied by limit
  withdraw 51 USDC from Client.wallet of alice to Client.bank of alice by trader
    approved by tom as treasurer, tina as treasurer, rita as risk_engine -> allowed
  allocate 60 USDC from Client.wallet of alice to Client.margin of alice, p1 by trader -> allowed
  with maintenance of alice, p1 = 50 USDC
  change Client.margin of alice, p1 to called by risk_engine -> denied by condition
  with maintenance of alice, p1 = 70 USDC
  change Client.margin of alice, p1 to called by risk_engine -> allowed
  release 1 USDC from Client.margin of alice, p1 to Client.wallet of alice by trader -> denied by condition
  change Client.margin of alice, p1 to normal by risk_engine -> allowed
)";

json guards_of(const Folder& folder, const std::string& policy) {
  folder.write("p.rf", policy);
  const Ran ran = folder.run("test p.rf --json");
  INFO(ran.err << ran.out);
  REQUIRE((ran.code == 0 || ran.code == 1));
  return json::parse(ran.out)["guards"];
}

/// "true", "false", "true false" or "": what was seen of the guard's part with these words.
std::string seen(const json& guards, const std::string& text) {
  for (const json& guard : guards) {
    if (guard["text"] != text) continue;
    const std::string is_true = guard["seen_true"] ? "true" : "", is_false = guard["seen_false"] ? "false" : "";
    return is_true + (is_true.empty() || is_false.empty() ? "" : " ") + is_false;
  }
  return "there is no such part";
}

std::string without(std::string text, const std::string& part) {
  const auto at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.erase(at, part.size());
}

}  // namespace

TEST_CASE("each part of a guard is seen as decisions found it, and no further than they looked") {
  const Folder folder;
  const json guards = guards_of(folder, kPolicy);
  CHECK(guards.size() == 10);
  CHECK(seen(guards, "mode is normal") == "true");
  CHECK(seen(guards, "balance(from) - amount >= maintenance") == "true false");
  for (const std::string never : {"requires evidence receipt", "fee_rate <= 25%", "amount <= 10% of balance(from)", "amount <= 50 USDC", "approved by 2 of treasurer", "amount > 1_000 USDC",
                                  "approved by risk_engine", "balance(Client.margin in USDC) < maintenance"})
    CHECK(seen(guards, never).empty());
  CHECK(guards[1]["line"] == 22);
  CHECK(guards[1]["statement_line"] == 21);

  const std::string step = "scenario \"one step\"\n given Client.wallet of alice holds 5_000 USDC\n withdraw ";
  const std::string way = " USDC from Client.wallet of alice to Client.bank of alice by trader ";
  const json small = guards_of(folder, kPolicy + step + "50" + way + "-> allowed\n");
  CHECK(seen(small, "amount > 1_000 USDC") == "false");
  CHECK(seen(small, "amount <= 50 USDC") == "true");
  CHECK(seen(small, "approved by 2 of treasurer").empty());     // an `or` that holds is looked at no further
  CHECK(seen(small, "approved by risk_engine") == "false");
  const json refused = guards_of(folder, kPolicy + step + "1_001" + way + "-> denied by deny_rule\n");
  CHECK(seen(refused, "amount > 1_000 USDC") == "true");
  CHECK(seen(refused, "amount <= 50 USDC").empty());            // a deny rule that holds settles it
  const json poor = guards_of(folder, std::string(kPolicy) + "scenario \"poor\"\n withdraw 50" + way + "-> denied by funds\n");
  CHECK(seen(poor, "amount <= 50 USDC") == "true");
  CHECK(seen(poor, "approved by risk_engine").empty());         // funds come before limits
}

TEST_CASE("`not` is its part's other side, `mode is not` is one part, and a value that is missing shows nothing") {
  const Folder folder;
  const std::string policy = R"(policy "p" version "1"
asset USD decimals 2 role teller purpose pay entity A many external A.bank bucket A.wallet fact due of A : amount of USD
mode of A : open, shut  open -> shut by teller when not due = 0
allow pay A.bank -> A.wallet by teller when mode is not shut and not (due > 5 USD or amount > 3 USD)
floor A.wallet >= 1 USD unless mode is shut
allow pay A.wallet -> A.bank by teller
)";
  const std::string pay = "  pay 1 USD from A.bank of x to A.wallet of x by teller -> ";
  const json missing = guards_of(folder, policy + "scenario \"s\"\n" + pay + "denied by value_missing\n");
  for (const json& guard : missing) CHECK((!guard["seen_true"] && !guard["seen_false"]));
  const json once = guards_of(folder, policy + "scenario \"s\"\n  with due of x = 4 USD\n" + pay + "allowed\n");
  CHECK(once.size() == 5);
  CHECK(seen(once, "mode is not shut") == "true");
  CHECK(seen(once, "due > 5 USD") == "false");
  CHECK(seen(once, "amount > 3 USD") == "false");
  const json shut = guards_of(folder, policy + "scenario \"s\"\n  with due of x = 6 USD\n" + pay + "denied\n  change A of x to shut by teller -> allowed\n" + pay + "denied\n");
  CHECK(seen(shut, "mode is not shut") == "true false");
  CHECK(seen(shut, "due > 5 USD") == "true");
  CHECK(seen(shut, "amount > 3 USD").empty());
  CHECK(seen(shut, "due = 0") == "false");
  const std::string out = "from A.wallet of x to A.bank of x by teller";
  const std::string given = "scenario \"s\"\n  given A.wallet of x holds 2 USD\n";
  CHECK(seen(guards_of(folder, policy + given + "  pay 2 USD " + out + " -> denied by floor\n"), "mode is shut") == "false");
  CHECK(seen(guards_of(folder, policy + given + "  together\n    pay 1 USD " + out + "\n  end -> allowed\n"), "mode is shut").empty());   // its floors count at the end
}

TEST_CASE("--coverage fails as long as one part was not seen true and false, and names it") {
  const Folder folder;
  folder.write("p.rf", std::string(kPolicy) + kEverything);
  const Ran all = folder.run("test p.rf --coverage");
  INFO(all.out);
  CHECK(all.code == 0);
  CHECK(all.out.find("10 of 10 parts of guards seen true and false") != std::string::npos);
  for (const auto& [step, missing] : {std::pair{"  withdraw 1_001 USDC from Client.wallet of alice to Client.bank of alice by trader -> denied by deny_rule\n", "never true: line 26: amount > 1_000 USDC"},
                                      std::pair{"  fee 501 USDC from Client.wallet of alice to House.fees by risk_engine -> denied by condition\n", "never false: line 24: amount <= 10% of balance(from)"},
                                      std::pair{"  change Client.margin of alice, p1 to called by risk_engine -> denied by condition\n", "never false: line 16: balance(Client.margin in USDC) < maintenance"}}) {
    folder.write("less.rf", without(std::string(kPolicy) + kEverything, step));
    const Ran ran = folder.run("test less.rf --coverage");
    INFO(ran.out);
    CHECK(ran.code == 1);
    CHECK(ran.out.find(missing) != std::string::npos);
    CHECK(folder.run("test less.rf").code == 0);
  }
}

TEST_CASE("test --junit: a case for each scenario, whatever its name and failure hold") {
  const Folder folder;
  folder.write("p.rf", std::string(kPolicy) + "\nscenario \"a <b> & \\\"c\\\"\"\n  given Client.wallet of alice holds 10 USDC\n" +
                           "  withdraw 11 USDC from Client.wallet of alice to Client.bank of alice by trader -> allowed\n");
  const Ran ran = folder.run("test p.rf --junit results.xml");
  CHECK(ran.code == 1);
  const std::string xml = folder.read("results.xml");
  INFO(xml);
  CHECK(xml.find("<testsuite name=\"Small\" tests=\"2\" failures=\"1\"") != std::string::npos);
  CHECK(xml.find("<testcase name=\"only what is not needed\" classname=\"Small\" file=\"p.rf\" line=\"29\"/>") != std::string::npos);
  CHECK(xml.find("<testcase name=\"a &lt;b&gt; &amp; &quot;c&quot;\"") != std::string::npos);
  CHECK(xml.find("<failure message=\"line 38: expected allowed, got denied by funds") != std::string::npos);
  CHECK(count_of(xml, "<testcase") == 2);
  CHECK(count_of(xml, "</testsuites>") == 1);
  const Ran nowhere = folder.run("test p.rf --junit nowhere/results.xml");
  CHECK(nowhere.code == 3);
  CHECK(count_of(nowhere.err, "\n") == 1);
}

TEST_CASE("scenarios of further files are run behind the policy, and each is told by its own file and line") {
  const Folder folder;
  folder.write("p.rf", kPolicy);
  folder.write("everything", kEverything);
  folder.write("wrong", "# not so\n\nscenario \"wrong\"\n  deposit 1 USDC from Client.bank of alice to Client.wallet of alice by trader -> allowed");
  CHECK(folder.run("test p.rf --coverage").code == 1);
  CHECK(folder.run("test p.rf everything --coverage").code == 0);
  const Ran ran = folder.run("test p.rf everything wrong --junit results.xml");
  INFO(ran.out);
  CHECK(ran.code == 1);
  CHECK(ran.out.find("passed  line 29: \"only what is not needed\"\n") != std::string::npos);
  CHECK(ran.out.find("passed  everything, line 2: \"every part of every guard\"\nFAILED  wrong, line 3: \"wrong\"\n  wrong, line 4: expected allowed") != std::string::npos);
  CHECK(folder.read("results.xml").find("file=\"wrong\" line=\"3\">\n      <failure message=\"wrong, line 4: expected allowed") != std::string::npos);
  const json scenarios = json::parse(folder.run("test p.rf wrong everything --json").out)["scenarios"];
  REQUIRE(scenarios.size() == 3);
  CHECK(scenarios[0]["file"] == "p.rf");
  CHECK((scenarios[1]["file"] == "wrong" && scenarios[1]["line"] == 3 && scenarios[1]["failed_line"] == 4));
  CHECK((scenarios[2]["file"] == "everything" && scenarios[2]["line"] == 2 && scenarios[2]["passed"] == true));
}

TEST_CASE("a further file holds scenarios only, each whole, and its errors are told where they stand") {
  const Folder folder;
  folder.write("p.rf", kPolicy);
  const auto refused = [&](const std::string& text, const std::string& policy = "p.rf") {
    folder.write("more", text);
    const Ran ran = folder.run("test " + policy + " more");
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK(refused("# a\nscenario \"s\"\n  deposit 1 USDC from Client.bank of a to Client.walet of a by trader -> allowed\n").find("more:3:43: error E0204") == 0);
  CHECK(refused("scenario \"s\"\nrole auditor\n") == "ringfence: `more`, line 2: only scenarios may stand here, behind the policy\n");
  CHECK(refused("  with fee_rate = 20%\n").find("ringfence: `more`, line 1: a file of scenarios begins with `scenario`") == 0);   // the policy ends with a scenario
  folder.write("header", "# nothing but this\n");
  CHECK(refused(kPolicy, "header") == "ringfence: `more`, line 1: only scenarios may stand here, behind the policy\n");
  folder.write("broken", "policy \"p\" version \"1\"\nrole teler, teler\n");
  CHECK(refused("scenario \"s\"\n", "broken").find("broken:2:") == 0);
  CHECK(folder.run("test p.rf nowhere").code == 3);
}

TEST_CASE("a deadline is at work when something is asked for after it has passed") {
  const Folder folder;
  const std::string policy = "policy \"p\" version \"1\"\nasset USD decimals 2\nrole ops\npurpose pay\nentity A many\nbucket A.x\nbucket A.y\nmode of A: calm, called, late\n  calm -> called by ops\n"
                             "  called must end within 1 h, else late\nsegregate each A\nallow pay A.x -> A.y by ops\nscenario \"s\"\n  given A.x of a holds 9 USD\n  given mode of A of a is called\n";
  const auto decided = [&](const std::string& steps) {
    folder.write("p.rf", policy + steps + "  pay 1 USD from A.x of a to A.y of a by ops -> allowed\n");
    const json document = json::parse(folder.run("test p.rf --json").out);
    for (const json& statement : document["statements"])
      if (statement["line"] == 10) return statement["decided"].get<bool>();
    FAIL("the deadline is no statement");
    return false;
  };
  CHECK_FALSE(decided("  at 2026-01-01T01:00:00Z\n"));
  CHECK(decided("  at 2026-01-01T01:00:00.001Z\n"));
  CHECK_FALSE(decided("  pay 1 USD from A.x of a to A.y of a by ops -> allowed\n"));
}
