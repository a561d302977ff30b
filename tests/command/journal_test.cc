// SPDX-License-Identifier: Apache-2.0
// `gate --journal`, `audit`, `journal`, `key` and `approve`, as a user meets them: state goes on, a pipe is answered as it is written, an audit confirms what a
// gate wrote and names what was changed, a printed journal decides the same again, and a policy changes when two of its approvers say so.
#include <catch2/catch.hpp>

#include <filesystem>

#include <csignal>
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/durable/journal_chain.h"
#include "tests/command/run_command.h"

using namespace command_test;

namespace {

std::string deposit(int n) {
  return fmt::format(R"({{"id":"d{}","purpose":"deposit","from":"Client.bank of alice","to":"Client.wallet of alice","amount":"60 USDC","by":"trader","evidence":["receipt"],"time":"2026-01-05T09:30:00Z"}}
)", n);
}
const char* const kOpening = R"({"holds":"Client.wallet of carol","amount":"5 USDC"}
{"mode":"Client.margin of carol, p9","is":"called"}
)";
const char* const kRest = R"({"fact":"fee_rate","value":"0.1","time":"2026-01-05T09:30:00Z"}
{"fact":"maintenance","of":["alice","p1"],"value":"7 USDC","time":"2026-01-05T09:30:00Z"}
{"id":"f1","purpose":"fee","from":"Client.wallet of alice","to":"House.fees","amount":"1 USDC","by":"risk_engine","time":"2026-01-05T09:30:01Z"}
{"id":"x1","purpose":"bribe","from":"Client.wallet of alice","to":"House.fees","amount":"1 USDC","by":"risk_engine","time":"2026-01-05T09:30:01Z"}
{"id":"w1","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"55 USDC","by":"trader","person":"tom","approvals":[{"person":"bob","roles":["treasurer"]},{"person":"eve","roles":["treasurer","risk_engine"]}],"time":"2026-01-05T09:30:02Z"}
{"batch":"b1","transfers":[{"id":"a1","purpose":"allocate","from":"Client.wallet of alice","to":"Client.margin of alice, p1","amount":"3 USDC","by":"trader","time":"2026-01-05T09:30:03Z"}]}
{"id":"m1","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":"2026-01-05T09:30:04Z"}
)";

struct Journaled {
  Folder folder;
  Journaled() {
    folder.write("p.rf", kPolicy);
    folder.write("t.jsonl", fmt::format("{}{}{}{}", kOpening, deposit(1), deposit(2), kRest));
  }
  Ran gate(const std::string& transfers = "t.jsonl") const { return folder.run("gate p.rf " + transfers + " --journal day"); }
  /// Runs SQL on the database, as somebody would who changes it.
  void change(const std::string& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open((folder.path() + "/day/journal.db").c_str(), &database) == SQLITE_OK);
    char* message = nullptr;
    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message);
    INFO((message == nullptr ? "" : message));
    CHECK(message == nullptr);
    sqlite3_close(database);
  }
};

}  // namespace

TEST_CASE("a gate with a journal goes on where it ended") {
  const Journaled journaled;
  const Ran first = journaled.gate();
  CHECK(first.code == 0);
  CHECK(count_of(first.out, "\n") == 7);
  CHECK(first.err == "6 allowed, 1 denied\n");
  const Ran again = journaled.gate();
  CHECK(again.code == 0);
  CHECK(count_of(again.out, "[answered before]") == 7);
  CHECK(count_of(again.err, "opening balances come before") == 1);
  journaled.folder.write("more.jsonl", deposit(3).append(R"({"id":"r1","purpose":"fee","from":"Client.wallet of alice","to":"House.fees","amount":"20 USDC","by":"risk_engine","time":"2026-01-05T09:30:05Z"})"));
  const Ran more = journaled.gate("more.jsonl");
  CHECK(more.out.find("d3  denied   the transfer's time is before that of the last one applied") == 0);
  CHECK(more.out.find("balance(from) = 61 USDC") != std::string::npos);   // 120 - 1 - 55 - 3
  CHECK(journaled.folder.run("gate p.rf more.jsonl --journal day --key other.key").code == 3);
  CHECK(journaled.folder.run("gate p.rf more.jsonl --key other.key").code == 3);
}

TEST_CASE("what arrives in a pipe is answered when it is on the disk, without waiting for more") {
  const Journaled journaled;
  // One whole record and the half of another: the answer to the first must come all the same.
  const std::string script = fmt::format(R"(mkfifo in out; '{}' gate p.rf in --journal day --unproved >out 2>/dev/null & exec 4<out 3>in
printf '%s{{"id":"half' '{}' >&3; read -r answer <&4; echo "$answer" >answer; kill -9 $!; wait 2>/dev/null; true)", RINGFENCE_COMMAND, deposit(1));
  journaled.folder.write("script", script);
  CHECK(std::system(fmt::format("cd '{}' && bash script", journaled.folder.path()).c_str()) == 0);
  CHECK(journaled.folder.read("answer").find("d1  allowed") == 0);
  journaled.folder.write("one.jsonl", deposit(1));
  CHECK(journaled.gate("one.jsonl").out.find("[answered before]") != std::string::npos);
}

TEST_CASE("audit confirms what a gate wrote, and names what was changed") {
  const Journaled journaled;
  REQUIRE(journaled.gate().code == 0);
  journaled.folder.write("kept", journaled.folder.read("day/head"));
  journaled.folder.write("more.jsonl", deposit(4));
  REQUIRE(journaled.gate("more.jsonl").code == 0);
  const Ran confirmed = journaled.folder.run("audit day");
  CHECK(confirmed.code == 0);
  CHECK(confirmed.out.find("confirmed  3 blocks, ") == 0);
  CHECK(confirmed.out.find("7 transfers (1 batches), 1 mode changes, 2 facts; 6 allowed, 2 denied") != std::string::npos);
  const std::string signer = confirmed.out.substr(confirmed.out.find("signed by  ") + 11, 64);
  CHECK(journaled.folder.run(fmt::format("audit day --head kept --signer {}", signer)).code == 0);
  CHECK(journaled.folder.run("audit day --json").out.find("\"answer\": \"confirmed\"") != std::string::npos);
  CHECK(journaled.folder.run(fmt::format("audit day --signer {:064}", 0)).code == 1);
  CHECK(journaled.folder.run("audit day --signer 00").code == 3);
  CHECK(journaled.folder.run("audit day --head p.rf").code == 3);
  CHECK(journaled.folder.run("audit nowhere").code == 3);

  journaled.change("update block set records = replace(records, x'6431', x'6439') where number = 2");
  const Ran changed = journaled.folder.run("audit day");
  CHECK(changed.code == 1);
  CHECK(changed.out == "WRONG  block 2: its digest does not fit\n");
  CHECK(journaled.gate("more.jsonl").code == 3);
}

TEST_CASE("audit: blocks cut off") {
  const Journaled journaled;
  REQUIRE(journaled.gate().code == 0);
  journaled.folder.write("kept", journaled.folder.read("day/head"));
  journaled.change("delete from block where number = 2");
  CHECK(journaled.folder.run("audit day").out.find("WRONG  the journal ends after block 1, but the file `head` is of block 2") == 0);
  // Who also puts an older file `head` back is found by whoever kept the later one.
  const std::string kept = journaled.folder.read("kept"), older = kept.substr(512);
  journaled.folder.write("day/head", fmt::format("{0}{0}", older));
  CHECK(journaled.folder.run("audit day").code == 0);
  CHECK(journaled.folder.run("audit day --head kept").out.find("WRONG  the journal ends after block 1, but the head that was kept is of block 2") == 0);
}

TEST_CASE("audit: a decision that who has the key wrote otherwise is named by its record") {
  using namespace ringfence;
  const Journaled journaled;
  journaled.folder.write("one.jsonl", deposit(1));
  REQUIRE(journaled.gate("one.jsonl").code == 0);
  const auto seed = parse_hex(journaled.folder.read("day.key").substr(0, 64));
  REQUIRE(seed);
  const SigningKey key = SigningKey::from_seed(*seed);
  // The last record of block 2 ends with its decision: allowed (0) becomes denied for want of funds (12).
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((journaled.folder.path() + "/day/journal.db").c_str(), &database) == SQLITE_OK);
  sqlite3_stmt* select = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, "select records, record_count, (select digest from block where number = 1) from block where number = 2", -1, &select, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(select) == SQLITE_ROW);
  std::string records(static_cast<const char*>(sqlite3_column_blob(select, 0)), static_cast<std::size_t>(sqlite3_column_bytes(select, 0)));
  const auto count = static_cast<std::uint64_t>(sqlite3_column_int64(select, 1));
  Head before{1, 1, {}};
  std::copy_n(static_cast<const std::uint8_t*>(sqlite3_column_blob(select, 2)), 32, before.digest.begin());
  sqlite3_finalize(select);
  records[records.size() - 5] = 12;
  const SignedHead forged = key.sign(next_head(before, count, records));
  sqlite3_close(database);
  const auto hex = [](std::string_view bytes) { return print_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}); };
  journaled.change(fmt::format("update block set records = x'{}', digest = x'{}', signature = x'{}' where number = 2", hex(records), print_hex(forged.head.digest), print_hex(forged.signature)));
  journaled.folder.write("day/head", fmt::format("{0}{0}", print(forged)));
  const Ran ran = journaled.folder.run("audit day");
  CHECK(ran.code == 1);
  CHECK(ran.out.find(fmt::format("WRONG  record {} (block 2): `d1` is decided otherwise: allowed", 1 + count)) == 0);
  CHECK(ran.out.find("the journal says: funds") != std::string::npos);
}

TEST_CASE("a printed journal, given to a gate, decides the same again") {
  const Journaled journaled;
  REQUIRE(journaled.gate().code == 0);
  const Ran printed = journaled.folder.run("journal day");
  CHECK(printed.code == 0);
  CHECK(count_of(printed.out, "\n") == 11);
  journaled.folder.write("again.jsonl", printed.out);
  const Ran again = journaled.folder.run("gate p.rf again.jsonl");
  CHECK(again.code == 0);
  CHECK(again.err == "6 allowed, 1 denied\n");
  const Ran numbered = journaled.folder.run("journal day --numbered");
  CHECK(numbered.out.find(R"({"policy":"Small","table_digest":")") == 0);
  CHECK(numbered.out.find(R"({"name":"carol","number":1,"record":2,"block":2})") != std::string::npos);
  CHECK(journaled.folder.run("journal nowhere").code == 3);
}

TEST_CASE("a journal whose files may not be written is read, and left as it is") {
  const Journaled journaled;
  REQUIRE(journaled.gate().code == 0);
  const std::string before = journaled.folder.read("day/journal.db");
  for (const char* name : {"/day/journal.db", "/day/head", "/day"})
    std::filesystem::permissions(journaled.folder.path() + name, std::filesystem::perms::owner_write, std::filesystem::perm_options::remove);
  CHECK(journaled.folder.run("audit day").code == 0);
  std::filesystem::permissions(journaled.folder.path() + "/day", std::filesystem::perms::owner_all);
  CHECK(journaled.folder.read("day/journal.db") == before);
  CHECK(std::distance(std::filesystem::directory_iterator(journaled.folder.path() + "/day"), {}) == 2);
}

namespace {

/// A journal that three may approve changes of, and a second policy, `q.rf`, which lets 100 USDC a day be withdrawn.
struct Approved : Journaled {
  std::string keys;
  Approved() {
    for (const char* name : {"ann", "ben", "cat"}) keys += folder.run(fmt::format("key {}.key", name)).out;
    folder.write("approvers", keys);
    std::string second = kPolicy;
    second.replace(second.find("60 USDC per day"), 15, "100 USDC per day");
    folder.write("q.rf", second);
    REQUIRE(begin("approvers").code == 0);
  }
  Ran begin(const char* approvers) const { return folder.run(fmt::format("gate p.rf t.jsonl --journal day --approvers {}", approvers)); }
  Ran approve(const std::string& name, const std::string& policy = "q.rf") const { return folder.run(fmt::format("approve day {0} --key {1}.key -o {1}.ok", policy, name)); }
  Ran change(const std::string& approvals, const std::string& policy = "q.rf") const {
    folder.write("more.jsonl", R"({"id":"w2","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"20 USDC","by":"trader","time":"2026-01-05T09:30:06Z"})");
    return folder.run(fmt::format("gate {} more.jsonl --journal day {}", policy, approvals));
  }
};

}  // namespace

TEST_CASE("a key is made once, for its owner only, and printed by its public half") {
  const Folder folder;
  const Ran made = folder.run("key mine.key");
  CHECK(made.code == 0);
  CHECK(made.out.size() == 65);
  CHECK(std::filesystem::status(folder.path() + "/mine.key").permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const std::string secret = folder.read("mine.key");
  CHECK(folder.run("key mine.key").out == made.out);
  CHECK(folder.read("mine.key") == secret);
  CHECK(made.out.find(secret.substr(0, 64)) == std::string::npos);
  CHECK(folder.run("key other.key").out != made.out);
  folder.write("bad.key", "no key\n");
  CHECK(folder.run("key bad.key").code == 3);
  CHECK(folder.read("bad.key") == "no key\n");
}

TEST_CASE("two approvers change the policy of a journal; what was used of a limit stays used, and ids are answered as before") {
  const Approved approved;
  const Ran ann = approved.approve("ann");
  CHECK(ann.code == 0);
  CHECK(ann.out.find("in force   \"Small\", source digest ") == 0);
  CHECK(ann.out.find("\napproved   \"Small\", source digest ") != std::string::npos);
  CHECK(ann.out.find("\ndiffer     Became allowed: 1 class; became denied: 0 classes") != std::string::npos);
  CHECK(ann.out.find("\nthe state  can be taken over as it stands here") != std::string::npos);
  CHECK(ann.out.find("\nsigned by  " + approved.keys.substr(0, 64) + ", one of 3 approvers; a change takes two\n") != std::string::npos);
  REQUIRE(approved.approve("ben").code == 0);

  CHECK(approved.change("").err.find("ringfence: the policy in force in `day` is another one") == 0);
  CHECK(approved.change("--approval ann.ok").err.find("ringfence: the policy may not change: 1 of 2 approvals given") == 0);
  CHECK(approved.change("--approval ann.ok --approval ann.ok").err.find("approves twice") != std::string::npos);
  CHECK(approved.change("--approval ann.ok --approval t.jsonl").err.find("ringfence: `t.jsonl` is no approval") == 0);
  CHECK(approved.folder.run("audit day").out.find("changed") == std::string::npos);

  // 55 of 60 USDC are used: 20 more are allowed under 100 a day, and 100 are not.
  const Ran changed = approved.change("--approval ann.ok --approval ben.ok");
  CHECK(changed.out == "w2  allowed  line 25: allow withdraw Client.wallet -> Client.bank by trader when amount <= 50 USDC or approved by 2 of treasurer\n");
  CHECK(changed.code == 0);
  CHECK(approved.change("--approval ann.ok --approval ben.ok").out.find("[answered before]") != std::string::npos);   // in force: nothing to change
  CHECK(approved.change("").code == 0);
  approved.folder.write("again.jsonl", approved.folder.read("t.jsonl"));
  CHECK(count_of(approved.folder.run("gate q.rf again.jsonl --journal day").out, "[answered before]") == 7);
  approved.folder.write("much.jsonl", R"({"id":"w3","purpose":"withdraw","from":"Client.wallet of alice","to":"Client.bank of alice","amount":"30 USDC","by":"trader","time":"2026-01-05T09:30:06Z"})");
  CHECK(approved.folder.run("gate q.rf much.jsonl --journal day").out.find("limit withdraw per Client 100 USDC per day") != std::string::npos);

  const Ran audited = approved.folder.run("audit day");
  CHECK(audited.code == 0);
  CHECK(count_of(audited.out, "\nchanged    by record ") == 1);
  CHECK(audited.out.find("approved by " + approved.keys.substr(0, 64) + ", " + approved.keys.substr(65, 64) + "\n") != std::string::npos);
  CHECK(audited.out.find("\napprovers  " + approved.keys.substr(0, 64)) != std::string::npos);
  CHECK(count_of(approved.folder.run("audit day --json").out, "\"approved_by\"") == 1);
  const Ran printed = approved.folder.run("journal day --numbered");
  CHECK(count_of(printed.out, R"("approved_by":[")") == 1);
  CHECK(count_of(printed.out, R"({"approvers":[")") == 1);
  const Ran lines = approved.folder.run("journal day");
  CHECK(lines.out.find("approve") == std::string::npos);
  CHECK(lines.err.find(" changes the policy: what follows was decided by \"Small\"") != std::string::npos);
}

TEST_CASE("who may not approve, and what can't be approved") {
  const Approved approved;
  REQUIRE(approved.folder.run("key dan.key").code == 0);
  CHECK(approved.approve("dan").err.find("is not among the approvers of `day`") != std::string::npos);
  CHECK(approved.approve("nobody").code == 3);
  CHECK(approved.approve("ann", "p.rf").err == "ringfence: `p.rf` is in force in `day` already\n");
  CHECK_FALSE(std::filesystem::exists(approved.folder.path() + "/ann.ok"));
  CHECK(approved.folder.run("gate p.rf t.jsonl --journal other").code == 0);
  CHECK(approved.folder.run("approve other q.rf --key ann.key -o ann.ok").err.find("begun without approvers, so its policy can't be changed") != std::string::npos);
  approved.folder.write("two", approved.keys.substr(0, 130));
  CHECK(approved.begin("two").err == "ringfence: `day` was begun with other approvers\n");
  approved.folder.write("one", approved.keys.substr(0, 65));
  CHECK(approved.folder.run("gate p.rf t.jsonl --journal third --approvers one").err == "ringfence: 1 approvers: there must be 2 to 64\n");
  approved.folder.write("half", approved.keys.substr(0, 100));
  CHECK(approved.folder.run("gate p.rf t.jsonl --journal third --approvers half").err.find("`half`: line 2 is no public key") != std::string::npos);
}

TEST_CASE("a policy without a bucket that holds money can't take over: approvers are told, and the gate refuses") {
  const Approved approved;
  std::string gone = kPolicy;
  for (std::size_t at = gone.find("House.fees"); at != std::string::npos; at = gone.find("House.fees")) gone.replace(at, 10, "House.dues");
  approved.folder.write("gone.rf", gone);
  const Ran ann = approved.approve("ann", "gone.rf");
  CHECK(ann.code == 0);
  CHECK(ann.out.find("the state  can't be taken over as it stands here: House.fees holds 1 USDC, and there is no bucket of that name with the same keys there") != std::string::npos);
  REQUIRE(approved.approve("ben", "gone.rf").code == 0);
  const Ran refused = approved.change("--approval ann.ok --approval ben.ok", "gone.rf");
  CHECK(refused.code == 3);
  CHECK(refused.err == "ringfence: the policy can't take over the state: House.fees holds 1 USDC, and there is no bucket of that name with the same keys there\n");
  CHECK(approved.change("", "p.rf").code == 0);
}

TEST_CASE("a policy takes over with its proof only, and that very proof was approved") {
  const Approved approved;
  REQUIRE(approved.folder.run("compile q.rf -o q.rft").code == 0);
  REQUIRE(approved.folder.run("verify q.rf --certificate q.proof").code == 0);
  for (const char* name : {"ann", "ben"}) CHECK(count_of(approved.approve(name, "q.rft").out, ", no proof\n") == 2);   // nor has the one in force
  const std::string given = "--approval ann.ok --approval ben.ok";
  CHECK(approved.change(given, "q.rft").err.find("ringfence: not gated: table `q.rft` carries no proof") == 0);
  CHECK(approved.change(given, "q.proof/table.rft").err.find("is of another table") != std::string::npos);
  CHECK(approved.folder.run("audit day").out.find("changed") == std::string::npos);
  for (const char* name : {"ann", "ben"}) CHECK(approved.approve(name, "q.proof/table.rft").out.find(", proof digest ") != std::string::npos);
  CHECK(approved.change(given, "q.proof/table.rft").code == 0);
  CHECK(approved.change("", "q.rf").code == 0);   // the same rules, proved again
}
