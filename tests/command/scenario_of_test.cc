// SPDX-License-Identifier: Apache-2.0
// Scenarios that are made, not written: of the runs that `verify` found, and of a decision of a gate. What is made is given back to `test`, beside the policy.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

std::string read_file_at(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The policy with these scenarios after it passes all of its scenarios; how many it has.
std::size_t check_passes(const Folder& folder, const std::string& policy, const std::string& scenarios) {
  folder.write("with.rf", policy + "\n" + scenarios);
  const Ran ran = folder.run("test with.rf --json");
  INFO(scenarios << ran.out << ran.err);
  REQUIRE(ran.code == 0);
  return json::parse(ran.out)["scenarios"].size();
}

const std::string kTime = R"(,"by":"trader","time":"2026-01-05T09:30:00Z")";

/// A day in which each answer has another reason; its ids in the order of its records.
const std::string kDay = R"({"holds":"Client.wallet of alice","amount":"500 USDC"}
{"mode":"Client.margin of alice, p9","is":"called"}
{"fact":"maintenance","of":["alice","p1"],"value":"50 USDC","time":"2026-01-05T09:29:55Z"}
{"id":"t1","purpose":"allocate","from":"Client.wallet of alice","to":"Client.margin of alice, p1","amount":"60 USDC")" + kTime + R"(}
{"id":"t2","purpose":"release","from":"Client.margin of alice, p1","to":"Client.wallet of alice","amount":"20 USDC")" + kTime + R"(}
{"id":"t3","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"40 USDC")" + kTime + R"(}
{"id":"t4","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"40 USDC")" + kTime + R"(}
{"id":"t5","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"51 USDC","person":"ann","approvals":[{"person":"bob","roles":["treasurer","risk_engine"]}])" + kTime + R"(}
{"id":"t6","purpose":"release","from":"Client.margin of alice, p9","to":"Client.wallet of alice","amount":"1 USDC")" + kTime + R"(}
{"id":"t7","purpose":"withdraw","from":"Client.wallet of bob","to":"Client.bank of bob","amount":"1 USDC")" + kTime + R"(}
{"id":"t8","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"2000 USDC")" + kTime + R"(}
{"id":"t9","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"1 USDC","by":"trader","time":"2026-01-05T09:29:59Z"}
{"batch":"b1","transfers":[{"id":"l1","purpose":"allocate","from":"Client.wallet of alice","to":"Client.margin of alice, p2","amount":"10 USDC")" + kTime + R"(},{"id":"l2","purpose":"fee","from":"Client.wallet of alice","to":"House.fees","amount":"1 USDC")" + kTime + R"(}]}
{"id":"m1","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:00Z"}
{"fact":"maintenance","of":["alice","p1"],"value":"70 USDC","time":"2026-01-05T09:30:00Z"}
{"id":"m2","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:01Z"}
{"id":"t10","purpose":"release","from":"Client.margin of alice, p1","to":"Client.wallet of alice","amount":"1 USDC","by":"trader","time":"2026-01-05T09:31:00Z"}
{"id":"t11","purpose":"nothing","from":"Client.margin of alice, p1","to":"Client.wallet of alice","amount":"1 USDC","by":"trader","time":"2026-01-05T09:31:00Z"}
)";

struct Prepared : Folder {
  Prepared() {
    write("p.rf", kPolicy);
    write("day.jsonl", kDay);
  }
};

}  // namespace

TEST_CASE("gate --scenario: every decision of a day as a scenario that comes to the same decision") {
  const Prepared folder;
  const Ran day = folder.run("gate p.rf day.jsonl --json --unproved");
  std::istringstream lines(day.out);
  std::vector<std::string> reasons;
  for (std::string line; std::getline(lines, line);) {
    const json answer = json::parse(line);
    const std::string id = answer["id"], reason = answer["reason"];
    if (id == "t11") continue;
    const Ran made = folder.run("gate p.rf day.jsonl --scenario " + id);
    INFO(id << "\n" << made.out << made.err);
    REQUIRE(made.code == 0);
    CHECK(check_passes(folder, kPolicy, made.out) == 2);
    const std::string name = reason == "allowed" ? ": allowed\"" : reason == "batch" ? ": denied by " : ": denied by " + reason + "\"";
    CHECK(made.out.find("scenario \"" + id + name) == 0);
    if (reason != "batch") CHECK(made.out.find(reason == "allowed" ? "-> allowed\n" : "-> denied by " + reason + "\n") != std::string::npos);
    reasons.push_back(reason);
  }
  CHECK(reasons.size() == 14);
  for (const std::string reason : {"allowed", "condition", "limit", "funds", "deny_rule", "time_went_back", "batch", "value_missing", "value_stale"})
    CHECK(std::find(reasons.begin(), reasons.end(), reason) != reasons.end());
}

TEST_CASE("gate --scenario: no more is given than the decision read, unless it takes what went before") {
  const Prepared folder;
  const Ran few = folder.run("gate p.rf day.jsonl --scenario t2");
  CHECK(few.out == "scenario \"t2: denied by condition\"\n"
                   "  given Client.wallet of alice holds 440 USDC\n"
                   "  given Client.margin of alice, p1 holds 60 USDC\n"
                   "  at 2026-01-05T09:29:55Z\n"
                   "  with maintenance of alice, p1 = 50 USDC\n"
                   "  at 2026-01-05T09:30:00Z\n"
                   "  release 20 USDC from Client.margin of alice, p1 to Client.wallet of alice by trader -> denied by condition\n");
  const Ran all = folder.run("gate p.rf day.jsonl --scenario t4");   // a limit counted t3
  CHECK(all.out.find("withdraw 40 USDC from Client.wallet of alice to Client.bank of alice by trader -> allowed\n") != std::string::npos);
  CHECK(all.out.find("-> denied by limit\n") != std::string::npos);
  const Ran person = folder.run("gate p.rf day.jsonl --scenario t5");
  CHECK(person.out.find("by ann as trader approved by bob as risk_engine and treasurer -> denied by") != std::string::npos);
}

TEST_CASE("gate --scenario: a balance below zero is told, as it can't be given") {
  const Folder folder;
  const std::string at = std::string(SOURCE_DIR) + "/policies/failures/ftx_alameda/as_it_was", policy = read_file_at(at + ".rf");
  folder.write("p.rf", policy);
  folder.write("day.jsonl", read_file_at(at + ".transfers.jsonl"));
  std::istringstream lines(folder.run("gate p.rf day.jsonl --json --unproved").out);
  std::string scenarios;
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const Ran made = folder.run("gate p.rf day.jsonl --scenario " + json::parse(line)["id"].get<std::string>());
    INFO(line << made.err);
    REQUIRE(made.code == 0);
    scenarios += made.out;
  }
  CHECK(count >= 12);
  CHECK(count_of(scenarios, "holds -") == 0);
  CHECK(check_passes(folder, policy, scenarios) == check_passes(folder, policy, "") + count);
}

TEST_CASE("gate --scenario: what no scenario can say is one line and exit code 3") {
  const Prepared folder;
  for (const auto& [arguments, says] : {std::pair{"--scenario nobody", "there is no transfer, mode change or batch `nobody`"}, std::pair{"--scenario t11", "names what the policy does not declare"},
                                        std::pair{"--scenario t1 --json", "--scenario excludes"}, std::pair{"--scenario t1 --journal j", "--scenario excludes"}}) {
    const Ran ran = folder.run(std::string("gate p.rf day.jsonl ") + arguments);
    INFO(ran.err << ran.out);
    CHECK(ran.code == 3);
    CHECK(ran.out.empty());
    CHECK(count_of(ran.err, "\n") == 1);
  }
  const Ran table = folder.run("compile p.rf -o table");
  CHECK(table.code == 0);
  CHECK(folder.run("gate table day.jsonl --scenario t2").out == folder.run("gate p.rf day.jsonl --scenario t2").out);   // and no proof is asked for
}

TEST_CASE("verify --scenarios: each run that refutes a claim passes as a scenario, and fails once the hole is closed") {
  const Folder folder;
  for (const std::string failure : {"mf_global", "ftx_alameda"}) {
    const std::string policy = read_file_at(std::string(SOURCE_DIR) + "/policies/failures/" + failure + "/as_it_was.rf");
    folder.write("was.rf", policy);
    const Ran verified = folder.run("verify was.rf --json --scenarios holes.rf");
    CHECK(verified.code == 1);
    const json document = json::parse(verified.out);
    std::size_t traces = 0;
    for (const char* kind : {"fences", "properties"})
      for (const json& claim : document[kind]) traces += claim.contains("trace") ? 1u : 0u;
    CHECK(traces != 0);
    CHECK(check_passes(folder, policy, folder.read("holes.rf")) == check_passes(folder, policy, "") + traces);
    CHECK(count_of(folder.read("holes.rf"), "scenario \"a hole, line ") != 0);
  }
  std::string leak = kPolicy;
  const std::string fee = "by risk_engine passing title when fee_rate";
  leak.replace(leak.find(fee), fee.size(), "by risk_engine when fee_rate");
  folder.write("leak.rf", leak);
  CHECK(folder.run("verify leak.rf --scenarios leak.scenarios").code == 1);
  const std::string hole = folder.read("leak.scenarios");
  check_passes(folder, leak, hole);
  std::string closed = leak;
  const std::string rule = "fee_rate <= 25% and";
  closed.replace(closed.find(rule), rule.size(), "fee_rate < 0% and");
  folder.write("closed.rf", closed + "\n" + hole);
  CHECK(folder.run("test closed.rf").code == 1);
  folder.write("fine.rf", kPolicy);
  CHECK(folder.run("verify fine.rf --scenarios none.rf").code == 0);
  CHECK(count_of(folder.read("none.rf"), "scenario \"") == 0);
  CHECK(folder.run("verify fine.rf --scenarios nowhere/none.rf").code == 3);
}
