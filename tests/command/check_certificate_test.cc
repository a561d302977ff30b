// SPDX-License-Identifier: Apache-2.0
// Each way of tampering with a proof is noticed, and named; also where manifest and table were made to fit what was changed.
#include <catch2/catch.hpp>

#include <filesystem>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "command/manifest.h"
#include "command/smt_script.h"
#include "compiler/table_digest.h"
#include "tests/command/run_command.h"

using namespace command_test;
using namespace ringfence;
using nlohmann::json;

namespace {

/// Makes the manifest and the table fit the files, as somebody with time to spare would.
void fit(const Folder& folder, const std::function<void(Manifest&)>& change = {}) {
  Manifest manifest = std::get<Manifest>(parse_manifest(folder.read("proof/manifest.json")));
  for (ManifestClaim& claim : manifest.claims)
    if (!claim.file.empty()) claim.sha256 = sha256(folder.read("proof/" + claim.file));
  if (change) change(manifest);
  const std::string text = print(manifest);
  folder.write("proof/manifest.json", text);
  std::string table = folder.read("proof/table.rft");
  set_proof_digest(std::as_writable_bytes(std::span(table)), parse_digest(sha256(text)));
  folder.write("proof/table.rft", table);
}

struct Proved : Folder {
  Proved() {
    write("p.rf", kPolicy);
    run("verify p.rf --certificate proof");
    REQUIRE(!read("proof/fence_2.smt2").empty());
  }

  void fit(const std::function<void(Manifest&)>& change = {}) const { ::fit(*this, change); }

  /// Replaces the first `from` in a file of the proof.
  void change(const std::string& name, const std::string& from, const std::string& to) const {
    std::string text = read("proof/" + name);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    write("proof/" + name, text.replace(at, from.size(), to));
  }
};

void check_wrong(const Folder& folder, const std::string& says, const std::string& options = "") {
  const Ran ran = folder.run("check-certificate proof " + options);
  INFO(ran.out << ran.err);
  CHECK(ran.code == 1);
  CHECK(ran.out.find(says) != std::string::npos);
  CHECK(ran.out.find("NOT CONFIRMED") != std::string::npos);
}

/// The first obligation of a certificate, from its push to its pop.
std::string first_obligation(const std::string& text) {
  const std::size_t begin = text.find("(push 1)"), end = text.find("(pop 1)", begin);
  return text.substr(begin, end + 7 - begin);
}

}  // namespace

TEST_CASE("a proof as it was made is confirmed") {
  const Proved folder;
  const Ran ran = folder.run("check-certificate proof --require cvc5 --regenerate");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(count_of(ran.out, "made again: the same bytes") >= 2);
  CHECK(count_of(ran.out, "confirmed    cvc5: ") >= 2);
  CHECK(count_of(ran.out, "confirmed    ringfence-checker: no row of the table, read anew, lets a transfer through that does otherwise") == 2);
  CHECK(ran.out.find("\nCONFIRMED\n") != std::string::npos);
  const json document = json::parse(folder.run("check-certificate proof --with z3 --json").out);
  CHECK(document["confirmed"] == true);
  CHECK(document["claims"][0]["findings"][1]["outcome"] == "confirmed");
  CHECK(folder.run("check-certificate nowhere").code == 3);
}

TEST_CASE("files changed, swapped or missing, and a changed manifest, are noticed by digests") {
  const Proved folder;
  const std::string one = folder.read("proof/fence_1.smt2"), two = folder.read("proof/fence_2.smt2"), manifest = folder.read("proof/manifest.json");
  folder.write("proof/fence_1.smt2", two);
  folder.write("proof/fence_2.smt2", one);
  check_wrong(folder, "`proof/fence_1.smt2` is not the file that the manifest names");
  folder.fit();
  check_wrong(folder, "it is about another fence");
  folder.write("proof/fence_1.smt2", one);
  std::filesystem::remove(folder.path() + "/proof/fence_2.smt2");
  check_wrong(folder, "can't read `proof/fence_2.smt2`");
  folder.write("proof/fence_2.smt2", two);
  folder.write("proof/manifest.json", manifest);
  folder.change("manifest.json", "\"tool_version\": \"", "\"tool_version\": \"9");
  check_wrong(folder, "does not carry the digest of the manifest beside it");
  folder.fit([](Manifest& changed) { changed.claims[0].text = "segregate each Client"; });
  check_wrong(folder, "the manifest does not name the policy, the fences and the invariants of this table");
}

TEST_CASE("the certificate of another property of rows is noticed") {
  const Proved folder;
  const std::string funds = folder.read("proof/property_2.smt2"), range = folder.read("proof/property_4.smt2");
  folder.write("proof/property_2.smt2", range);
  folder.fit();
  check_wrong(folder, "it is about another property");
  folder.write("proof/property_2.smt2", funds.substr(0, funds.find("(push 1)")) + "(push 1)\n(assert (< v0 amount))\n(check-sat)\n(pop 1)\n");
  folder.fit();
  check_wrong(folder, "answer 1 of 1 is `sat`");
}

TEST_CASE("a certificate of another table is noticed") {
  const Proved folder;
  std::string other = kPolicy;
  other.replace(other.find("fresh within 10 s"), 17, "fresh within 11 s");
  folder.write("other.rf", other);
  folder.run("verify other.rf --certificate other");
  folder.write("proof/fence_1.smt2", folder.read("other/fence_1.smt2"));
  folder.fit();
  check_wrong(folder, "it is about another table");
  const Proved again;
  again.write("other.rf", other);
  again.run("verify other.rf --certificate other");
  again.write("proof/table.rft", again.read("other/table.rft"));
  check_wrong(again, "`proof/table.rft` is not the table that the manifest names");
}

TEST_CASE("the certificate of another table's or another invariant is noticed, and an invariant that the manifest leaves out") {
  const std::string policy = "policy \"Fund\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose pay\nentity House\nentity Client many\nbucket House.pot\nbucket House.till\n"
                             "bucket Client.wallet\nsegregate Client from House\nallow pay House.pot -> House.till by boss\nfloor House.pot >= 5 USD\n"
                             "invariant balance(House.pot) >= 5 USD\ninvariant balance(House.pot) >= 4 USD\n";
  const Folder folder;
  folder.write("p.rf", policy);
  folder.run("verify p.rf --certificate proof");
  CHECK(folder.run("check-certificate proof --regenerate").code == 0);
  const std::string four = folder.read("proof/property_10.smt2"), five = folder.read("proof/property_9.smt2");
  REQUIRE(!four.empty());
  const auto put = [&](const std::string& text) {
    folder.write("proof/property_9.smt2", text);
    fit(folder, [&](Manifest& manifest) {
      for (ManifestClaim& claim : manifest.claims)
        if (claim.number == 9 && claim.is_invariant()) claim.obligations = static_cast<std::uint32_t>(count_of(text, "(check-sat)"));
    });
  };
  put(four);
  check_wrong(folder, "it is about another invariant");
  put(five);
  CHECK(folder.run("check-certificate proof").code == 0);
  folder.write("other.rf", policy + "# another\n");
  folder.run("verify other.rf --certificate other");
  put(folder.read("other/property_9.smt2"));
  check_wrong(folder, "it is about another table");
  put(five);
  fit(folder, [](Manifest& manifest) {
    std::erase_if(manifest.claims, [](const ManifestClaim& claim) { return claim.is_invariant() && claim.text.find("4 USD") != std::string::npos; });
  });
  check_wrong(folder, "the manifest does not name the policy, the fences and the invariants of this table");
}

TEST_CASE("answers that are forged, and contradictions that everything follows from, are noticed") {
  for (const auto& [from, to, says] : {std::tuple("(check-sat)", "(echo \"unsat\")", "a quote"), std::tuple("(check-sat)", "(echo unsat)", "the command `echo`"),
                                       std::tuple("(push 1)", "(set-option :timeout 1)(push 1)", "the command `set-option`"),
                                       std::tuple("(push 1)", "(assert false)(push 1)", "is contradictory"),
                                       std::tuple("(push 1)", "(define-fun not ((x Bool)) Bool false)(push 1)", "a core word of the language is declared anew"),
                                       std::tuple("(pop 1)", "", "a push is not popped"), std::tuple("(push 1)", "(exit)(push 1)", "the command `exit`"),
                                       std::tuple("(push 1)", "(push 1)(assert nonsense)", "answer 1 of")}) {
    const Proved folder;
    folder.change("fence_1.smt2", from, to);
    folder.fit();
    check_wrong(folder, says);
  }
}

TEST_CASE("an obligation left out, or put in place of another, is noticed") {
  const Proved folder;
  folder.change("fence_1.smt2", first_obligation(folder.read("proof/fence_1.smt2")), "");
  folder.fit();
  check_wrong(folder, "obligations, the manifest says");
  folder.fit([](Manifest& manifest) { --manifest.claims[0].obligations; });
  check_wrong(folder, "these are not the obligations of the table", "--regenerate");
  const Proved other;
  other.change("fence_1.smt2", first_obligation(other.read("proof/fence_1.smt2")), "(push 1)\n(assert false)\n(check-sat)\n(pop 1)");
  other.fit();
  check_wrong(other, "these are not the obligations of the table", "--regenerate");
}

TEST_CASE("an invariant that is too small or too large is noticed by the solvers") {
  for (const char* always : {"false", "true"}) {
    const Proved folder;
    const std::string text = folder.read("proof/fence_1.smt2");
    const std::size_t begin = text.find("(define-fun inv ("), body = text.find(") Bool\n", begin) + 7, end = text.find("\n", body);
    REQUIRE(end != std::string::npos);
    folder.write("proof/fence_1.smt2", text.substr(0, body) + "  " + always + ")" + text.substr(end));
    folder.fit();
    check_wrong(folder, "is `sat`");
  }
}

TEST_CASE("what is refuted is not confirmed") {
  const Folder folder;
  folder.write("leak.rf", "policy \"Leak\" version \"1\"\nasset USD decimals 2\nrole boss\npurpose take\nentity Client many\nentity House\n"
               "bucket Client.wallet\nbucket House.pot\nsegregate Client from House\nallow take Client.wallet -> House.pot by boss\n");
  folder.run("verify leak.rf --certificate proof");
  check_wrong(folder, "it is REFUTED");
}

TEST_CASE("only commands that can't answer for themselves are read") {
  const auto why = [](const char* text) {
    const auto read = read_script(text);
    const auto* wrong = std::get_if<std::string>(&read);
    return wrong == nullptr ? std::string() : *wrong;
  };
  CHECK(why("; a comment\n(set-logic QF_LIA)\n(declare-fun x () Int)\n(push 1)\n(assert (< x x))\n(check-sat)\n(pop 1)\n").empty());
  CHECK(why("; a comment\r(exit)\n") == "line 1: a control character in a comment");
  CHECK(why("(check-sat)\n)") == "line 2: a command was expected");
  CHECK(why("(assert (not true)") == "line 1: the last command does not end");
  CHECK(why("(push 2)") == "line 1: a push or pop of other than one level");
  CHECK(why("(pop 1)") == "line 1: a pop without a push");
  CHECK(why("(check-sat x)") == "line 1: a check-sat with more in it");
  CHECK(why("(assert |x|)") == "line 1: a quote, a bar or a comment inside a command");
  CHECK(why("(get-info :name)") == "line 1: the command `get-info` is none that a certificate needs");
}
