// SPDX-License-Identifier: Apache-2.0
// `ringfence-checker TABLE CERTIFICATE...`: whether each certificate establishes, for this very table, the fence or invariant that it names. It shares no code
// with what made them, and runs no solver. Exit code: 0 all are confirmed, 1 one is wrong, 2 one was too large to decide, 3 unusable input.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>

#include "claim_steps.h"
#include "fence.h"
#include "rows.h"
#include "start.h"
#include "step.h"

namespace {

using namespace checker;

constexpr std::size_t kStatesMax = 20'000'000;

enum ExitCode { kConfirmed = 0, kWrong = 1, kUndecided = 2, kUnusable = 3 };

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file) throw Unusable{"it can't be read"};
  return bytes;
}

/// The states of an invariant, and whether they were found to hold all starts and to be kept: certificates of one table often share it.
struct Reached {
  Reached(Definitions given, const Table& table, const Guards& guards)
      : definitions(std::move(given)), invariant(definitions, table, guards.modes_possible()), states(invariant.states(set, kStatesMax)) {}
  const Definitions definitions;
  StateSet set;
  const Invariant invariant;
  const States states;
  bool is_kept = false;
};

/// The order of the check. Returns what is confirmed, in words.
std::string check(const Table& table, Guards& guards, const std::string& certificate, std::unique_ptr<Reached>& reached) {
  Definitions definitions = Definitions::read(certificate);
  const auto names = [&](const std::string& line) { return line.find(table.source_digest) != std::string::npos; };
  if (std::none_of(definitions.opening().begin(), definitions.opening().end(), names)) throw Refused{"it is for another policy: it does not name the SHA-256 of this one's text"};
  if (const WrittenInvariant* written = named_invariant(table, definitions.opening())) return check_invariant(table, definitions, *written);
  if (const auto of_rows = named_row_property(definitions.opening())) return check_rows(table, guards, *of_rows);
  const Fence& fence = named_fence(table, definitions.opening());
  if (!reached || !reached->definitions.has_functions_of(definitions)) {
    reached.reset();
    reached = std::make_unique<Reached>(std::move(definitions), table, guards);
  }
  const Frame& frame = reached->invariant.frame();
  check_excluded(frame, fence, reached->states);
  if (!reached->is_kept) {
    check_starts(reached->invariant, reached->set);
    check_steps(reached->invariant, guards, reached->states, reached->set);
    reached->is_kept = true;
  }
  return "line " + std::to_string(fence.line) + ": " + fence.text + " (" + std::to_string(reached->states.size()) + " states of " +
         (frame.units == 1 ? "one unit" : "two units") + ", kept by " + std::to_string(table.rows.size()) + " rows)";
}

ExitCode report(const Table& table, Guards& guards, const std::string& name, std::unique_ptr<Reached>& reached) {
  const auto say = [&](const std::string& why, ExitCode code) {
    std::cout << "NOT CONFIRMED " << name << ": " << why << '\n';
    return code;
  };
  try {
    const std::string confirmed = check(table, guards, read_file(name), reached);
    std::cout << "CONFIRMED " << name << ": " << confirmed << '\n';
    return kConfirmed;
  } catch (const Refused& refused) {
    return say(refused.why, kWrong);
  } catch (const TooLarge& limit) {
    return say("not decided: " + limit.why, kUndecided);
  } catch (const Unusable& unusable) {
    return say("unusable: " + unusable.why, kUnusable);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "usage: ringfence-checker TABLE CERTIFICATE.smt2 [...]\n";
    return kUnusable;
  }
  try {
    const Table table = read_table(read_file(arguments[1]));
    Guards guards(table);
    std::unique_ptr<Reached> reached;
    bool met[4] = {};
    for (int i = 2; i < count; ++i) met[report(table, guards, arguments[i], reached)] = true;
    std::cout.flush();
    if (!std::cout) throw Unusable{"the answer can't be written"};
    return met[kWrong] ? kWrong : met[kUnusable] ? kUnusable : met[kUndecided] ? kUndecided : kConfirmed;
  } catch (const Unusable& unusable) {
    std::cerr << arguments[1] << ": " << unusable.why << '\n';
    return kUnusable;
  }
}
