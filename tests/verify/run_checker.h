// SPDX-License-Identifier: Apache-2.0
// Runs `ringfence-checker`, the program, on a table and certificates, and changes certificates the way an attacker would.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "runtime/rule_table.h"

namespace ringfence::test {

inline constexpr int kConfirmed = 0, kWrong = 1, kUndecided = 2, kUnusable = 3;

/// A folder with a table and certificates; gone with the object.
class Bench {
 public:
  Bench() : path_(std::filesystem::temp_directory_path() / ("ringfence-checker-" + std::to_string(::getpid()) + "-" + std::to_string(made_++))) { std::filesystem::create_directory(path_); }
  ~Bench() { std::filesystem::remove_all(path_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void write(const std::string& name, std::string_view bytes) const { std::ofstream(path_ / name, std::ios::binary) << bytes; }
  void write_table(const RuleTable& table) const {
    const auto bytes = table.bytes();
    write("table", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// Exit code and what was printed.
  std::pair<int, std::string> check(const std::string& certificates) const {
    const std::string line = "cd '" + path_.string() + "' && '" RINGFENCE_CHECKER "' table " + certificates + " >out 2>&1";
    const int status = std::system(line.c_str());
    std::ifstream out(path_ / "out");
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, std::string(std::istreambuf_iterator<char>(out), {})};
  }

 private:
  static inline unsigned made_ = 0;
  std::filesystem::path path_;
};

inline std::pair<int, std::string> checked(const RuleTable& table, const std::string& certificate) {
  const Bench bench;
  bench.write_table(table);
  bench.write("c.smt2", certificate);
  return bench.check("c.smt2");
}

inline void refused(const RuleTable& table, const std::string& certificate, const std::string& why) {
  const auto [code, out] = checked(table, certificate);
  INFO(out << "expected: " << why);
  CHECK(code == kWrong);
  CHECK(out.rfind("NOT CONFIRMED c.smt2: ", 0) == 0);
  CHECK(out.find(why) != std::string::npos);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// As if it had been made from `table`'s text: what an attacker would write, too.
inline std::string made_out_for(std::string certificate, const RuleTable& proved, const RuleTable& table) {
  return replaced(std::move(certificate), std::string(proved.source_digest()), std::string(table.source_digest()));
}

/// Functions to define first, and a condition that is true: to be a part of an `and` that is the whole body of a function.
struct Nested { std::string definitions, condition; };

/// By parentheses in the text, and by functions that call each other: `not` so many times.
inline std::vector<Nested> nested(std::size_t parentheses, std::size_t calls) {
  const auto truth = [](std::size_t nots) { return std::string(nots % 2 == 0 ? "true" : "false"); };
  std::string text, functions = "(define-fun nested0 () Bool " + truth(calls) + ")\n";
  for (std::size_t i = 0; i < parentheses; ++i) text += "(not ";
  for (std::size_t i = 1; i <= calls; ++i) functions += "(define-fun nested" + std::to_string(i) + " () Bool (not nested" + std::to_string(i - 1) + "))\n";
  return {{"", text + truth(parentheses) + std::string(parentheses, ')')}, {functions, "nested" + std::to_string(calls)}};
}

/// 1,000 deep: the function and the `and` are two of the parentheses; each call is as deep as the `not` that it calls, and one more.
inline std::vector<Nested> nested_to_the_limit() { return nested(998, 498); }
inline std::vector<Nested> nested_past_the_limit() { return nested(999, 499); }

}  // namespace ringfence::test
