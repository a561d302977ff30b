// SPDX-License-Identifier: Apache-2.0
// Instants and durations on the command line (language reference, 6.10): as facts in transfer files, in what explains a denial, in runs and differences,
// and as mistakes of a millisecond.
#include <catch2/catch.hpp>

#include <algorithm>

#include "command/make_mutants.h"
#include "compiler/passes.h"
#include "tests/command/run_command.h"

using namespace command_test;
using namespace ringfence;

namespace {

const std::string kLocked = R"(policy "locks" version "1"
asset USD decimals 2
role teller
purpose pay
entity Client many
entity House
external Client.bank
bucket Client.wallet
bucket House.fees
segregate Client from House
fact until of Client : instant from 2020-01-01T00:00:00Z to 2100-01-01T00:00:00Z
fact notice of Client : duration from 1 d to 90 d
allow pay Client.bank -> Client.wallet by teller
allow pay Client.wallet -> Client.bank by teller when now - until >= notice
)";

std::string fact(const std::string& name, const std::string& value) {
  return R"({"fact":")" + name + R"(","of":["alice"],"value":)" + value + R"(,"time":"2026-01-01T00:00:00Z"})" "\n";
}
std::string pay(const std::string& id, const std::string& time) {
  return R"({"id":")" + id + R"(","purpose":"pay","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"1 USD","by":"teller","time":")" + time + "\"}\n";
}
const std::string kHolds = R"({"holds":"Client.wallet of alice","amount":"10 USD"})" "\n";

Ran run(const std::string& verb, const std::string& transfers, const std::string& name = "t.jsonl") {
  const Folder folder;
  folder.write("p.rf", kLocked);
  folder.write(name, transfers);
  return folder.run(verb + " p.rf " + name);
}

}  // namespace

TEST_CASE("a fact's value is an instant or a duration as the language writes them") {
  const Ran ran = run("gate", kHolds + fact("until", "\"2026-01-10T00:00:00.5Z\"") + fact("notice", "\"1.5 d\"") + pay("t1", "2026-01-11T12:00:00.499Z") + pay("t2", "2026-01-11T12:00:00.500Z"));
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("t1  denied") != std::string::npos);
  CHECK(ran.out.find("t2  allowed") != std::string::npos);
  const Ran in_csv = run("gate", "holds,fact,of,value,id,purpose,from,to,amount,by,time\nClient.wallet of alice,,,,,,,,10 USD,,\n,until,alice,2026-01-10T00:00:00Z,,,,,,,2026-01-01T00:00:00Z\n"
                                 ",notice,alice,24 h,,,,,,,2026-01-01T00:00:00Z\n,,,,t1,pay,Client.wallet of alice,Client.bank of alice,1 USD,teller,2026-01-11T00:00:00Z\n", "t.csv");
  INFO(in_csv.out << in_csv.err);
  CHECK(in_csv.out.find("t1  allowed") != std::string::npos);
}

TEST_CASE("what is no instant, or no duration, is said") {
  struct Case { std::string name, value, says; };
  for (const Case& each : std::vector<Case>{{"until", "1767225600000", "`value` must be a text"},
                                            {"until", "\"1767225600000\"", "`value` must be an instant"},
                                            {"until", "\"2026-02-30T00:00:00Z\"", "`value` must be an instant"},
                                            {"until", "\"2026-02-03\"", "`value` must be an instant"},
                                            {"until", "true", "`value` must be an instant"},
                                            {"notice", "30", "`value` must be a text"},
                                            {"notice", "\"30\"", "`value` must be a duration"},
                                            {"notice", "\"30 weeks\"", "`value` must be a duration"},
                                            {"notice", "\"0.5 ms\"", "`value` must be a duration"}}) {
    const Ran ran = run("gate", fact(each.name, each.value) + pay("t1", "2026-01-11T12:00:00Z"));
    INFO(each.name << " " << each.value << "\n" << ran.out << ran.err);
    CHECK(ran.err.find(each.says) != std::string::npos);
  }
}

TEST_CASE("explain says the earliest instant that would have been in time") {
  const Ran ran = run("explain", kHolds + fact("until", "\"2026-01-10T00:00:00Z\"") + fact("notice", "\"30 d\"") + pay("t1", "2026-01-31T23:59:59.999Z"));
  INFO(ran.out << ran.err);
  CHECK(ran.out.find("now = 2026-01-31T23:59:59.999Z") != std::string::npos);
  CHECK(ran.out.find("notice of alice = 30 d") != std::string::npos);
  CHECK(ran.out.find("now at least 2026-02-09T00:00:00Z") != std::string::npos);
  CHECK(ran.out.find("until of alice at most 2026-01-01T23:59:59.999Z") != std::string::npos);
}

TEST_CASE("verify prints a run at its times, which a scenario repeats") {
  const Folder folder;
  folder.write("p.rf", kLocked + "allow pay Client.wallet -> House.fees by teller when now >= 2027-01-01T00:00:00Z and until > now and notice >= 2 d\n");
  const Ran ran = folder.run("verify p.rf --scenarios runs.rf");
  INFO(ran.out << ran.err << folder.read("runs.rf"));
  CHECK(ran.code == 1);
  CHECK(ran.out.find("with until of client1 = 20") != std::string::npos);
  CHECK(ran.out.find(" d\n") != std::string::npos);
  const std::string policy = folder.read("p.rf") + folder.read("runs.rf");
  folder.write("both.rf", policy);
  CHECK(folder.run("test both.rf").code == 0);
}

TEST_CASE("diff finds the one instant at which two policies differ") {
  const Folder folder;
  const std::string pays = "allow pay Client.wallet -> House.fees by teller passing title when now ";
  folder.write("old.rf", kLocked + pays + "< 2027-01-01T00:00:00Z\n");
  folder.write("new.rf", kLocked + pays + "<= 2027-01-01T00:00:00Z\n");
  const Ran ran = folder.run("diff old.rf new.rf");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 1);
  CHECK(ran.out.find("at 2027-01-01T00:00:00Z") != std::string::npos);
  folder.write("new.rf", kLocked + pays + "<= 2026-12-31T23:59:59.999Z\n");
  CHECK(folder.run("diff old.rf new.rf").out.find("2027-01-01") == std::string::npos);
}

TEST_CASE("a guard over time is widened by a millisecond") {
  const std::string source = kLocked + "deny pay Client.bank -> Client.wallet when now < until\nallow pay Client.bank -> Client.wallet by teller when until <= 2027-01-01T00:00:00Z\n";
  const auto parsed = parse(source);
  REQUIRE(parsed.artefact);
  std::string all;
  for (const Mutant& mutant : make_mutants(*parsed.artefact, source))
    for (const std::string& line : changed_lines(source, mutated(source, mutant))) all += line + "\n";
  INFO(all);
  CHECK(all.find("when now - until >= notice - 1 ms\n") != std::string::npos);
  CHECK(all.find("when now < until - 1 ms\n") != std::string::npos);
  CHECK(all.find("when until <= 2027-01-01T00:00:00Z + 1 ms\n") != std::string::npos);
}
