// SPDX-License-Identifier: Apache-2.0
// Proofs as files: a certificate directory is there whole or not at all, and a gate takes no table without the proof of that table.
#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const char* const kOne = R"({"holds":"Client.wallet of alice","amount":"100 USDC"}
{"id":"t1","purpose":"allocate","from":"Client.wallet of alice","to":"Client.margin of alice, p1","amount":"60 USDC","by":"trader","time":"2026-01-05T09:30:00Z"}
)";
const char* const kLeak = "policy \"Leak\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose take\nentity Client many\nentity House\n"
                          "bucket Client.wallet\nbucket House.pot\nsegregate each Client\nsegregate Client from House\nallow take Client.wallet -> House.pot by boss\n";
/// Another policy than kPolicy, with another table: the same but for a number.
std::string other_policy() {
  std::string text = kPolicy;
  text.replace(text.find("fresh within 10 s"), 17, "fresh within 11 s");
  return text;
}

struct Proved : Folder {
  Proved() {
    write("p.rf", kPolicy);
    write("other.rf", other_policy());
    write("t.jsonl", kOne);
    run("verify p.rf --certificate proof");   // not all money has a way home, which is no matter to a gate
  }
  std::string file(const std::string& name) const { return read("proof/" + name); }
  json manifest() const { return json::parse(file("manifest.json")); }
};

/// Exit code 3 and one line, which says this.
void check_refused(const Ran& ran, const std::string& says) {
  INFO(ran.err);
  CHECK(ran.code == 3);
  CHECK(ran.out.empty());
  CHECK(count_of(ran.err, "\n") == 1);
  CHECK(ran.err.find(says) != std::string::npos);
}
/// Likewise by a gate: it says what to do.
void check_not_gated(const Ran& ran, const std::string& says) {
  check_refused(ran, says);
  CHECK(ran.err.find("ringfence: not gated: ") == 0);
  CHECK(ran.err.find("`ringfence verify POLICY --certificate DIR` makes a proof, and --unproved gates without one") != std::string::npos);
}

}  // namespace

TEST_CASE("a certificate directory: the manifest names the table and every file") {
  const Proved folder;
  const json manifest = folder.manifest();
  CHECK(manifest["policy"] == "Small");
  CHECK(manifest["table_digest"].get<std::string>().size() == 64);
  int fences = 0;
  for (const json& claim : manifest["claims"]) {
    INFO(claim);
    CHECK((claim["answer"] == "PROVED" || claim["kind"] == "owners_home"));
    fences += claim["kind"] == "fence" ? 1 : 0;
    if (!claim.contains("file")) continue;
    const std::string text = folder.file(claim["file"]);
    CHECK(text.find("; Proved: " + (claim["line"] == 0 ? "" : "line " + std::to_string(claim["line"].get<int>()) + ": ") + claim["text"].get<std::string>() + "\n") != std::string::npos);
    CHECK(text.find(manifest["table_digest"].get<std::string>()) != std::string::npos);
    CHECK(text.find(manifest["source_digest"].get<std::string>()) != std::string::npos);
    CHECK(count_of(text, "\n(check-sat)") == claim["obligations"].get<std::size_t>());
  }
  CHECK(fences == 2);
  CHECK(manifest["trusted"].size() >= 5);
  CHECK(folder.file("table.rft").substr(0, 7) == "RFTABLE");
}

TEST_CASE("the same policy gives the same certificate, in place of the one before") {
  const Proved folder;
  const std::string manifest = folder.file("manifest.json"), table = folder.file("table.rft"), proof = folder.file("fence_1.smt2");
  folder.run("verify p.rf --certificate proof");
  CHECK(folder.file("manifest.json") == manifest);
  CHECK(folder.file("table.rft") == table);
  CHECK(folder.file("fence_1.smt2") == proof);
  folder.run("verify other.rf --certificate proof/");
  CHECK(folder.file("manifest.json") != manifest);
  CHECK(folder.count() == 4);                       // no temporary directory is left
  folder.run("verify proof/table.rft --certificate again");
  for (const std::string name : {"fence_1.smt2", "fence_2.smt2"}) CHECK(folder.read("again/" + name) == folder.file(name));
  CHECK(json::parse(folder.read("again/manifest.json"))["table_digest"] == folder.manifest()["table_digest"]);
}

TEST_CASE("a directory that is no certificate is not overwritten, and that is said before the proof") {
  const Folder folder;
  folder.write("p.rf", kPolicy);
  fs::create_directory(folder.path() + "/mine");
  folder.write("mine/notes", "mine");
  check_refused(folder.run("verify p.rf --certificate mine"), "`mine` holds `notes`, which is no part of a certificate");
  check_refused(folder.run("verify p.rf --certificate ."), "is no part of a certificate");
  check_refused(folder.run("verify p.rf --certificate p.rf"), "can't read `p.rf`: Not a directory");
  check_refused(folder.run("verify p.rf --certificate nowhere/proof"), "can't make `nowhere/proof`: No such file");
  fs::create_directory(folder.path() + "/empty");
  CHECK(folder.run("verify p.rf --certificate empty").err.empty());
  folder.write("empty/notes", "mine");
  check_refused(folder.run("verify p.rf --certificate empty"), "`empty` holds `notes`");
  CHECK(folder.read("empty/notes") == "mine");
  CHECK(folder.count() == 3);
}

TEST_CASE("a gate takes a table with its proof, and no other") {
  const Proved folder;
  CHECK(folder.run("gate proof/table.rft t.jsonl").code == 0);
  REQUIRE(folder.run("compile p.rf -o table --proof proof").code == 0);
  CHECK(folder.read("table") == folder.file("table.rft"));
  CHECK(folder.run("gate table t.jsonl --proof proof").code == 0);
  check_not_gated(folder.run("gate table t.jsonl"), "can't read `table.proof/manifest.json`: No such file");
  fs::copy(folder.path() + "/proof", folder.path() + "/table.proof");
  CHECK(folder.run("gate table t.jsonl").out == folder.run("gate p.rf t.jsonl").out);

  REQUIRE(folder.run("compile p.rf -o bare").code == 0);
  check_not_gated(folder.run("gate bare t.jsonl --proof proof"), "table `bare` carries no proof");
  CHECK(folder.run("gate bare t.jsonl --unproved").code == 0);
  folder.run("verify other.rf --certificate other");
  check_not_gated(folder.run("gate table t.jsonl --proof other"), "`other` is the proof of another table");
  check_refused(folder.run("compile p.rf -o wrong --proof other"), "no table is written: `other` is the proof of another table");
  CHECK_FALSE(fs::exists(folder.path() + "/wrong"));
}

TEST_CASE("a gate refuses a proof that was changed, and one that lacks a file") {
  const Proved folder;
  const std::string proof = folder.file("fence_2.smt2"), manifest = folder.file("manifest.json");
  folder.write("proof/fence_2.smt2", proof + "\n");
  check_not_gated(folder.run("gate proof/table.rft t.jsonl"), "`proof/fence_2.smt2` is not the file that the manifest names");
  fs::remove(folder.path() + "/proof/fence_2.smt2");
  check_not_gated(folder.run("gate proof/table.rft t.jsonl"), "can't read `proof/fence_2.smt2`: No such file");
  folder.write("proof/fence_2.smt2", proof);
  std::string changed = manifest;
  changed.replace(changed.find("\"Small\""), 7, "\"Large\"");
  folder.write("proof/manifest.json", changed);
  check_not_gated(folder.run("gate proof/table.rft t.jsonl"), "is another proof than the one whose digest table");
  for (const std::string& nonsense : {std::string("{}"), std::string("{"), std::string("[1]"), std::string(), manifest + " ", manifest.substr(1)}) {
    folder.write("proof/manifest.json", nonsense);
    check_not_gated(folder.run("gate proof/table.rft t.jsonl"), "can't use `proof/manifest.json`");
  }
}

TEST_CASE("a gate refuses a policy that is refuted, or has nothing to prove") {
  const Folder folder;
  folder.write("leak.rf", kLeak);
  folder.write("t.jsonl", "");
  check_not_gated(folder.run("gate leak.rf t.jsonl"), "line 10: segregate Client from House: REFUTED");
  CHECK(folder.run("gate leak.rf t.jsonl --unproved").code == 0);
  REQUIRE(folder.run("verify leak.rf --certificate proof").code == 1);
  CHECK(folder.read("proof/fence_1.smt2").find("(check-sat)") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path() + "/proof/fence_2.smt2"));
  check_not_gated(folder.run("gate proof/table.rft t.jsonl"), "carries no proof");
  check_not_gated(folder.run("gate leak.rf t.jsonl --proof proof"), "line 10: segregate Client from House: REFUTED in `proof`");
  check_refused(folder.run("compile leak.rf -o table --proof proof"), "REFUTED in `proof`");

  std::string none = kLeak;
  none.erase(none.find("segregate"), none.find("allow take") - none.find("segregate"));
  folder.write("none.rf", none);
  check_not_gated(folder.run("gate none.rf t.jsonl"), "nothing can be proved of `none.rf`: it has no fence");
  REQUIRE(folder.run("verify none.rf --certificate nothing").code == 0);
  check_not_gated(folder.run("gate nothing/table.rft t.jsonl"), "carries no proof");
  check_not_gated(folder.run("gate none.rf t.jsonl --proof nothing"), "no fence is proved in `nothing`");
}

namespace {

/// A policy whose proof takes seconds: wallets in a ring, each under guards of its own.
std::string slow_policy() {
  std::string text = "policy \"Slow\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose pay\nentity Client many\nentity House\naccount House.pool\n";
  constexpr int kCount = 60;
  const auto wallet = [](int i) { return "Client.w" + std::to_string(i % kCount); };
  for (int i = 0; i < kCount; ++i) text += "bucket " + wallet(i) + " in House.pool\n";
  text += "segregate each Client in custody\n";
  for (int i = 0; i < kCount; ++i)
    for (int to = i + 1; to < i + 12; ++to)
      text += "allow pay " + wallet(i) + " -> " + wallet(to) + " by boss passing title when amount <= " + std::to_string(i + 7 * to) + " USD\n";
  return text;
}

/// A running `ringfence verify slow.rf --certificate proof`; what it prints goes to `err`.
class Proving {
 public:
  explicit Proving(const Folder& folder) {
    const std::string policy = folder.path() + "/slow.rf", proof = folder.path() + "/proof", err = folder.path() + "/err";
    std::string command = RINGFENCE_COMMAND, verb = "verify", option = "--certificate";
    char* arguments[] = {command.data(), verb.data(), const_cast<char*>(policy.c_str()), option.data(), const_cast<char*>(proof.c_str()), nullptr};
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawnattr_t defaults;                     // a test run in the background ignores SIGINT
    posix_spawnattr_init(&defaults);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    posix_spawnattr_setsigdefault(&defaults, &signals);
    posix_spawnattr_setflags(&defaults, POSIX_SPAWN_SETSIGDEF);
    const int refused = ::posix_spawn(&child_, command.c_str(), &files, &defaults, arguments, environ);
    posix_spawnattr_destroy(&defaults);
    posix_spawn_file_actions_destroy(&files);
    REQUIRE(refused == 0);
  }

  /// Until it has blocked the signal in order to wait for it: how long that takes is the machine's affair.
  void wait_until_heeded(int signal) const {
    for (;;) {
      std::ifstream status("/proc/" + std::to_string(child_) + "/status");
      std::string line;
      while (std::getline(status, line)) {
        if (line.starts_with("State:")) REQUIRE(line.find('Z') == std::string::npos);   // it has not ended by itself
        if (line.starts_with("SigBlk:") && (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1) != 0) return;
      }
      ::usleep(1'000);
    }
  }

  /// The exit code; less than zero: the signal that ended it.
  int interrupt(int signal) {
    ::kill(child_, signal);
    return end();
  }
  int end() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t child_ = 0;
};

}  // namespace

TEST_CASE("an interrupt ends the proof in one line, and leaves no certificate") {
  const Folder folder;
  folder.write("slow.rf", slow_policy());
  for (const int signal : {SIGINT, SIGTERM}) {
    Proving proving(folder);
    proving.wait_until_heeded(signal);
    CHECK(proving.interrupt(signal) == 128 + signal);
    CHECK(folder.read("err") == "ringfence: interrupted\n");
  }
  CHECK(folder.count() == 2);                       // the policy and what was printed
}

TEST_CASE("interrupted at any time, a certificate directory is whole or not there") {
  using Clock = std::chrono::steady_clock;
  const auto is_whole = [](const Folder& folder) {
    CHECK(folder.count() <= 3);                     // no temporary directory
    if (!fs::exists(folder.path() + "/proof")) return false;
    const json manifest = json::parse(folder.read("proof/manifest.json"));
    for (const json& claim : manifest["claims"])
      if (claim.contains("file"))
        CHECK(count_of(folder.read("proof/" + claim["file"].get<std::string>()), "\n(check-sat)") == claim["obligations"].get<std::size_t>());
    CHECK(folder.run("gate proof/table.rft -").code == 0);
    return true;
  };
  const Folder complete;
  complete.write("slow.rf", kPolicy);
  const auto start = Clock::now();
  CHECK(Proving(complete).end() == 0);
  const auto whole_run = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  CHECK(is_whole(complete));

  constexpr int kInterrupts = 24;                   // over the length of a whole run, and a little beyond
  int whole = 0;
  for (int i = 0; i < kInterrupts; ++i) {
    const Folder folder;
    folder.write("slow.rf", kPolicy);
    Proving proving(folder);
    ::usleep(static_cast<useconds_t>(whole_run.count() * i / (kInterrupts - 4)));
    CAPTURE(i);
    proving.interrupt(SIGINT);
    whole += is_whole(folder);
  }
  WARN("interrupted: " << kInterrupts - whole << " without a certificate, " << whole << " with a whole one");
}
