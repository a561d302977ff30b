// SPDX-License-Identifier: Apache-2.0
// `verify --since DIR` and `--timeout`: what is taken over makes no difference to what is written, what is damaged is refused before the proof,
// and a run ends when its time is up.
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/command/run_command.h"

using namespace command_test;
using nlohmann::json;

namespace {

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), by);
}

struct Proved : Folder {
  Proved() {
    write("p.rf", kPolicy);
    write("changed.rf", replaced(kPolicy, "fresh within 10 s", "fresh within 11 s"));
    run("verify p.rf --certificate before");
  }
};

/// Refused before anything is proved: exit code 3 and one line, which says this.
void check_refused(const Ran& ran, const std::string& says) {
  INFO(ran.err);
  CHECK(ran.code == 3);
  CHECK(ran.out.empty());
  CHECK(count_of(ran.err, "\n") == 1);
  CHECK(ran.err.find(says) != std::string::npos);
}

}  // namespace

TEST_CASE("what is taken over from an earlier proof is counted, said and written as from nothing") {
  const Proved folder;
  const Ran whole = folder.run("verify changed.rf --certificate whole --json");
  const Ran again = folder.run("verify changed.rf --certificate again --since before --json");
  CHECK(again.code == whole.code);
  const json from_nothing = json::parse(whole.out), with_memory = json::parse(again.out);
  CHECK_FALSE(from_nothing.contains("since"));
  REQUIRE(with_memory.contains("since"));
  CHECK(with_memory["since"]["directory"] == "before");
  CHECK(with_memory["since"]["taken_over"].get<int>() > 0);
  CHECK(with_memory["since"]["answered"] == 0);   // freshness is no part of what any obligation says
  CHECK(with_memory["fences"] == from_nothing["fences"]);
  CHECK(with_memory["properties"] == from_nothing["properties"]);
  CHECK(with_memory["trusted"].size() == from_nothing["trusted"].size() + 1);
  const json manifest = json::parse(folder.read("again/manifest.json")), other = json::parse(folder.read("whole/manifest.json"));
  CHECK(manifest["claims"] == other["claims"]);   // with the digest of each file
  CHECK(manifest["trusted"] == with_memory["trusted"]);
  CHECK(folder.read("again/fence_1.smt2") == folder.read("whole/fence_1.smt2"));
  CHECK(folder.run("check-certificate again --regenerate").code == folder.run("check-certificate whole --regenerate").code);
  CHECK(folder.run("verify changed.rf --since before").out.find("obligations: " + std::to_string(with_memory["since"]["taken_over"].get<int>()) + " taken over from before, 0 answered anew") !=
        std::string::npos);
}

TEST_CASE("a proof that was put in its own place can be the one before") {
  const Proved folder;
  const Ran again = folder.run("verify changed.rf --certificate before --since before");
  CHECK(again.code == folder.run("verify changed.rf --certificate whole").code);
  CHECK(folder.read("before/fence_2.smt2") == folder.read("whole/fence_2.smt2"));
}

TEST_CASE("a proof of something else takes nothing over") {
  const Proved folder;
  folder.write("other.rf", "policy \"Other\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose take\nentity Client many\nentity House\nexternal Client.bank\nbucket Client.a\n"
                           "bucket Client.b\nbucket House.pot\nsegregate each Client\nallow take Client.bank -> Client.a by boss\nallow take Client.a -> Client.b by boss passing title\n");
  const json with_memory = json::parse(folder.run("verify other.rf --since before --json").out), from_nothing = json::parse(folder.run("verify other.rf --json").out);
  CHECK(with_memory["since"]["taken_over"] == 0);
  CHECK(with_memory["trusted"] == from_nothing["trusted"]);
  CHECK(with_memory["fences"] == from_nothing["fences"]);
}

TEST_CASE("a damaged proof is refused before the work") {
  const Proved folder;
  const std::string verify = "verify changed.rf --since before";
  const std::string fence = folder.read("before/fence_1.smt2"), manifest = folder.read("before/manifest.json");
  folder.write("before/fence_1.smt2", replaced(fence, "(assert", "(assert "));
  check_refused(folder.run(verify), "SHA-256");
  folder.write("before/fence_1.smt2", fence);
  folder.write("before/manifest.json", replaced(manifest, "\"obligations\"", "\"Obligations\""));
  check_refused(folder.run(verify), "manifest");
  folder.write("before/manifest.json", replaced(manifest, "\"version\": \"1\"", "\"version\": \"2\""));
  check_refused(folder.run(verify), "table");
  folder.write("before/manifest.json", manifest);
  CHECK(folder.run(verify).code != 3);
  check_refused(folder.run("verify changed.rf --since nowhere"), "nowhere");
}

TEST_CASE("a run ends near the end of its time, and what was not answered is UNKNOWN") {
  const Proved folder;
  std::string text = "policy \"Long\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose take\nentity Client many\nentity Bank\nexternal Client.bank\naccount Bank.all\n";
  for (int i = 0; i < 200; ++i) text += "bucket Client.b" + std::to_string(i) + " in Bank.all\n";
  text += "segregate each Client in custody\nallow take Client.bank -> Client.b0 by boss\n";
  for (int i = 0; i < 200; ++i)
    for (const int step : {1, 7, 31})
      text += "allow take Client.b" + std::to_string(i) + " -> Client.b" + std::to_string((i + step) % 200) + " by boss passing title when amount <= " + std::to_string(i + 1) + " USD\n";
  folder.write("long.rf", text);
  const auto start = std::chrono::steady_clock::now();
  const Ran ran = folder.run("verify long.rf --timeout 2 --json");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CAPTURE(seconds);
  CHECK(seconds < 20);
  const json document = json::parse(ran.out);
  CHECK(ran.code == 2);
  CHECK(document["fences"][0]["answer"] == "UNKNOWN");
  CHECK(document["fences"][0]["reason"] == "the time for the whole run was up");
  CHECK(document["properties"].back()["property"] == "table_is_policy");
  CHECK(document["properties"].back()["answer"] == "UNKNOWN");
}
