// SPDX-License-Identifier: Apache-2.0
// The mistakes that `mutate` makes, each as the line that it leaves; and who notices them: a scenario, a transfer, a proof, or nobody.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "command/make_mutants.h"
#include "compiler/passes.h"
#include "tests/command/run_command.h"

using namespace command_test;
using namespace ringfence;
using nlohmann::json;

namespace {

const std::string kDeclared = R"(policy "m" version "1"
asset USD decimals 2
role teller, boss   purpose pay, move   evidence note
entity A many   external A.bank   bucket A.wallet
fact due of A : amount of USD
)";

/// "kind: what is left of the changed lines", of the statements after kDeclared, in the order in which they are made.
std::vector<std::string> mutants_of(const std::string& statements) {
  const std::string source = kDeclared + statements;
  const auto parsed = parse(source);
  REQUIRE(parsed.artefact);
  std::vector<std::string> all;
  for (const Mutant& mutant : make_mutants(*parsed.artefact, source)) {
    const std::string text = mutated(source, mutant);
    CHECK(text != source);
    CHECK(std::count(text.begin(), text.end(), '\n') == std::count(source.begin(), source.end(), '\n'));
    std::string left;
    for (const std::string& line : changed_lines(source, text))
      if (line.starts_with("+ ")) left += line.substr(1);
    all.push_back(std::string(mutation_word(mutant.kind)) + ":" + left);
  }
  return all;
}

using Lines = std::vector<std::string>;

const std::string kBank = R"(policy "bank" version "1"
asset USD decimals 2
role teller
purpose deposit, withdraw
entity A many
entity House
external A.bank
bucket A.wallet
bucket House.till
segregate A from House
allow deposit A.bank -> A.wallet by teller passing title when amount <= 5 USD
)";
const std::string kDeposits = R"(scenario "deposits"
  deposit 5 USD from A.bank of x to A.wallet of x by teller -> allowed
  deposit 5.01 USD from A.bank of x to A.wallet of x by teller -> denied by condition
)";

json mutate(const Folder& folder, const std::string& policy, int code, const std::string& options = "") {
  folder.write("p.rf", policy);
  const Ran ran = folder.run("mutate p.rf --json " + options);
  INFO(ran.err << ran.out);
  REQUIRE(ran.code == code);
  return json::parse(ran.out);
}

json with_fate(const json& document, const std::string& fate) {
  json all = json::array();
  for (const json& mutant : document["mutants"])
    if (mutant["fate"] == fate) all.push_back(mutant);
  return all;
}

/// What becomes of the mutants that pass title where the policy does not, in text order.
std::string title_added(const Folder& folder, const std::string& policy) {
  std::string fates;
  const json all = mutate(folder, policy, 1);
  for (const json& mutant : all["mutants"])
    if (mutant["kind"] == "title_added") fates += mutant["fate"].get<std::string>() + " ";
  return fates;
}

}  // namespace

TEST_CASE("mutate: a deadline left out, a millisecond later, and ten times as late") {
  const Lines all = mutants_of("mode of A : sound, called, lost\n  sound -> called by teller, boss\n  called must end within 24 h, else lost\n");
  const auto made = [&](const std::string& start) { return std::count_if(all.begin(), all.end(), [&](const std::string& one) { return one.starts_with(start); }); };
  CHECK(made("bound_widened:   called must end within 86400001 ms, else lost") == 1);
  CHECK(made("limit_tenfold:   called must end within 240 h, else lost") == 1);
  CHECK(made("protection_removed:") == 1);
}

TEST_CASE("mutate: a cut-off a minute later, and a business day later") {
  const auto deadlines = [](const std::string& by) {
    Lines bounds;
    for (const std::string& one : mutants_of("calendar Desk in \"UTC\" from 2026 to 2026\nmode of A : sound, called, lost\n  sound -> called by teller, boss\n  called must end by " + by + " of Desk, else lost\n"))
      if (one.starts_with("bound_widened")) bounds.push_back(one);
    return bounds;
  };
  CHECK(deadlines("17:59 on the same business day") == Lines{"bound_widened:   called must end by 18:00 on the same business day of Desk, else lost",
                                                             "bound_widened:   called must end by 17:59 on the next business day of Desk, else lost"});
  CHECK(deadlines("23:59 on the next business day") == Lines{"bound_widened:   called must end by 23:59 on business day 2 of Desk, else lost"});
  CHECK(deadlines("00:00 on business day 2").back() == "bound_widened:   called must end by 00:00 on business day 3 of Desk, else lost");
}

TEST_CASE("each kind of mistake, in each statement that people make it in") {
  CHECK(mutants_of("allow pay A.bank -> A.wallet by teller requires evidence note\n") ==
        Lines{"clause_dropped: allow pay A.bank -> A.wallet by teller ", "arrow_turned: allow pay A.wallet -> A.bank by teller requires evidence note",
              "title_added: allow pay A.bank -> A.wallet by teller passing title requires evidence note", "role_added: allow pay A.bank -> A.wallet by teller, boss requires evidence note"});
  CHECK(mutants_of("allow move A.wallet -> other A.wallet by anyone passing title when amount <= due and approved by 2 of boss\n") ==
        Lines{"bound_widened: allow move A.wallet -> other A.wallet by anyone passing title when amount <= due + 0.01 USD and approved by 2 of boss",
              "bound_widened: allow move A.wallet -> other A.wallet by anyone passing title when amount <= due and approved by 1 of boss",
              "clause_dropped: allow move A.wallet -> other A.wallet by anyone passing title when approved by 2 of boss",
              "clause_dropped: allow move A.wallet -> other A.wallet by anyone passing title when amount <= due",
              "arrow_turned: allow move other A.wallet -> A.wallet by anyone passing title when amount <= due and approved by 2 of boss",
              "other_lost: allow move A.wallet -> A.wallet by anyone passing title when amount <= due and approved by 2 of boss"});
  // What a deny rule or a `not` then permits is more, not what its guard does.
  CHECK(mutants_of("deny move A.wallet -> A.bank when not (amount < 5 USD or due = 0)\n") ==
        Lines{"bound_widened: deny move A.wallet -> A.bank when not (amount <= 5 USD or due = 0)", "bound_widened: deny move A.wallet -> A.bank when not (amount < 5 USD or due <= 0)",
              "bound_widened: deny move A.wallet -> A.bank when not (amount < 5 USD or due >= 0)", "clause_dropped: deny move A.wallet -> A.bank ",
              "clause_dropped: deny move A.wallet -> A.bank when not (due = 0)", "clause_dropped: deny move A.wallet -> A.bank when not (amount < 5 USD)",
              "protection_removed:", "arrow_turned: deny move A.bank -> A.wallet when not (amount < 5 USD or due = 0)"});
  CHECK(mutants_of("deny move A.wallet -> A.bank when amount >= due\n").front() == "bound_widened: deny move A.wallet -> A.bank when amount > due");
  CHECK(mutants_of("floor A.wallet >= due unless approved by 2 of boss\n") ==
        Lines{"bound_widened: floor A.wallet >= due - 0.01 USD unless approved by 2 of boss", "bound_widened: floor A.wallet >= due unless approved by 1 of boss",
              "clause_dropped: floor A.wallet >= due ", "protection_removed:"});
  CHECK(mutants_of("limit pay per A 50 USD per day\n") ==
        Lines{"bound_widened: limit pay per A 50 USD + 0.01 USD per day", "protection_removed:", "limit_tenfold: limit pay per A 10 * (50 USD) per day"});
  CHECK(mutants_of("mode of A : up, down\n  up -> down by teller\n    when due > 5 USD\n") ==
        Lines{"bound_widened:     when due >= 5 USD", "clause_dropped:", "arrow_turned:   down -> up by teller", "role_added:   up -> down by teller, boss"});
  CHECK(mutants_of("segregate each A\ninvariant total(any A.wallet) >= 0 USD\nscenario \"s\"\n  given A.wallet of x holds 5 USD\n").empty());
}

TEST_CASE("a comment or a text with the words of the language in it misleads nobody") {
  CHECK(mutants_of("allow pay A.bank -> A.wallet by boss # when other\n  when # unless\n  amount <= 5 USD # + 1\n  cite \"when other\"\n") ==
        Lines{"bound_widened:   amount <= 5 USD + 0.01 USD # + 1", "clause_dropped:  # + 1",
              "arrow_turned: allow pay A.wallet -> A.bank by boss # when other", "title_added: allow pay A.bank -> A.wallet by boss passing title # when other",
              "role_added: allow pay A.bank -> A.wallet by boss, teller # when other"});
}

TEST_CASE("mutate: what scenarios and proofs notice is noticed, and one step less lets its mistake survive") {
  const Folder folder;
  const json all = mutate(folder, kBank + kDeposits, 0);
  CHECK(with_fate(all, "survived").empty());
  CHECK(all["counts"]["noticed"].get<std::size_t>() + all["counts"]["equivalent"].get<std::size_t>() == all["mutants"].size());
  const json bound = with_fate(all, "noticed")[0];
  CHECK(bound["kind"] == "bound_widened");
  CHECK(bound["line"] == 11);
  CHECK(bound["why"].get<std::string>().find("scenario \"deposits\", line 14: expected denied by condition, got allowed") == 0);
  CHECK(bound["changed"][1] == "+ allow deposit A.bank -> A.wallet by teller passing title when amount <= 5 USD + 0.01 USD");

  const std::string less = "  deposit 5.01 USD from A.bank of x to A.wallet of x by teller -> denied by condition\n";
  const std::string poorer = kBank + kDeposits.substr(0, kDeposits.size() - less.size());
  const json some = mutate(folder, poorer, 1);
  const json survivors = with_fate(some, "survived");
  REQUIRE(survivors.size() == 2);   // the bound, and the clause that has it
  CHECK(survivors[0]["kind"] == "bound_widened");
  CHECK(survivors[1]["kind"] == "clause_dropped");
  CHECK(survivors[0]["why"] == "it allows more");
  const Ran people = folder.run("mutate p.rf");
  CHECK(people.code == 1);
  CHECK(people.out.find("SURVIVED    line 11: `+ 0.01 USD` is added to `amount <= 5 USD`\n    - allow deposit") != std::string::npos);
}

TEST_CASE("mutate: scenarios of a further file notice as the policy's own do, and none of them is mutated") {
  const Folder folder;
  folder.write("deposits", kDeposits);
  const json all = mutate(folder, kBank, 0, "deposits");
  CHECK(with_fate(all, "noticed")[0]["why"].get<std::string>().find("scenario \"deposits\", deposits, line 3: expected denied by condition, got allowed") == 0);
  folder.write("fails", "scenario \"no\"\n  deposit 5 USD from A.bank of x to A.wallet of x by teller -> denied\n");
  CHECK(folder.run("mutate p.rf deposits fails").err.find("the policy itself fails scenario \"no\"") != std::string::npos);
  CHECK(folder.run("mutate p.rf nowhere").code == 3);
  CHECK(all["mutants"].size() == mutate(folder, kBank + kDeposits, 0)["mutants"].size());
}

TEST_CASE("mutate: a proof notices what no scenario speaks of, and diff finds what is no other policy") {
  const Folder folder;
  const std::string till = kBank + "allow withdraw A.wallet -> A.bank by teller\nallow deposit A.wallet -> House.till by teller passing title when amount <= 0.01 USD\n"
                                   "deny withdraw A.wallet -> House.till\ndeny deposit A.wallet -> House.till when amount > 0.01 USD\n";
  const json all = mutate(folder, till, 1);
  const auto of = [&](int line, const std::string& kind) {
    for (const json& mutant : all["mutants"])
      if (mutant["line"] == line && mutant["kind"] == kind) return mutant;
    return json();
  };
  CHECK(of(12, "arrow_turned")["fate"] == "noticed");       // money in without a scenario: nothing can get home
  CHECK(of(14, "protection_removed")["fate"] == "equivalent");   // no allow rule speaks of it
  CHECK(of(15, "protection_removed")["fate"] == "equivalent");   // the allow rule says the same
  CHECK(of(11, "bound_widened")["fate"] == "survived");
}

TEST_CASE("mutate --transfers: what is expected of transfers notices mistakes; a policy that fails its own scenarios or transfers is no measure") {
  const Folder folder;
  folder.write("t.jsonl", R"({"id":"t1","purpose":"deposit","from":"A.bank of x","to":"A.wallet of x","amount":"5 USD","by":"teller","time":"2026-01-05T09:30:00Z","expect":"allowed"}
{"id":"t2","purpose":"deposit","from":"A.bank of x","to":"A.wallet of x","amount":"5.01 USD","by":"teller","time":"2026-01-05T09:30:00Z","expect":"condition"}
)");
  const json all = mutate(folder, kBank, 0, "--transfers t.jsonl");
  CHECK(with_fate(all, "noticed")[0]["why"].get<std::string>().find("transfers, line 2: `t2`: expected condition, got allowed") == 0);
  folder.write("wrong.jsonl", R"({"id":"t1","purpose":"deposit","from":"A.bank of x","to":"A.wallet of x","amount":"6 USD","by":"teller","time":"2026-01-05T09:30:00Z","expect":"allowed"})");
  const Ran wrong = folder.run("mutate p.rf --transfers wrong.jsonl");
  CHECK(wrong.code == 1);
  CHECK(wrong.err.find("the policy itself does not do as the transfers expect") != std::string::npos);
  folder.write("fails.rf", kBank + "scenario \"no\"\n  deposit 5 USD from A.bank of x to A.wallet of x by teller -> denied\n");
  const Ran fails = folder.run("mutate fails.rf");
  CHECK(fails.code == 1);
  CHECK(fails.err.find("the policy itself fails scenario \"no\", line 13") != std::string::npos);
  CHECK(folder.run("mutate p.rf --transfers nowhere.jsonl").code == 3);
  folder.write("half.jsonl", "{\"id\":1}\n");
  CHECK(folder.run("mutate p.rf --transfers half.jsonl").code == 3);
  CHECK(folder.run("mutate nowhere.rf").code == 3);
}

TEST_CASE("mutate: title that passes where a fence can tell survives; between buckets that no fence tells apart it is the same policy") {
  const Folder folder;
  // A till that takes money in for safekeeping and gives it back: to pass title there is another policy, though no fence is broken by it.
  const std::string rules = "entity Guest many   external Guest.pocket   bucket Guest.purse   bucket Guest.box\n"
                            "allow deposit Guest.pocket -> Guest.purse by teller\nallow deposit Guest.purse -> Guest.box by teller\n"
                            "allow deposit A.bank -> House.till by teller\nallow withdraw House.till -> A.bank by teller\n";
  CHECK(title_added(folder, kBank + rules) == "equivalent equivalent survived survived ");
  CHECK(title_added(folder, kBank + rules + "segregate Guest.box from House\n") == "equivalent survived survived survived ");
}

TEST_CASE("mutate: title that passes on the way out is seen by nobody, but where a fence is broken there") {
  const Folder folder;
  const std::string rules = "external House.shop   bucket House.safe   segregate A from House.till in custody\n"
                            "allow withdraw House.till -> House.shop by teller\nallow withdraw House.till -> House.safe by teller\n";
  CHECK(title_added(folder, kBank + rules) == "equivalent survived ");
  CHECK(title_added(folder, kBank + rules + "segregate House.till from House.shop\n") == "survived survived ");
  CHECK(title_added(folder, kBank + rules + "segregate House.till from House.safe\n") == "equivalent survived ");
  // Whose wallet a payment reaches may be blocked, which nobody is before the system is closed: money that then leaves is no other than what may come in.
  const std::string modes = "mode of system : open, closed\n  open -> closed by teller\nmode of A : fine, blocked\n  fine -> blocked by teller when mode of system is closed\n"
                            "allow deposit House.till -> A.wallet by teller passing title\nallow withdraw A.wallet -> A.bank by teller\ndeny deposit A.bank -> A.wallet when mode of A is blocked\n";
  CHECK(title_added(folder, kBank + modes + "segregate A.wallet from House in custody\n") == "equivalent ");
}

TEST_CASE("mutate --scenarios: beside the policy they pass, and notice what nothing else did") {
  const Folder folder;
  const json before = with_fate(mutate(folder, kPolicy, 1, "--scenarios more.rf"), "survived");
  const std::string more = folder.read("more.rf");
  CHECK(before.size() > 30);
  CHECK(count_of(more, "\nscenario \"mutant ") == before.size());
  const json after = mutate(folder, std::string(kPolicy) + more, 0);
  CHECK(with_fate(after, "survived").empty());
  CHECK(with_fate(after, "equivalent").size() >= 2);   // title of deposits and withdrawals
  CHECK(folder.run("mutate p.rf --scenarios nowhere/more.rf").code == 3);
}
