// SPDX-License-Identifier: Apache-2.0
// What is said of a gate's books: held and required (`status`), agreed with a depository or not (`reconcile`); and of a policy, who loses with a bucket (`blast`).
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

const std::string kBooks = R"(policy "Books" version "1"
asset USD decimals 2   asset JPY decimals 0
role teller   purpose pay, spend
entity A many   entity Bank   entity House
external A.bank   external House.suppliers
account Bank.omnibus   account House.vault   account A.safe   bucket A.gold in A.safe   bucket A.spare in A.safe
bucket A.wallet in Bank.omnibus   bucket A.margin in Bank.omnibus   bucket House.till   bucket House.advance in Bank.omnibus may overdraw
fact need of A.margin : amount of USD, fresh within 10 s
fact least of A : amount of USD
mode of A.margin : normal, called  normal -> called by teller
allow pay A.bank -> A.wallet by teller
allow pay A.wallet -> A.margin by teller passing title
allow pay A.wallet -> other A.wallet by teller
allow pay A.wallet -> House.till by teller passing title
allow spend House.till -> House.suppliers by teller
allow spend House.advance -> House.suppliers by teller
floor A.margin >= 112.5% of need unless mode is called
floor A.wallet >= least
floor A.wallet >= 0
invariant balance(A.margin in USD) >= need
invariant total(Bank.omnibus in USD) = total(any A.wallet in USD) + total(any A.margin in USD) + balance(House.advance in USD)
)";

const std::string kState = R"({"holds":"A.wallet of x","amount":"100 USD"}
{"holds":"A.margin of x","amount":"60 USD"}
{"holds":"House.till","amount":"5 JPY"}
{"fact":"need","of":["x"],"value":"50 USD","time":"2026-01-05T09:30:00Z"}
{"fact":"least","of":["x"],"value":"30 USD","time":"2026-01-05T09:30:00Z"}
)";
/// What is denied, here for want of funds, tells no time.
const std::string kPay = R"({"id":"t1","purpose":"pay","from":"A.wallet of x","to":"A.margin of x","amount":"10 USD","by":"teller","time":"2026-01-05T09:30:05Z"}
{"id":"t2","purpose":"pay","from":"A.wallet of x","to":"A.margin of x","amount":"1000 USD","by":"teller","time":"2026-01-05T09:40:00Z"}
)";

struct Prepared : Folder {
  Prepared() {
    write("p.rf", kBooks);
    write("s.jsonl", kState);
  }
  Ran status(const std::string& more, const std::string& options = "") const {
    write("more.jsonl", kState + more);
    return run("status p.rf more.jsonl " + options);
  }
  Ran reconcile(const std::string& statement, const std::string& options = "") const {
    write("statement.csv", statement);
    return run("reconcile p.rf s.jsonl statement.csv " + options);
  }
};

/// The line of `text` that starts with `start` after its indentation, its blanks folded.
std::string line_of(const std::string& text, const std::string& start) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string folded;
    for (std::size_t i = begin; i < end; ++i)
      if (text[i] != ' ' || (!folded.empty() && folded.back() != ' ')) folded += text[i];
    if (folded.starts_with(start)) return folded;
    begin = end + 1;
  }
  return "";
}

}  // namespace

TEST_CASE("status: a subject is the same after a change of the journal's policy, whatever number it has there") {
  const Prepared folder;
  std::string changed = kBooks;
  changed.insert(changed.find("fact need of"), "fact ceiling : amount of USD\nmode of House : open, shut  open -> shut by teller when ceiling > 0 USD\n");
  folder.write("q.rf", changed);
  folder.write("day.jsonl", kState + R"({"id":"c1","change":"A.margin of x","to":"called","by":"teller","time":"2026-01-05T09:30:01Z"}
)");
  std::string keys;
  for (const std::string name : {"ann", "ben"}) keys += folder.run("key " + name + ".key").out;
  folder.write("approvers", keys);
  REQUIRE(folder.run("gate p.rf day.jsonl --journal j --unproved --approvers approvers").code == 0);
  const Ran before = folder.run("status p.rf j");
  for (const std::string name : {"ann", "ben"}) REQUIRE(folder.run("approve j q.rf --key " + name + ".key -o " + name + ".ok").code == 0);
  folder.write("none.jsonl", "");
  REQUIRE(folder.run("gate q.rf none.jsonl --journal j --unproved --approval ann.ok --approval ben.ok").code == 0);
  const Ran after = folder.run("status q.rf j");
  INFO(before.out << after.out << after.err);
  const auto of_modes = [](const std::string& text) { return text.substr(text.find("Not in their first mode"), 60); };
  CHECK(line_of(after.out, "A.margin of x:") == "A.margin of x: called");
  CHECK(of_modes(after.out) == of_modes(before.out));
  const Ran other = folder.run("status p.rf j");
  CHECK(other.code == 3);
  CHECK(other.err.find("the policy in force in the journal `j` is another one") != std::string::npos);
}

TEST_CASE("status: what is held for whom, what floors and invariants require, and the excess") {
  const Prepared folder;
  const Ran ran = folder.status("");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("Segregation computation, \"Books\" version \"1\", as of 2026-01-05T09:30:00Z\n") == 0);
  CHECK(line_of(ran.out, "Bank.omnibus, USD") == "Bank.omnibus, USD held required excess");
  CHECK(line_of(ran.out, "A x ") == "A x 160.00 86.25 73.75");
  CHECK(line_of(ran.out, "A.wallet of x") == "A.wallet of x 100.00 30.00 70.00");
  CHECK(line_of(ran.out, "A.margin of x") == "A.margin of x 60.00 56.25 3.75");
  CHECK(line_of(ran.out, "in the account") == "in the account 160.00 86.25 73.75");
  CHECK(line_of(ran.out, "House.till ") == "House.till 5 - -");
  CHECK(line_of(ran.out, "met line 20") == "met line 20: balance(A.margin in USD) >= need for A x: 60 USD, required at least 50 USD, excess 10 USD");
  CHECK(line_of(ran.out, "met line 21").ends_with(": 160 USD, required exactly 160 USD, excess 0 USD"));
  CHECK(ran.out.find("A.wallet of x, JPY") == std::string::npos);   // holds nothing and owes nothing there
  CHECK(count_of(ran.out, "held") == 2);
  CHECK(ran.out.find("The policy states no floor for A.gold, A.spare, House.till, House.advance") != std::string::npos);
}

TEST_CASE("status: a deficit of one minor unit is one, a fraction is rounded up, and what is not known is neither") {
  const Prepared folder;
  const std::string at = R"(,"time":"2026-01-05T09:30:00Z"})";
  const auto margin = [&](const std::string& held, const std::string& need) {
    return folder.status("{\"holds\":\"A.margin of y\",\"amount\":\"" + held + " USD\"}\n{\"fact\":\"need\",\"of\":[\"y\"],\"value\":\"" + need + " USD\"" + at + "\n");
  };
  CHECK(margin("22.50", "20").code == 0);
  const Ran missing = margin("22.49", "20");
  CHECK(missing.code == 1);
  CHECK(line_of(missing.out, "A.margin of y") == "A.margin of y 22.49 22.50 -0.01 DEFICIT");
  CHECK(line_of(margin("0.02", "0.01").out, "A.margin of y") == "A.margin of y 0.02 0.02 0.00");
  CHECK(margin("0.02", "0.01").code == 0);
  CHECK(margin("0.01", "0.01").code == 1);     // 1.125 minor units are not there
  const Ran none = folder.status("{\"fact\":\"need\",\"of\":[\"y\"],\"value\":\"20 USD\"" + at + "\n");
  CHECK(none.code == 1);                       // an empty bucket of which something is required
  CHECK(line_of(none.out, "A.margin of y") == "A.margin of y 0.00 22.50 -22.50 DEFICIT");

  const std::string unknown_holds = "{\"holds\":\"A.margin of y\",\"amount\":\"9 USD\"}\n";
  const Ran unknown = folder.status(unknown_holds);
  CHECK(unknown.code == 2);
  CHECK(line_of(unknown.out, "required by line 17") == "required by line 17 is NOT KNOWN: need of y is not known");
  CHECK(line_of(unknown.out, "in the account") == "in the account 169.00 - -");
  const Ran stale = folder.status("", "--at 2026-01-05T09:30:11Z");
  CHECK(stale.code == 2);
  CHECK(line_of(stale.out, "required by line 17").ends_with("need of x is stale"));
  CHECK(folder.status("", "--at 2026-01-05T09:30:10Z").code == 0);
}

TEST_CASE("status: an `unless` lifts a floor, and modes that are not the first are shown") {
  const Prepared folder;
  const std::string called = R"({"holds":"A.margin of y","amount":"21 USD"}
{"mode":"A.margin of y","is":"called"}
{"fact":"need","of":["y"],"value":"20 USD","time":"2026-01-05T09:30:00Z"}
)";
  const Ran ran = folder.status(called);
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(line_of(ran.out, "A.margin of y ") == "A.margin of y 21.00 - - called");
  CHECK(line_of(ran.out, "line 17 is lifted") == "line 17 is lifted by its `unless`");
  CHECK(line_of(ran.out, "A.margin of y:") == "A.margin of y: called");
}

TEST_CASE("status: a journal and the transfers that made it have the same books; JSON says what the text says") {
  const Prepared folder;
  folder.write("day.jsonl", kState + kPay);
  REQUIRE(folder.run("gate p.rf day.jsonl --journal j --unproved").code == 0);
  const Ran journal = folder.run("status p.rf j"), file = folder.run("status p.rf day.jsonl");
  INFO(journal.err << file.err);
  CHECK(journal.code == 0);
  CHECK(journal.out == file.out);
  CHECK(line_of(journal.out, "A.margin of x") == "A.margin of x 70.00 56.25 13.75");
  CHECK(journal.out.find("as of 2026-01-05T09:30:05Z") != std::string::npos);
  const json document = json::parse(folder.run("status p.rf j --json").out);
  CHECK(document["answer"] == "met");
  const json owner = document["accounts"][0]["owners"][0];
  CHECK(owner["owner"] == "A x");
  CHECK(owner["buckets"][1]["bucket"] == "A.margin of x");
  CHECK(owner["buckets"][1]["excess"] == "13.75 USD");
  CHECK(owner["buckets"][1]["floors"][0]["line"] == 17);
}

TEST_CASE("status: what can't be read, or is of another policy, is one line and exit code 3") {
  const Prepared folder;
  folder.write("day.jsonl", kState + kPay);
  REQUIRE(folder.run("gate p.rf day.jsonl --journal j --unproved").code == 0);
  folder.write("other.rf", kBooks + "limit pay per A 5 USD per day\n");
  folder.write("half.jsonl", kState + "{\"id\":1}\n");
  folder.write("bad.rf", "policy\n");
  for (const auto& [arguments, says] : {std::pair{"status other.rf j", "the policy in force in the journal `j` is another one"}, std::pair{"status p.rf half.jsonl", "line 6"}, std::pair{"status p.rf nowhere", "nowhere"},
                                        std::pair{"status p.rf s.jsonl --at soon", "is not an instant"}, std::pair{"reconcile p.rf s.jsonl nowhere.csv", "nowhere.csv"}}) {
    const Ran ran = folder.run(arguments);
    INFO(arguments << "\n" << ran.err);
    CHECK(ran.code == 3);
    CHECK(ran.out.empty());
    CHECK(count_of(ran.err, "\n") == 1);
    CHECK(ran.err.find(says) != std::string::npos);
  }
  CHECK(folder.run("status bad.rf j").code == 3);
}

TEST_CASE("reconcile: a statement that agrees, by account or by bucket, and each kind of break") {
  const Prepared folder;
  CHECK(folder.reconcile("place,amount\nBank.omnibus,160.00 USD\nHouse.till,5 JPY\n").code == 0);
  CHECK(folder.reconcile("\xEF\xBB\xBF" "date,amount,place\r\n2026-01-05,100 USD,A.wallet of x\r\n,60 USD,A.margin of x\r\n,5 JPY,House.till\r\n").code == 0);
  const Ran less = folder.reconcile("place,amount\nBank.omnibus,159.99 USD\nHouse.till,5 JPY\n");
  INFO(less.out);
  CHECK(less.code == 1);
  CHECK(less.out.find("BREAK   Bank.omnibus: the statement says 159.99 USD, the books 160 USD: 0.01 USD missing\n"
                      "          A.wallet of x: 100 USD\n          A.margin of x: 60 USD\n") == 0);
  CHECK(less.out.find("\n1 agree, 1 break\n") != std::string::npos);
  const Ran more = folder.reconcile("place,amount\nBank.omnibus,160 USD\nHouse.till,5 JPY\nA.wallet of nobody,3 USD\nHouse.vault,-1 USD\n");
  CHECK(more.code == 1);
  CHECK(more.out.find("BREAK   A.wallet of nobody: the statement says 3 USD, the books 0 USD: 3 USD more than is booked\n") != std::string::npos);
  CHECK(more.out.find("BREAK   House.vault: the statement says -1 USD, the books 0 USD: 1 USD missing\n") != std::string::npos);
  const Ran silent = folder.reconcile("place,amount\nBank.omnibus,160 USD\n");
  CHECK(silent.code == 1);
  CHECK(silent.out.find("BREAK   House.till: the books have 5 JPY, the statement says nothing of it\n") != std::string::npos);
  const json document = json::parse(folder.reconcile("place,amount\nBank.omnibus,159 USD\nHouse.till,5 JPY\n", "--json").out);
  CHECK(document["agrees"] == false);
  CHECK(document["places"][0]["buckets"].size() == 2);
}

TEST_CASE("reconcile: an account that has ids is one for each") {
  const Prepared folder;
  folder.write("s.jsonl", R"({"holds":"A.gold of x","amount":"7 USD"}
{"holds":"A.spare of x","amount":"1 USD"}
{"holds":"A.gold of y","amount":"9 USD"}
)");
  CHECK(folder.reconcile("place,amount\nA.safe of x,8 USD\nA.safe of y,9 USD\n").code == 0);
  const Ran swapped = folder.reconcile("place,amount\nA.safe of x,9 USD\nA.safe of y,8 USD\n");
  CHECK(swapped.code == 1);
  CHECK(swapped.out.find("BREAK   A.safe of x: the statement says 9 USD, the books 8 USD: 1 USD more than is booked\n          A.gold of x: 7 USD\n          A.spare of x: 1 USD\n") == 0);
  CHECK(swapped.out.find("\n0 agree, 2 breaks\n") != std::string::npos);
  CHECK(folder.reconcile("place,amount\nA.safe of x,8 USD\n").out.find("A.gold of y: the books have 9 USD, the statement says nothing") != std::string::npos);
}

TEST_CASE("reconcile: half a statement is none") {
  const Prepared folder;
  for (const auto& [statement, says] : {std::pair{"", "header"}, std::pair{"account,amount\n", "line 1: the header"}, std::pair{"place,amount\nBank.omnibus\n", "line 2: it has 1 cells"},
                                        std::pair{"place,amount\nBank.omnibus,160\n", "line 2: `160` must be"}, std::pair{"place,amount\nBank.omnibus,0.001 USD\n", "no amount of USD"},
                                        std::pair{"place,amount\nBank.nowhere,1 USD\n", "no account or bucket `Bank.nowhere`"}, std::pair{"place,amount\nA.bank of x,1 USD\n", "no account or bucket `A.bank`"},
                                        std::pair{"place,amount\nA.wallet,1 USD\n", "needs 1 ids"}, std::pair{"place,amount\nBank.omnibus,1 USD\nBank.omnibus,1 USD\n", "line 3: `Bank.omnibus` stands twice"},
                                        std::pair{"place,amount\n\"Bank,1 USD\n", "quote"}}) {
    const Ran ran = folder.reconcile(statement);
    INFO(statement << ran.err);
    CHECK(ran.code == 3);
    CHECK(ran.out.empty());
    CHECK(ran.err.find(says) != std::string::npos);
  }
}

TEST_CASE("blast: who loses with a bucket, each with the moves that show it") {
  const Prepared folder;
  const auto places = [&](const std::string& bucket, const std::string& list) {
    const Ran ran = folder.run("blast p.rf " + bucket + " --json");
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    json names = json::array();
    const json document = json::parse(ran.out);
    for (const json& loser : document[list]) names.push_back(loser["place"]);
    return names;
  };
  // Deposits keep the title of the client's bank; line 13 lets another client's money in, its title kept, and House.advance, which may overdraw, the account's.
  CHECK(places("A.wallet", "held_in_it") == json({"A.bank", "A.wallet, another A", "A.margin, another A", "A.margin", "House.advance", "A.bank, another A"}));
  CHECK(places("A.wallet", "let_into_it") == json({"A.margin", "House.advance", "A.wallet, another A"}));
  CHECK(places("A.wallet", "paid_by_it") == json({"A.margin", "House.till"}));
  CHECK(places("House.till", "paid_by_it") == json({"House.suppliers"}));   // outside, but unpaid
  CHECK(places("House.advance", "lend_to_it") == json({"A.wallet", "A.margin"}));
  CHECK(places("House.advance", "held_in_it").empty());
  CHECK(places("House.till", "let_into_it").size() == 3);
  const Ran people = folder.run("blast p.rf House.till");
  CHECK(people.out.find("When House.till is drained\n") == 0);
  CHECK(people.out.find("  A.bank\n      by pay A.bank -> A.wallet (line 11), then pay A.wallet -> House.till passing title (line 14)\n") != std::string::npos);
  // Without the move between clients, and the bucket that may overdraw, only a client's own money is in the client's wallet.
  std::string apart = kBooks;
  for (const std::string gone : {"allow pay A.wallet -> other A.wallet by teller\n", " may overdraw"}) apart.erase(apart.find(gone), gone.size());
  folder.write("p.rf", apart);
  CHECK(places("A.wallet", "held_in_it") == json({"A.bank"}));
  CHECK(places("A.wallet", "let_into_it").empty());
  CHECK(places("House.advance", "lend_to_it").empty());
  for (const auto& [arguments, says] : {std::pair{"p.rf A.walet", "did you mean `A.wallet`?"}, std::pair{"p.rf A.bank", "the policy has no bucket `A.bank`"}}) {
    const Ran ran = folder.run(std::string("blast ") + arguments);
    CHECK(ran.code == 3);
    CHECK(ran.err.find(says) != std::string::npos);
  }
}

TEST_CASE("status: obligations, not yet due and passed, from a day and from its journal") {
  const Folder folder;
  std::string policy = kBooks;
  policy.insert(policy.find("allow pay A.bank"), "mode of A : fine, demanded, lost  fine -> demanded by teller\n  demanded must end within 1 h, else lost cite \"terms, 7\" notify teller\n");
  folder.write("p.rf", policy);
  folder.write("day.jsonl", R"({"mode":"A of y","is":"demanded","since":"2026-01-05T08:00:00Z"}
{"id":"c1","change":"A of x","to":"demanded","by":"teller","time":"2026-01-05T09:30:00Z"}
)");
  REQUIRE(folder.run("gate p.rf day.jsonl --journal j --unproved").code == 0);
  for (const std::string state : {"day.jsonl", "j"}) {
    const Ran ran = folder.run("status p.rf " + state);
    INFO(ran.out << ran.err);
    CHECK(line_of(ran.out, "A of x:") == "A of x: demanded");
    CHECK(line_of(ran.out, "A of y:") == "A of y: lost");
    CHECK(line_of(ran.out, "due") == "due A of x: demanded since 2026-01-05T09:30:00Z, must end by 2026-01-05T10:30:00Z, else lost (line 12, terms, 7)");
    CHECK(line_of(ran.out, "PASSED") == "PASSED A of y: demanded since 2026-01-05T08:00:00Z, had to end by 2026-01-05T09:00:00Z, fell into lost (line 12, terms, 7)");
    CHECK(line_of(ran.out, "concerns") == "concerns teller");
    CHECK(folder.run("status p.rf " + state + " --at 2026-01-05T10:30:00Z").out.find("A of x: demanded\n") != std::string::npos);
    CHECK(folder.run("status p.rf " + state + " --at 2026-01-05T10:30:00.001Z").out.find("A of x: lost\n") != std::string::npos);
    CHECK(folder.run("status p.rf " + state + " --json").out.find("\"due\": \"2026-01-05T10:30:00Z\"") != std::string::npos);
  }
  folder.write("unknown.jsonl", R"({"mode":"A of y","is":"demanded"}
)");
  const Ran unknown = folder.run("status p.rf unknown.jsonl");
  CHECK(unknown.code == 3);
  CHECK(unknown.err.find("this mode has a deadline: say since when it is") != std::string::npos);
}

TEST_CASE("status: a mode whose deadline is in no year of the calendar is not known, and since when it is so is told") {
  const Folder folder;
  std::string policy = kBooks;
  policy.insert(policy.find("allow pay A.bank"), "calendar Desk in \"UTC\" closed saturday, sunday from 2026 to 2026\n"
                                                  "mode of A : fine, demanded, chased, lost  fine -> demanded by teller\n  demanded must end by 18:00 on the next business day of Desk, else chased\n"
                                                  "  chased must end by 18:00 on the next business day of Desk, else lost\n");
  folder.write("p.rf", policy);
  folder.write("day.jsonl", R"({"id":"c1","change":"A of x","to":"demanded","by":"teller","time":"2026-12-30T09:00:00Z"}
{"id":"c2","change":"A of y","to":"demanded","by":"teller","time":"2026-12-31T09:00:00Z"}
)");
  CHECK(line_of(folder.run("status p.rf day.jsonl").out, "A of x:") == "A of x: demanded");
  const Ran ran = folder.run("status p.rf day.jsonl --at 2026-12-31T18:00:00.001Z");
  INFO(ran.out << ran.err);
  CHECK(line_of(ran.out, "A of x:") == "A of x: mode NOT KNOWN: `chased` since 2026-12-31T18:00:00Z; this or its deadline is in no year of the calendar");
  CHECK(line_of(ran.out, "A of y:") == "A of y: mode NOT KNOWN: `demanded` since 2026-12-31T09:00:00Z; this or its deadline is in no year of the calendar");
  CHECK(line_of(ran.out, "PASSED").find("fell into chased") != std::string::npos);
}

TEST_CASE("status: a mode that was opened before it had a deadline is not known, and that nobody knows since when is told") {
  const Folder folder;
  const std::string machine = "mode of A : fine, demanded, lost  fine -> demanded by teller  demanded -> lost by teller\n";
  std::string policy = kBooks;
  policy.insert(policy.find("allow pay A.bank"), machine);
  folder.write("old.rf", policy);
  policy.insert(policy.find(machine) + machine.size(), "  demanded must end within 1 h, else lost\n");
  folder.write("new.rf", policy);
  folder.write("day.jsonl", R"({"mode":"A of y","is":"demanded"}
)");
  folder.write("more.jsonl", R"({"id":"c1","change":"A of x","to":"demanded","by":"teller","time":"2026-01-05T09:30:00Z"}
)");
  folder.write("approvers", folder.run("key a.key").out + folder.run("key b.key").out);
  REQUIRE(folder.run("gate old.rf day.jsonl --journal j --approvers approvers --unproved").code == 0);
  for (const std::string who : {"a", "b"}) REQUIRE(folder.run("approve j new.rf --key " + who + ".key -o " + who).code == 0);
  REQUIRE(folder.run("gate new.rf more.jsonl --journal j --approval a --approval b --unproved").code == 0);
  const Ran ran = folder.run("status new.rf j");
  INFO(ran.out << ran.err);
  CHECK(line_of(ran.out, "A of x:") == "A of x: demanded");
  CHECK(line_of(ran.out, "A of y:") == "A of y: mode NOT KNOWN: since when it is `demanded` is not known");
}

TEST_CASE("a policy's holidays are read from beside it, by every verb that reads it") {
  const Folder folder;
  std::string policy = kBooks;
  policy.insert(policy.find("allow pay A.bank"), "calendar Desk in \"America/New_York\" closed saturday, sunday holidays \"days.txt\" from 2026 to 2026\n"
                                                  "mode of A : fine, demanded, lost  fine -> demanded by teller\n  demanded must end by 18:00 on the same business day of Desk, else lost\n");
  std::filesystem::create_directory(folder.path() + "/sub");
  folder.write("sub/p.rf", policy);
  const Ran missing = folder.run("check sub/p.rf");
  CHECK(missing.code == 1);
  CHECK(missing.err.find("error E0223: the file `days.txt` can't be read") != std::string::npos);
  folder.write("sub/days.txt", "2026-07-03\n");
  folder.write("day.jsonl", R"({"id":"c1","change":"A of x","to":"demanded","by":"teller","time":"2026-07-02T22:00:00.001Z"}
)");
  CHECK(folder.run("check sub/p.rf").err.find("error") == std::string::npos);
  for (const std::string verb : {"compile sub/p.rf -o t", "gate sub/p.rf day.jsonl --unproved"}) CHECK(folder.run(verb).code == 0);
  CHECK(folder.run("status sub/p.rf day.jsonl").out.find("must end by 2026-07-06T22:00:00Z") != std::string::npos);
  folder.write("sub/days.txt", "2026-07-06\n");
  const Ran other = folder.run("status sub/p.rf day.jsonl");
  CHECK(other.out.find("must end by 2026-07-03T22:00:00Z") != std::string::npos);
  folder.write("late.jsonl", R"({"id":"c1","change":"A of x","to":"demanded","by":"teller","time":"2026-12-31T23:00:00.001Z"}
{"id":"c2","change":"A of x","to":"fine","by":"teller","time":"2027-01-04T09:00:00Z"}
)");
  CHECK(folder.run("status sub/p.rf late.jsonl").out.find("A of x: mode NOT KNOWN: `demanded` since 2026-12-31T23:00:00.001Z; this or its deadline is in no year of the calendar\n") != std::string::npos);
  CHECK(folder.run("status sub/p.rf late.jsonl --json").out.find("\"unknown\": \"`demanded` since") != std::string::npos);
  CHECK(folder.run("gate sub/p.rf late.jsonl --unproved").out.find("c2  denied   a value that the rules of this move read was not supplied: mode of A of x = not known") != std::string::npos);
  CHECK(folder.run("diff t sub/p.rf").out.find("mode of A: demanded must end by 18:00 of Desk, the same business day (260 business days until 2026-12-31T23:00:00Z, ") != std::string::npos);
}
