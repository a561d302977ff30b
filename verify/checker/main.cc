// SPDX-License-Identifier: Apache-2.0
// `ringfence-checker TABLE CERTIFICATE...`: whether each certificate establishes, for this very table, the fence or invariant that it names. It shares no code
// with what made them, and runs no solver. Exit code: 0 all are confirmed, 1 one is wrong, 2 one was too large to decide, 3 unusable input.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "claim_steps.h"
#include "fence.h"
#include "start.h"
#include "step.h"

namespace {

using namespace checker;

constexpr std::size_t kStatesMax = 3'000'000;

enum ExitCode { kConfirmed = 0, kWrong = 1, kUndecided = 2, kUnusable = 3 };

std::string read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (!file) throw Unusable{"it can't be read"};
  return bytes;
}

/// A set of states found to hold all starts and to be kept: certificates of one table often share it.
struct Kept { unsigned units = 0; std::vector<View> views; StateSet set; };

/// The order of the check. Returns what is confirmed, in words.
std::string check(const Table& table, Guards& guards, const std::string& certificate, Kept& kept) {
  const Definitions definitions = Definitions::read(certificate);
  const auto names = [&](const std::string& line) { return line.find(table.source_digest) != std::string::npos; };
  if (std::none_of(definitions.opening().begin(), definitions.opening().end(), names)) throw Refused{"it is for another policy: it does not name the SHA-256 of this one's text"};
  if (const WrittenInvariant* written = named_invariant(table, definitions.opening())) return check_invariant(table, definitions, *written);
  const Fence& fence = named_fence(table, definitions.opening());
  const Invariant invariant(definitions, table, guards.modes_possible());
  const Frame& frame = invariant.frame();
  StateSet set;
  const std::vector<State> states = invariant.states(set, kStatesMax);
  check_excluded(frame, fence, states);
  if (!frame.balances.empty() || kept.units != frame.units || kept.views != frame.views || kept.set != set) {
    check_starts(invariant, set);
    check_steps(invariant, guards, states, set);
    kept = {frame.units, frame.views, std::move(set)};
  }
  return "line " + std::to_string(fence.line) + ": " + fence.text + " (" + std::to_string(states.size()) + " states of " +
         (frame.units == 1 ? "one unit" : "two units") + ", kept by " + std::to_string(table.rows.size()) + " rows)";
}

ExitCode report(const Table& table, Guards& guards, const std::string& name, Kept& kept) {
  const auto say = [&](const std::string& why, ExitCode code) {
    std::cout << "NOT CONFIRMED " << name << ": " << why << '\n';
    return code;
  };
  try {
    const std::string confirmed = check(table, guards, read_file(name), kept);
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
    Kept kept;
    bool met[4] = {};
    for (int i = 2; i < count; ++i) met[report(table, guards, arguments[i], kept)] = true;
    std::cout.flush();
    if (!std::cout) throw Unusable{"the answer can't be written"};
    return met[kWrong] ? kWrong : met[kUnusable] ? kUnusable : met[kUndecided] ? kUndecided : kConfirmed;
  } catch (const Unusable& unusable) {
    std::cerr << arguments[1] << ": " << unusable.why << '\n';
    return kUnusable;
  }
}
