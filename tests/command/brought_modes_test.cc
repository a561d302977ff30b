// SPDX-License-Identifier: Apache-2.0
// Changes of mode that come with a transfer (language reference, 4.8 and 10.5), as they are met on the command line: said with the answer, explained, journaled and
// audited, kept apart in runs, compared by `diff`, and left out by mistake.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

const std::string kLoans = R"(policy "loans" version "1"
asset USD decimals 2
role teller, boss
purpose lend, give_back, spend
entity House
entity Loan many
entity Bank
account Bank.own
external House.suppliers
bucket House.reserve
bucket House.drawn[Loan] in Bank.own
bucket House.spending in Bank.own may overdraw
mode of House.drawn : clear, lent, overdue
  clear -> lent by teller
  lent -> clear by teller when balance(House.drawn) = 0
  overdue -> clear by boss when balance(House.drawn) = 0
  lent must end within 10 h, else overdue
segregate House.reserve from House.suppliers
invariant balance(House.drawn) = 0 unless mode of House.drawn is lent, overdue
allow lend House.reserve -> House.drawn by teller passing title entering lent of House.drawn when amount <= 50 USD
allow give_back House.drawn -> House.reserve by teller passing title then clear
allow spend House.spending -> House.suppliers by boss
)";

std::string move(const std::string& id, const std::string& what, const std::string& amount, const std::string& time) {
  const bool lends = what == "lend";
  return R"({"id":")" + id + R"(","purpose":")" + what + R"(","from":")" + (lends ? "House.reserve" : "House.drawn of l1") + R"(","to":")" + (lends ? "House.drawn of l1" : "House.reserve") +
         R"(","amount":")" + amount + R"( USD","by":"teller","time":"2026-01-05T)" + time + "Z\"}\n";
}
const std::string kHolds = R"({"holds":"House.reserve","amount":"100 USD"})" "\n";
const std::string kDay = kHolds + move("t1", "lend", "51", "08:00:00") + move("t2", "lend", "50", "08:00:00") + move("t3", "give_back", "20", "09:00:00") + move("t4", "give_back", "30", "10:00:00");

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

}  // namespace

TEST_CASE("gate says which modes came with a transfer, and explain what it was then decided on") {
  const Folder folder;
  folder.write("p.rf", kLoans);
  folder.write("t.jsonl", kDay);
  const Ran people = folder.run("gate p.rf t.jsonl");
  INFO(people.out << people.err);
  CHECK(people.out.find("t1  denied   line 20:") != std::string::npos);
  CHECK(people.out.find("condition \"amount <= 50 USD\" failed") != std::string::npos);
  CHECK(people.out.find("entering lent of House.drawn when amount <= 50 USD; House.drawn of l1 is now lent\n") != std::string::npos);
  CHECK(count_of(people.out, "is now") == 2);
  const Ran programs = folder.run("gate p.rf t.jsonl --json");
  std::vector<json> lines;
  for (std::size_t at = 0, end; (end = programs.out.find('\n', at)) != std::string::npos; at = end + 1) lines.push_back(json::parse(programs.out.substr(at, end - at)));
  REQUIRE(lines.size() == 4);
  CHECK_FALSE(lines[0].contains("modes"));
  CHECK(lines[1]["modes"] == json::parse(R"([{"subject":"House.drawn of l1","mode":"lent","line":14}])"));
  CHECK_FALSE(lines[2].contains("modes"));
  CHECK(lines[3]["modes"] == json::parse(R"([{"subject":"House.drawn of l1","mode":"clear","line":15}])"));
  folder.write("one.jsonl", kHolds + move("t2", "lend", "50", "08:00:00"));
  const Ran explained = folder.run("explain p.rf one.jsonl");
  INFO(explained.out << explained.err);
  CHECK(explained.out.find("true   entering lent of House.drawn") != std::string::npos);
  CHECK(explained.out.find("false") == std::string::npos);
  folder.write("more.jsonl", kHolds + move("t1", "lend", "51", "08:00:00"));   // denied with the mode entered, too: that is what is explained
  const Ran denied = folder.run("explain p.rf more.jsonl");
  INFO(denied.out << denied.err);
  CHECK(denied.out.find("true   entering lent of House.drawn") != std::string::npos);
  CHECK(denied.out.find("false  amount <= 50 USD") != std::string::npos);
}

TEST_CASE("status lists what is due since a transfer brought it; a scenario shows conditions that are looked at with the mode entered") {
  const Folder folder;
  folder.write("p.rf", kLoans);
  folder.write("t.jsonl", kHolds + move("t2", "lend", "50", "08:00:00"));
  CHECK(folder.run("gate p.rf t.jsonl --journal day").code == 0);
  for (const char* state : {"t.jsonl", "day"}) {
    const Ran status = folder.run(std::string("status p.rf ") + state + " --json");
    INFO(status.out << status.err);
    const json obligations = json::parse(status.out)["obligations"];
    REQUIRE(obligations.size() == 1);
    CHECK(obligations[0]["subject"] == "House.drawn of l1");
    CHECK(obligations[0]["mode"] == "lent");
    CHECK(obligations[0]["due"] == "2026-01-05T18:00:00Z");
  }
  folder.write("q.rf", kLoans + R"(scenario "too much"
  given House.reserve holds 100 USD
  lend 51 USD from House.reserve to House.drawn of l1 by teller -> denied by condition
)");
  const Ran shown = folder.run("test q.rf");
  INFO(shown.out);
  CHECK(shown.code == 0);
  CHECK(shown.out.find("never true: line 20: amount <= 50 USD") != std::string::npos);   // and it was seen false
  CHECK(shown.out.find("1 of 4 parts of guards seen true and false") != std::string::npos);   // that it is entered
}

TEST_CASE("a journal brings the same modes again, and an audit confirms what came with them") {
  const Folder folder;
  folder.write("p.rf", kLoans);
  folder.write("t.jsonl", kHolds + move("t2", "lend", "50", "08:00:00") + move("t3", "give_back", "20", "09:00:00"));
  folder.write("later.jsonl", move("t4", "lend", "1", "18:00:00.001") + move("t5", "give_back", "30", "18:00:01"));
  CHECK(folder.run("gate p.rf t.jsonl --journal day").code == 0);
  const Ran later = folder.run("gate p.rf later.jsonl --journal day");
  INFO(later.out << later.err);
  CHECK(later.out.find("t4  denied") != std::string::npos);   // due ten hours after the transfer that opened it
  CHECK(later.out.find("t5  allowed") != std::string::npos);
  CHECK(later.out.find("is now") == std::string::npos);       // overdue: who gives back may not end that
  CHECK(folder.run("audit day").code == 0);
}

TEST_CASE("a run that refutes has its changes of mode apart, and passes as such a scenario") {
  const Folder folder;
  folder.write("p.rf", replaced(kLoans, "  overdue -> clear", "  lent -> clear by boss\n  overdue -> clear"));
  const Ran refuted = folder.run("verify p.rf --scenarios holes.rf");
  CHECK(refuted.code == 1);
  const std::string holes = folder.read("holes.rf");
  INFO(holes);
  CHECK(holes.find("\" apart\n") != std::string::npos);
  folder.write("with.rf", folder.read("p.rf") + holes);
  CHECK(folder.run("test with.rf").code == 0);
  folder.write("p.rf", kLoans);
  CHECK(folder.run("verify p.rf").code == 0);
}

TEST_CASE("diff says which modes come with a transfer in one policy only, and mutate that nobody notices one left out") {
  const Folder folder;
  folder.write("p.rf", kLoans);
  folder.write("q.rf", replaced(kLoans, " then clear", ""));
  const Ran differs = folder.run("diff p.rf q.rf");
  INFO(differs.out);
  CHECK(differs.code == 1);
  CHECK(differs.out.find("removed: with give_back House.drawn -> House.reserve: then clear of House.drawn") != std::string::npos);
  folder.write("r.rf", replaced(kLoans, "entering lent of House.drawn when amount <= 50 USD", "when amount <= 50 USD and mode of House.drawn is lent"));
  CHECK(folder.run("diff p.rf r.rf").out.find("removed: with lend House.reserve -> House.drawn: entering lent of House.drawn") != std::string::npos);
  CHECK(folder.run("diff p.rf p.rf").code == 0);
  const Ran mutants = folder.run("mutate p.rf");
  INFO(mutants.out);
  CHECK(mutants.out.find("SURVIVED    line 21: `then clear` is left out") != std::string::npos);
  CHECK(mutants.code == 1);
  const std::string shown = R"(scenario "lent and back"
  given House.reserve holds 100 USD
  lend 10 USD from House.reserve to House.drawn of l1 by teller -> allowed
  give_back 10 USD from House.drawn of l1 to House.reserve by teller -> allowed
  change House.drawn of l1 to clear by teller -> denied by no_transition
)";
  folder.write("p.rf", kLoans + shown);
  const Ran noticed = folder.run("mutate p.rf");
  INFO(noticed.out);
  CHECK(noticed.out.find("`then clear` is left out") == std::string::npos);
}

TEST_CASE("diff tells two transfers apart that bring each other's mode; what no transfer asked for is not shown") {
  const Folder folder;
  const std::string two = R"(policy "two" version "1"
asset USD decimals 2
asset EUR decimals 2
role teller
purpose pay
entity Client many
entity House
bucket Client.cash
bucket House.fees
segregate each Client
mode of Client : calm, one, two
  any -> one by teller when balance(Client.cash in USD) >= 0
  any -> two by teller
allow pay Client.cash -> House.fees of USD by teller passing title then one
allow pay Client.cash -> House.fees of EUR by teller passing title then two
)";
  folder.write("p.rf", two);
  folder.write("q.rf", replaced(replaced(two, "then one", "then three"), "then two", "then one"));
  folder.write("q.rf", replaced(folder.read("q.rf"), "then three", "then two"));
  const Ran differs = folder.run("diff p.rf q.rf");
  INFO(differs.out);
  CHECK(differs.code == 1);
  CHECK(differs.out.find("with pay Client.cash -> House.fees: then one of Client, then two of Client; by other rules, or for other transfers") != std::string::npos);
  folder.write("r.rf", replaced(two, "of EUR by teller passing title then two", "of USD by teller passing title entering one") + R"(scenario "the first rule lets it through"
  given Client.cash of alice holds 5 USD
  pay 5 USD from Client.cash of alice to House.fees by teller -> allowed
)");
  folder.write("s.rf", replaced(folder.read("r.rf"), "passing title then one", "passing title"));
  const Ran shown = folder.run("test s.rf");   // nothing was entered, so the transition was not looked at
  INFO(shown.out);
  CHECK(shown.out.find("never looked at: line 12") != std::string::npos);
}
