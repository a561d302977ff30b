// SPDX-License-Identifier: Apache-2.0
// Every policy that is in the folder, found there and not listed here, through the command as a reader of the README runs it: it has
// no findings, its scenarios pass, its transfers get the decisions that they expect, every statement decides at least once, its
// verdicts are those beside it, and two solvers re-prove each certificate; with the scenarios beside it every part of a guard is seen true and false, and no mistake survives. A failure as it was is refuted; the same transfers are denied
// under the policy as it should have been, and the chapter that tells of both quotes them as they are.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "tests/size_of_run.h"

namespace ringfence {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::kIsSanitized;
using test::number_from_environment;

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

struct Finished { int exit_code = -1; std::string out; };
/// Runs a shell command; standard error goes to the test's own.
Finished run(const std::string& command) {
  INFO(command);
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Finished finished;
  std::array<char, 4096> buffer{};
  for (std::size_t read = 0; (read = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) finished.out.append(buffer.data(), read);
  const int status = ::pclose(pipe);
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}
Finished ringfence(const std::string& arguments) { return run(std::string("'") + RINGFENCE_COMMAND + "' " + arguments); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}
std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> policies() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SOURCE_DIR) / "policies"))
    if (entry.path().extension() == ".rf") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}
/// Those that the tests go through: all; where the build is sanitized, every fourth folder.
std::vector<fs::path> tried_policies() {
  std::set<fs::path> folders;
  std::vector<fs::path> tried;
  for (const fs::path& policy : policies()) {
    folders.insert(policy.parent_path());
    if (!kIsSanitized || folders.size() % 4 == 1) tried.push_back(policy);
  }
  return tried;
}
fs::path beside(const fs::path& policy, const std::string& extension) { return fs::path(policy).replace_extension(extension); }
bool is_failure(const fs::path& policy) { return policy.stem() == "as_it_was"; }
fs::path mended(const fs::path& failure) { return failure.parent_path() / "as_it_should_have_been.rf"; }
std::string chapter_of(const fs::path& policy) { return read(policy.parent_path() / "README.md"); }

/// A directory of its own, gone at the end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (fs::temp_directory_path() / "ringfence.XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~ScratchDirectory() { std::error_code ignored; fs::remove_all(path, ignored); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  fs::path path;
};

/// The gate's answers to the transfers beside a policy, one object a decision.
std::vector<json> gated(const fs::path& policy) {
  const Finished gate = ringfence(std::string("gate --json ") + (is_failure(policy) ? "--unproved " : "") + quoted(policy) + " " + quoted(beside(policy, ".transfers.jsonl")) + " 2>/dev/null");
  CHECK(gate.exit_code == 0);
  std::vector<json> answers;
  for (const std::string& line : lines_of(gate.out)) answers.push_back(json::parse(line));
  return answers;
}

json document(const std::string& arguments, int exit_code) {
  const Finished finished = ringfence(arguments + " --json");
  REQUIRE(finished.exit_code == exit_code);
  return json::parse(finished.out);
}

/// The transfers beside a policy with their ids, in the order of the file.
std::vector<json> transfers_of(const fs::path& policy) {
  std::vector<json> transfers;
  for (const std::string& line : lines_of(read(beside(policy, ".transfers.jsonl")))) {
    const json record = json::parse(line);
    if (record.contains("id")) transfers.push_back(record);
  }
  return transfers;
}
/// A failure's historical transfers have ids that start with h, in both of its transfer files.
bool is_historical(const json& transfer) { return transfer["id"].get<std::string>().front() == 'h'; }

/// What the solver says to each check-sat.
std::vector<std::string> answers_of(const std::string& solver, const fs::path& certificate) {
  return lines_of(run(solver + " " + quoted(certificate) + " 2>&1").out);
}

/// As NAME.verdicts has them: each fence and each property that a statement asks for; what is asked of every policy where it is not proved.
std::vector<std::string> verdicts_in(const json& document) {
  std::vector<std::string> verdicts;
  for (const json& fence : document["fences"]) verdicts.push_back(fence["answer"].get<std::string>() + " " + fence["text"].get<std::string>());
  for (const json& property : document["properties"])
    if (property.contains("line") || property["answer"] != "PROVED")
      verdicts.push_back(property["answer"].get<std::string>() + " " + property["claim"].get<std::string>());
  return verdicts;
}

TEST_CASE("the folder holds policies, and failures beside them", "[policies]") {
  const std::vector<fs::path> found = policies();
  CHECK(std::count_if(found.begin(), found.end(), is_failure) >= 8);
  CHECK(std::count_if(found.begin(), found.end(), [](const fs::path& policy) { return !is_failure(policy); }) >= 22);
  for (const fs::path& policy : found) {
    INFO(policy);
    CHECK(fs::exists(beside(policy, ".scenarios")) != is_failure(policy));
  }
}

TEST_CASE("each policy compiles without a finding", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    const Finished check = ringfence("check " + quoted(policy) + " 2>&1");
    INFO(policy << "\n" << check.out);
    CHECK(check.exit_code == 0);
  }
}

TEST_CASE("each transfer gets the decision that it expects, and says why", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    std::size_t allowed = 0, denied = 0;
    std::set<std::string> reasons;
    for (const json& answer : gated(policy)) {
      INFO(policy << ": " << answer.dump());
      REQUIRE(!answer.contains("error"));
      CHECK(answer.value("as_expected", true));
      CHECK((answer.contains("expected") || answer.contains("batch")));
      if (!answer.contains("decision")) continue;
      ++(answer["decision"] == "allowed" ? allowed : denied);
      reasons.insert(answer["reason"].get<std::string>());
    }
    INFO(policy << ": " << allowed << " allowed, " << denied << " denied");
    CHECK(allowed + denied >= 12);
    for (const char* reason : {"allowed", "no_rule", "condition", "deny_rule", "funds"}) {
      INFO(policy << ": no transfer is answered with " << reason);
      CHECK(reasons.count(reason) == 1);
    }
    const std::string text = read(policy);
    const auto has = [&text](const std::string& word) { return text.find(word) != std::string::npos; };
    CHECK((!has("\nfloor ") || reasons.count("floor") == 1));
    CHECK((!has("\nlimit ") || reasons.count("limit") == 1));
    CHECK((!has("fresh within") || reasons.count("value_stale") == 1));
    CHECK((is_failure(policy) || reasons.count("value_missing") == 1));
  }
}

TEST_CASE("each scenario passes, and with the transfers every statement decides at least once", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    const json test = document("test " + quoted(policy), 0);
    CHECK(test["scenarios"].size() >= 3);
    std::map<int, std::string> silent;   // by line
    for (const json& statement : test["statements"])
      if (!statement["decided"].get<bool>()) silent[statement["line"].get<int>()] = statement["text"].get<std::string>();
    for (const json& answer : gated(policy)) {
      const std::string reason = answer.value("reason", "");
      const bool decided = reason == "allowed" || reason == "deny_rule" || reason == "floor" || reason == "limit";
      if (decided && answer.contains("statement")) silent.erase(answer["statement"]["line"].get<int>());
    }
    for (const auto& [line, text] : silent) FAIL_CHECK(policy << ":" << line << ": nothing shows this at work: " << text);
  }
}

TEST_CASE("with the scenarios beside it every statement decides, and every part of a guard is seen true and false, or its chapter says that it can't be", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    if (is_failure(policy)) continue;
    const json test = document("test " + quoted(policy) + " " + quoted(beside(policy, ".scenarios")), 0);
    INFO(policy);
    for (const json& statement : test["statements"]) {
      INFO(statement.dump());
      CHECK(statement["decided"].get<bool>());
    }
    std::string told = chapter_of(policy);
    for (const json& part : test["guards"])
      for (const std::string seen : {"true", "false"}) {
        if (part["seen_" + seen].get<bool>()) continue;
        const std::string words = "never " + seen + ": `" + part["text"].get<std::string>() + "`";
        const std::size_t found = told.find(words);
        INFO(words << ", line " << part["line"]);
        CHECK(found != std::string::npos);
        if (found != std::string::npos) told.erase(found, words.size());
      }
    CHECK(told.find("never true: `") == std::string::npos);
    CHECK(told.find("never false: `") == std::string::npos);
  }
}

TEST_CASE("with the scenarios beside it no mistake survives that makes another policy", "[policies]") {
  const std::uint64_t step = number_from_environment("RINGFENCE_MUTATE_EVERY", kIsSanitized ? 12 : 4);
  std::size_t met = 0, mutants = 0;
  for (const fs::path& policy : policies()) {
    if (is_failure(policy) || met++ % step != 0) continue;
    const json counts = document("mutate " + quoted(policy) + " " + quoted(beside(policy, ".scenarios")), 0)["counts"];
    CHECK(counts["survived"] == 0);
    CHECK(counts["undecided"] == 0);
    CHECK(counts["noticed"].get<std::size_t>() >= 20);
    mutants += counts["noticed"].get<std::size_t>() + counts["equivalent"].get<std::size_t>();
  }
  std::printf("%zu mutants of every %zu. policy: none survived\n", mutants, static_cast<std::size_t>(step));
}

TEST_CASE("each fence and property has the verdict beside it, and two solvers re-prove each certificate", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    const ScratchDirectory scratch;
    const json verdict = document("verify " + quoted(policy) + " --certificate " + quoted(scratch.path), is_failure(policy) ? 1 : 0);
    const std::vector<std::string> expected = lines_of(read(beside(policy, ".verdicts")));
    CHECK(verdicts_in(verdict) == expected);
    REQUIRE(!verdict["fences"].empty());
    REQUIRE(verdict["fences"].size() <= expected.size());
    for (std::size_t i = 0; i < verdict["fences"].size(); ++i) {
      const json& fence = verdict["fences"][i];
      if (fence["answer"] != "PROVED") continue;
      const fs::path certificate = scratch.path / ("fence_" + std::to_string(i + 1) + ".smt2");
      const std::vector<std::string> unsat(fence["obligations"].get<std::size_t>(), "unsat");
      INFO(policy << ", " << expected[i]);
      REQUIRE(!unsat.empty());
      CHECK(answers_of("cvc5 --incremental --lang smt2", certificate) == unsat);
      CHECK(answers_of("z3 -smt2", certificate) == unsat);
    }
  }
}

TEST_CASE("a failure takes more than one move, or its chapter says that one was enough; its trace ends outside of what the fence allows", "[policies]") {
  for (const fs::path& policy : tried_policies()) {
    if (!is_failure(policy)) continue;
    const bool one_is_enough = chapter_of(policy).find("One move was enough.") != std::string::npos;
    std::size_t shortest = SIZE_MAX;
    const json verdict = document("verify " + quoted(policy), 1);
    for (const json& fence : verdict["fences"]) {
      INFO(policy << ": " << fence["text"]);
      REQUIRE(fence["answer"] == "REFUTED");
      shortest = std::min(shortest, fence["trace"]["steps"].size());
      const json& last = fence["trace"]["coins"][0].back();
      CHECK(last["title"] != last["at"]);
    }
    INFO(policy << ": the shortest trace has " << shortest << " steps");
    CHECK((one_is_enough ? shortest == 1 : shortest >= 2));
  }
}

TEST_CASE("what history did was allowed as it was, and is denied as it should have been", "[policies]") {
  for (const fs::path& was : tried_policies()) {
    if (!is_failure(was)) continue;
    std::map<std::string, json> history, answers_then, answers_now;
    for (const json& transfer : transfers_of(was)) if (is_historical(transfer)) history[transfer["id"]] = transfer;
    for (const json& answer : gated(was)) if (answer.contains("id")) answers_then[answer["id"]] = answer;
    for (const json& answer : gated(mended(was))) if (answer.contains("id")) answers_now[answer["id"]] = answer;
    CHECK(!history.empty());
    const std::string chapter = chapter_of(was);
    std::size_t met = 0, place = 0;
    for (json transfer : transfers_of(mended(was))) {
      ++place;
      if (!is_historical(transfer)) continue;
      const std::string id = transfer["id"];
      INFO(was << ", " << id);
      CHECK(place == ++met);   // history comes first
      REQUIRE(history.count(id) == 1);
      json then = history[id];
      then.erase("expect");
      transfer.erase("expect");
      CHECK(transfer == then);
      CHECK(answers_then[id]["decision"] == "allowed");
      CHECK(answers_now[id]["decision"] == "denied");
      const std::string row = "| " + id.substr(0, id.find(':')) + " |";
      const std::string told = chapter.substr(std::min(chapter.find(row), chapter.size()));
      const std::string line = told.substr(0, told.find('\n'));
      CHECK(line.find("allowed: `" + answers_then[id]["statement"]["text"].get<std::string>() + "`") != std::string::npos);
      CHECK(line.find("| " + answers_now[id]["reason"].get<std::string>() + " |") != std::string::npos);
      if (answers_now[id].contains("statement"))
        CHECK(line.find("`" + answers_now[id]["statement"]["text"].get<std::string>() + "`") != std::string::npos);
    }
    CHECK(met == history.size());
  }
}

TEST_CASE("a failure's chapter quotes what `diff` prints", "[policies]") {
  const std::string command = "```\n$ ringfence diff as_it_was.rf as_it_should_have_been.rf\n";
  for (const fs::path& was : tried_policies()) {
    if (!is_failure(was)) continue;
    const std::string chapter = chapter_of(was);
    const std::size_t found = chapter.find(command);
    INFO(was);
    REQUIRE(found != std::string::npos);
    const std::size_t begin = found + command.size();
    const Finished diff = ringfence("diff " + quoted(was) + " " + quoted(mended(was)));
    CHECK(diff.exit_code == 1);
    const std::vector<std::string> quotes = lines_of(chapter.substr(begin, chapter.find("```", begin) - begin));
    CHECK(quotes.size() >= 2);
    for (const std::string& quote : quotes) {
      INFO(quote);
      CHECK(diff.out.find(" " + quote + "\n") != std::string::npos);
    }
  }
}

TEST_CASE("the README's policy compiles and is proved; without `passing title` it is refuted", "[policies]") {
  const std::string readme = read(fs::path(SOURCE_DIR) / "README.md");
  const std::size_t begin = readme.find("\npolicy \"") + 1;
  std::string text = readme.substr(begin, readme.find("\n```", begin) + 1 - begin);
  const ScratchDirectory scratch;
  const fs::path policy = scratch.path / "readme.rf";
  std::ofstream(policy) << text;
  CHECK(document("check " + quoted(policy), 0)["findings"].empty());
  CHECK(document("verify " + quoted(policy), 0)["fences"].size() == 2);
  const std::string words = " passing title";
  REQUIRE(text.find(words) != std::string::npos);
  std::ofstream(policy) << text.erase(text.find(words), words.size());
  CHECK(document("verify " + quoted(policy), 1)["fences"][0]["answer"] == "REFUTED");
}

}  // namespace
}  // namespace ringfence
