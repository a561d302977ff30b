// SPDX-License-Identifier: Apache-2.0
// Each verb of the program as it is run: what it prints where, how it ends, and that nothing is left half-written.
#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

const char* const kTransfers = R"({"holds":"Client.wallet of alice","amount":"100 USDC"}
{"id":"t1","purpose":"allocate","from":"Client.wallet of alice","to":"Client.margin of alice, p1","amount":"60 USDC","by":"trader","time":"2026-01-05T09:30:00Z"}
{"fact":"maintenance","of":["alice","p1"],"value":"50 USDC","time":"2026-01-05T09:30:00Z"}
{"id":"t2","purpose":"release","from":"Client.margin of alice, p1","to":"Client.wallet of alice","amount":"20 USDC","by":"trader","time":"2026-01-05T09:30:00Z"}
)";

struct Prepared : Folder {
  Prepared() {
    write("p.rf", kPolicy);
    write("t.jsonl", kTransfers);
  }
};

/// One line on standard error, exit code 3, nothing on standard output.
void check_refused(const Ran& ran, const std::string& says) {
  INFO(ran.err);
  CHECK(ran.code == 3);
  CHECK(ran.out.empty());
  CHECK(count_of(ran.err, "\n") == 1);
  CHECK(ran.err.find("ringfence: ") == 0);
  CHECK(ran.err.find(says) != std::string::npos);
}

}  // namespace

TEST_CASE("bad usage is one line and exit code 3") {
  const Prepared folder;
  check_refused(folder.run(""), "subcommand is required");
  check_refused(folder.run("frobnicate"), "subcommand");
  check_refused(folder.run("check"), "POLICY is required");
  check_refused(folder.run("check p.rf --frobnicate"), "--frobnicate");
  check_refused(folder.run("compile p.rf"), "-o TABLE");
  check_refused(folder.run("compile p.rf --dump bytes"), "--dump");
  check_refused(folder.run("verify p.rf --timeout soon"), "--timeout");
  check_refused(folder.run("verify p.rf --query-timeout 0"), "--query-timeout");
  CHECK(folder.run("--help").code == 0);
  CHECK(folder.run("gate --help").out.find("TRANSFERS") != std::string::npos);
}

TEST_CASE("input that can't be read is one line and exit code 3, for every verb") {
  const Prepared folder;
  for (const std::string verb : {"check", "verify", "test"}) {
    check_refused(folder.run(verb + " nowhere.rf"), "can't read `nowhere.rf`: No such file");
    check_refused(folder.run(verb + " ."), "can't read `.`: Is a directory");
  }
  check_refused(folder.run("compile nowhere.rf -o x"), "nowhere.rf");
  for (const std::string verb : {"gate", "explain"}) {
    check_refused(folder.run(verb + " nowhere.rf t.jsonl"), "nowhere.rf");
    check_refused(folder.run(verb + " p.rf nowhere.jsonl"), "nowhere.jsonl");
    check_refused(folder.run(verb + " p.rf ."), "Is a directory");
  }
  REQUIRE(folder.run("compile p.rf -o table").code == 0);
  for (const std::string verb : {"check table", "test table", "mutate table", "status table t.jsonl"}) check_refused(folder.run(verb), "`table` is a rule table: give the text of its policy");
}

TEST_CASE("a policy with errors gives diagnostics and exit code 1, for every verb") {
  const Prepared folder;
  folder.write("bad.rf", "policy \"p\" version \"1\"\nallow deposit A.b -> C.d by nobody\n");
  folder.write("bytes.rf", "policy \"p\xFF\" version \"1\"\n");
  folder.write("noise.rf", std::string("\0\1\2\xFE", 4));
  for (const std::string policy : {"bad.rf", "bytes.rf", "noise.rf"})
    for (const std::string verb : {"check ", "verify ", "test ", "compile -o table ", "compile --dump ast "}) {
      const Ran ran = folder.run(verb + policy);
      INFO(verb << policy << "\n" << ran.err);
      CHECK(ran.code == 1);
      CHECK(ran.err.find(policy + ":") != std::string::npos);
      CHECK(ran.out.empty());
    }
  CHECK(folder.run("gate bad.rf t.jsonl").code == 1);
  CHECK(folder.read("table").empty());
}

TEST_CASE("a policy larger than the limit is a diagnostic, however large") {
  const Prepared folder;
  const Ran ran = folder.run("check /dev/zero");
  INFO(ran.err.substr(0, 500));
  CHECK(ran.code == 1);
  CHECK(ran.err.size() < 10'000);
}

TEST_CASE("check: clean, and as JSON") {
  const Prepared folder;
  const Ran clean = folder.run("check p.rf");
  INFO(clean.err);
  CHECK(clean.code == 0);
  CHECK(clean.out.find("p.rf: no findings (6 rules, 0 floors, 1 limits, 2 transitions, 2 fences, 1 scenarios)") == 0);
  CHECK(folder.run("check -", kPolicy).code == 0);
  folder.write("bad.rf", "policy \"p\" version \"1\"\nasset USD decimals 2\nasset USD decimals 2\n");
  const Ran bad = folder.run("check bad.rf --json");
  CHECK(bad.code == 1);
  const json document = json::parse(bad.out);
  REQUIRE(!document["findings"].empty());
  CHECK(document["findings"][0]["line"] == 3);
  CHECK(document["findings"][0]["severity"] == "error");
}

TEST_CASE("compile: a table that the other verbs take, and dumps") {
  const Prepared folder;
  const Ran made = folder.run("compile p.rf -o table");
  INFO(made.err);
  REQUIRE(made.code == 0);
  CHECK(made.out.empty());
  CHECK(folder.read("table").substr(0, 7) == "RFTABLE");
  CHECK(folder.count() == 3);                       // no temporary file is left
  CHECK(folder.run("gate table t.jsonl --unproved").out == folder.run("gate p.rf t.jsonl").out);
  for (const std::string pass : {"ast", "typed", "moves"}) CHECK(folder.run("compile p.rf --dump " + pass).out.size() > 100);
  CHECK(folder.run("compile p.rf -o again").code == 0);
  CHECK(folder.read("again") == folder.read("table"));
}

TEST_CASE("compile: what can't be written leaves nothing behind, and the old file as it was") {
  const Prepared folder;
  check_refused(folder.run("compile p.rf -o nowhere/table"), "can't write `nowhere/table`: No such file");
  check_refused(folder.run("compile p.rf -o ."), "Is a directory");
  const FullDevice full;
  REQUIRE_FALSE(full.path().empty());
  check_refused(folder.run("compile p.rf -o " + full.path()), "can't write `" + full.path() + "`: No space left on device");
  CHECK(std::filesystem::is_character_file(full.path()));
  if (::geteuid() != 0) {                           // nothing is read-only for root
    folder.write("table", "old");
    ::chmod(folder.path().c_str(), 0555);
    check_refused(folder.run("compile p.rf -o table"), "Permission denied");
    CHECK(folder.read("table") == "old");
  }
}

TEST_CASE("a damaged table is refused with its place") {
  const Prepared folder;
  REQUIRE(folder.run("compile p.rf -o table").code == 0);
  std::string bytes = folder.read("table");
  folder.write("short", std::string_view(bytes).substr(0, bytes.size() - 1));
  folder.write("stub", std::string_view(bytes).substr(0, 8));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  folder.write("flipped", bytes);
  for (const std::string table : {"short", "stub", "flipped"}) {
    check_refused(folder.run("gate " + table + " t.jsonl"), "can't use table `" + table + "`: at byte ");
    check_refused(folder.run("verify " + table), "can't use table");
  }
}

TEST_CASE("gate: a denial names the rule, its citation, the condition and the values") {
  const Prepared folder;
  const Ran ran = folder.run("gate p.rf t.jsonl");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out ==
        "t1  allowed  line 20: allow allocate Client.wallet -> Client.margin by trader passing title\n"
        "t2  denied   line 21: allow release Client.margin -> Client.wallet by trader passing title (excess margin only; because the rest is needed): "
        "condition \"balance(from) - amount >= maintenance\" failed: amount = 20 USDC, balance(from) = 60 USDC, "
        "maintenance of alice, p1 = 50 USDC; notify treasurer\n");
  CHECK(ran.err == "1 allowed, 1 denied\n");
}

TEST_CASE("gate --json: one object a line") {
  const Prepared folder;
  const Ran ran = folder.run("gate p.rf t.jsonl --json");
  std::istringstream lines(ran.out);
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(json::parse(line)["decision"] == "allowed");
  REQUIRE(std::getline(lines, line));
  const json denied = json::parse(line);
  CHECK(denied["line"] == 4);
  CHECK(denied["id"] == "t2");
  CHECK(denied["outcome"] == "decided");
  CHECK(denied["reason"] == "condition");
  CHECK(denied["statement"]["line"] == 21);
  CHECK(denied["statement"]["cite"] == "excess margin only");
  CHECK(denied["condition"] == "balance(from) - amount >= maintenance");
  CHECK(denied["values"].size() == 3);
  CHECK(denied["notify"] == json::array({"treasurer"}));
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("gate: transfers from standard input, truncated in the middle of one") {
  const Prepared folder;
  const std::string all = kTransfers;
  const Ran ran = folder.run("gate p.rf -", all.substr(0, all.size() - 30));
  CHECK(ran.code == 0);
  CHECK(ran.out.find("t1  allowed") == 0);
  CHECK(ran.err.find("line 4: not JSON") == 0);
  CHECK(ran.err.find("1 allowed, 0 denied, 1 line skipped") != std::string::npos);
}

TEST_CASE("gate: expectations") {
  const Prepared folder;
  std::string transfers = kTransfers;
  transfers.pop_back();
  transfers.replace(transfers.size() - 1, 1, R"(,"expect":"condition"})" "\n");
  folder.write("met.jsonl", transfers);
  CHECK(folder.run("gate p.rf met.jsonl").code == 0);
  transfers.replace(transfers.find("\"condition\""), 11, "\"allowed\"");
  folder.write("not.jsonl", transfers);
  const Ran ran = folder.run("gate p.rf not.jsonl");
  CHECK(ran.code == 1);
  CHECK(ran.err.find("line 4: `t2`: expected allowed, got denied by condition\n") != std::string::npos);
  CHECK(ran.err.find("1 not as expected") != std::string::npos);
}

TEST_CASE("gate: repeats, reuse, approvals, limits, deny rules, facts") {
  const Prepared folder;
  const std::string head = R"({"id":")", middle = R"(","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":")",
                    tail = R"( USDC","by":"trader","time":"2026-01-05T09:30:00Z")";
  const auto withdraw = [&](const std::string& id, const std::string& amount, const std::string& more = "") { return head + id + middle + amount + tail + more + "}\n"; };
  const std::string two = R"(,"approvals":[{"person":"bob","roles":["treasurer"]},{"person":"eve","roles":["treasurer","trader"]}])";
  folder.write("w.jsonl", R"({"holds":"Client.wallet of alice","amount":"2000 USDC"})" "\n" +
               withdraw("w1", "51") + withdraw("w2", "51", two) + withdraw("w2", "51", two) + withdraw("w2", "52", two) +
               withdraw("w3", "10") + withdraw("w4", "1001", two) +
               R"({"id":"m1","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:00Z"})" "\n"
               R"({"fact":"maintenance","of":["alice","p1"],"value":"5 USDC","time":"2026-01-05T09:30:00Z"})" "\n"
               R"({"id":"m2","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:11Z"})" "\n"
               R"({"id":"m3","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:10Z"})" "\n");
  const Ran ran = folder.run("gate p.rf w.jsonl");
  INFO(ran.out << ran.err);
  std::istringstream lines(ran.out);
  const auto next = [&] { std::string line; std::getline(lines, line); return line; };
  CHECK(next().find("approvals by treasurer = 0") != std::string::npos);
  CHECK(next().find("w2  allowed") == 0);
  CHECK(next().find("[answered before]") != std::string::npos);
  CHECK(next() == "w2  error    the id was used before with other content: nothing is done");
  const std::string limited = next();
  CHECK(limited.find("w3  denied   line 27: limit withdraw per Client 60 USDC per day: a limit would be exceeded") == 0);
  CHECK(limited.find("counted before by the limit on line 27 of alice = 51 USDC") != std::string::npos);
  const std::string never = next();
  CHECK(never.find("w4  denied   line 26: deny withdraw") == 0);
  CHECK(count_of(never, "never so much") == 1);    // quoted by the statement's own line: not said again
  CHECK(next().find("m1  denied   a value that the rules of this move read was not supplied: maintenance of alice, p1 = not known") == 0);
  CHECK(next().find("observed at 2026-01-05T09:30:00Z, fresh within 10 s, asked at 2026-01-05T09:30:11Z") != std::string::npos);
  CHECK(next().find("m3  allowed  line 16: ") == 0);
  CHECK(ran.err == "2 allowed, 5 denied, 1 answered before, 1 with an id used before\n");
}

TEST_CASE("output that can't be written ends with exit code 3") {
  const Prepared folder;
  const FullDevice full;
  REQUIRE_FALSE(full.path().empty());
  for (const std::string verb : {"gate p.rf t.jsonl", "test p.rf", "check p.rf", "compile p.rf --dump moves"}) {
    const Ran ran = folder.run(verb, {}, full.path());
    INFO(verb << "\n" << ran.err);
    CHECK(ran.code == 3);
    CHECK(ran.err.find("can't write to standard output") != std::string::npos);
  }
}

TEST_CASE("test: scenarios and what they leave out") {
  const Prepared folder;
  const Ran passed = folder.run("test p.rf");
  INFO(passed.out << passed.err);
  CHECK(passed.code == 0);
  CHECK(passed.out.find("passed  line 29: \"only what is not needed\"") == 0);
  CHECK(passed.out.find("not shown: line 24: allow fee") != std::string::npos);
  CHECK(passed.out.find("not shown: line 21") == std::string::npos);
  folder.write("failing.rf", std::string(kPolicy) + "scenario \"wrong\"\n  given Client.wallet of alice holds 5 USDC\n"
               "  withdraw 6 USDC from Client.wallet of alice to Client.bank of alice by trader -> allowed\n");
  const Ran failed = folder.run("test failing.rf --json");
  CHECK(failed.code == 1);
  const json document = json::parse(failed.out);
  CHECK(document["scenarios"][0]["passed"] == true);
  CHECK(document["scenarios"][1]["failed_line"] == 37);
  CHECK(document["scenarios"][1]["failure"].get<std::string>().find("expected allowed, got denied by funds") == 0);
}

TEST_CASE("explain: every rule of the move, and what would have turned it") {
  const Prepared folder;
  const Ran ran = folder.run("explain p.rf t.jsonl");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("t2  denied   line 21") == 0);
  CHECK(ran.out.find("true   mode is normal\n         mode of Client.margin of alice, p1 = normal") != std::string::npos);
  CHECK(ran.out.find("false  balance(from) - amount >= maintenance") != std::string::npos);
  CHECK(ran.out.find("would be true with amount at most 10 USDC, or balance(from) at least 70 USDC, or maintenance of alice, p1 at most 40 USDC") != std::string::npos);
  folder.write("none.jsonl", R"({"id":"t1","purpose":"fee","from":"Client.wallet of alice","to":"House.fees","amount":"60 USDC","by":"trader","time":"2026-01-05T09:30:00Z"})");
  const Ran none = folder.run("explain p.rf none.jsonl");
  CHECK(none.out.find("Moves from Client.wallet to House.fees are allowed for other purposes, roles, assets or ids:\nline 24:") != std::string::npos);
  folder.write("fact.jsonl", R"({"fact":"fee_rate","value":"25%","time":"2026-01-05T09:30:00Z"})");
  check_refused(folder.run("explain p.rf fact.jsonl"), "asks for no decision");
  folder.write("empty.jsonl", "");
  check_refused(folder.run("explain p.rf empty.jsonl"), "no record to explain");
}

TEST_CASE("verify: verdicts, release points, what is trusted, certificates") {
  const Prepared folder;
  const Ran ran = folder.run("verify p.rf --certificate proofs");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("PROVED  line 17: segregate each Position") == 0);
  CHECK(ran.out.find("PROVED  line 18: segregate Client from House") != std::string::npos);
  CHECK(ran.out.find("line 24: allow fee") != std::string::npos);
  CHECK(ran.out.find("fences: 2 proved, 0 refuted, 0 unknown") != std::string::npos);
  CHECK(ran.out.find("\nPROVED  every allowed transfer takes its amount from its own source") != std::string::npos);
  CHECK(folder.read("proofs/fence_1.smt2").find("(check-sat)") != std::string::npos);
  CHECK(folder.read("proofs/fence_2.smt2").find("(check-sat)") != std::string::npos);
  const json document = json::parse(folder.run("verify p.rf --json").out);
  CHECK(document["answer"] == "PROVED");
  CHECK(document["fences"].size() == 2);
  CHECK(document["properties"][0]["property"] == "conservation");
  for (const json& property : document["properties"]) CHECK(property["answer"] == "PROVED");
  CHECK(document["trusted"].size() >= 5);
  CHECK(ran.err.empty());                           // no progress when it is not a terminal
}

TEST_CASE("verify: whether the table is the policy") {
  const Prepared folder;
  const json own = json::parse(folder.run("verify p.rf --json").out);
  CHECK(own["compared_with_text"] == true);
  CHECK(own["properties"].back()["property"] == "table_is_policy");
  CHECK(own["properties"].back()["answer"] == "PROVED");
  CHECK(own["properties"].back()["obligations"] > 10);
  REQUIRE(folder.run("compile p.rf -o p.rft").code == 0);
  const Ran alone = folder.run("verify p.rft");
  CHECK(alone.code == 0);
  CHECK(alone.out.find("was not compared with a policy text") != std::string::npos);
  CHECK(json::parse(folder.run("verify p.rft --json").out)["compared_with_text"] == false);
  CHECK(folder.run("verify p.rft --policy p.rf").code == 0);
  std::string other = folder.read("p.rf");
  const std::size_t at = other.find(">= maintenance");
  REQUIRE(at != std::string::npos);
  folder.write("other.rf", other.replace(at, 14, "> maintenance "));
  const Ran differs = folder.run("verify p.rft --policy other.rf");
  INFO(differs.out << differs.err);
  CHECK(differs.code == 1);
  CHECK(differs.out.find("REFUTED  the rule table is the policy") != std::string::npos);
  CHECK(differs.out.find("by the table: allowed, by the allow rule of line") != std::string::npos);
  folder.write("commented.rf", folder.read("p.rf") + "# the same, but another text\n");
  CHECK(folder.run("verify p.rft --policy commented.rf").out.find("digest of the source") != std::string::npos);
  check_refused(folder.run("verify p.rft --policy none.rf"), "none.rf");
}

TEST_CASE("verify: a fence that does not hold is refuted with a trace") {
  const Prepared folder;
  folder.write("leak.rf", "policy \"Leak\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose take\nentity Client many\nentity House\n"
               "bucket Client.wallet\nbucket House.pot\nsegregate Client from House\nallow take Client.wallet -> House.pot by boss\n");
  const Ran ran = folder.run("verify leak.rf --certificate proofs");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 1);
  CHECK(ran.out.find("REFUTED  line 9: segregate Client from House") == 0);
  CHECK(ran.out.find("take") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/proofs/fence_1.smt2"));
  const json document = json::parse(folder.run("verify leak.rf --json").out);
  CHECK(document["fences"][0]["answer"] == "REFUTED");
  CHECK(document["fences"][0]["trace"]["steps"].size() == 1);
  CHECK(document["fences"][0]["trace"]["steps"][0]["to"] == "House.pot");
}

TEST_CASE("diff says what a change permits, and how it ends") {
  const Prepared folder;
  std::string wider = kPolicy;
  const std::size_t at = wider.find(" by trader");
  REQUIRE(at != std::string::npos);
  wider.replace(at, 10, " by anyone");
  folder.write("wider.rf", wider);
  const Ran same = folder.run("diff p.rf p.rf");
  CHECK(same.code == 0);
  CHECK(same.out.find("The same") == 0);
  const Ran more = folder.run("diff p.rf wider.rf");
  CHECK(more.code == 1);
  CHECK(more.out.find("Became allowed: 1 class; became denied: 0 classes") == 0);
  CHECK(more.out.find("old: denied by no_rule") != std::string::npos);
  const Ran less = folder.run("diff wider.rf p.rf --json");
  CHECK(less.code == 1);
  const json document = json::parse(less.out);
  CHECK(document["permits_no_more"] == "PROVED");
  REQUIRE(document["classes"].size() == 1);
  CHECK(document["classes"][0]["change"] == "became_denied");
  CHECK(document["classes"][0]["example"]["new"]["reason"] == "no_rule");
  REQUIRE(folder.run("compile p.rf -o p.table").code == 0);
  CHECK(folder.run("diff p.table p.rf").code == 0);
  check_refused(folder.run("diff p.rf"), "NEW is required");
  check_refused(folder.run("diff p.rf none.rf"), "none.rf");
  folder.write("broken.rf", "policy");
  CHECK(folder.run("diff p.rf broken.rf").code == 3);
}

TEST_CASE("diff judges balances as they stand") {
  const Folder folder;
  const auto policy = [](const std::string& rest) {
    return "policy \"p\" version \"1\"\nasset USD decimals 2\nrole r\npurpose pay\nentity Client many\nentity House\nentity Bank\naccount Bank.pool\n"
           "fact least of Client : amount of USD\nbucket Client.cash in Bank.pool\n" + rest;
  };
  folder.write("old.rf", policy("bucket House.fees\nbucket House.old\nallow pay Client.cash -> House.fees by r\nallow pay House.fees -> House.old by r\n"));
  folder.write("new.rf", policy("bucket House.fees in Bank.pool\nallow pay House.fees -> Client.cash by r\nallow pay Client.cash -> other Client.cash by r\n"
                                "floor Client.cash >= least\nsegregate Client from House\nsegregate Client from House in custody\n"));
  folder.write("state.jsonl", "{\"holds\":\"Client.cash of ann\",\"amount\":\"5 USD\"}\n{\"holds\":\"Client.cash of bob\",\"amount\":\"5 USD\"}\n"
                              "{\"holds\":\"House.fees\",\"amount\":\"1 USD\"}\n{\"holds\":\"House.old\",\"amount\":\"1 USD\"}\n"
                              "{\"fact\":\"least\",\"of\":[\"ann\"],\"value\":\"6 USD\",\"time\":\"2026-01-05T09:30:00Z\"}\n");
  const Ran ran = folder.run("diff old.rf new.rf --state state.jsonl --json");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 1);
  std::string kinds;
  const json document = json::parse(ran.out);   // kept while the loop walks through it
  for (const json& finding : document["state"]) kinds += finding["kind"].get<std::string>() + " ";
  CHECK(kinds == "gone mixed_in_custody may_be_mixed below_floor floor_unknown ");
  folder.write("clean.jsonl", "{\"holds\":\"Client.cash of ann\",\"amount\":\"5 USD\"}\n");
  CHECK(folder.run("diff old.rf old.rf --state clean.jsonl").code == 0);
  folder.write("bad.jsonl", "{\"holds\":\"Client.none of ann\",\"amount\":\"5 USD\"}\n");
  check_refused(folder.run("diff old.rf new.rf --state bad.jsonl"), "line 1");
}
