// SPDX-License-Identifier: Apache-2.0
// The durable gate, killed at random instants, on a real disk: a process goes through the stream and says after each commit how far it has come; it
// is killed, and the next one goes on from the last step that was acknowledged. One step in 200 changes the policy. What was acknowledged must be there, nothing twice, and the
// balances those of a gate in memory.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <csignal>
#include <iostream>
#include <random>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/command/run_command.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

constexpr std::uint64_t kStepsMax = 100'000;

/// What the process does until it is killed. It writes the number of acknowledged steps to `acknowledge`.
[[noreturn]] void run_until_killed(const std::string& directory, const StreamTables& tables, std::uint64_t from, std::uint64_t commit_every, int acknowledge) {
  auto opened = open_stream({directory}, tables);
  if (std::holds_alternative<JournalError>(opened)) ::_exit(2);
  DurableGate& gate = std::get<DurableGate>(opened);
  for (std::uint64_t n = from; n < kStepsMax;) {
    if (is_change(n) != (do_step(gate, tables, n) == kChanged)) ::_exit(5);
    if (++n % commit_every != 0) continue;
    if (gate.commit() || ::write(acknowledge, &n, sizeof n) != sizeof n) ::_exit(3);
  }
  ::_exit(4);
}

struct Killed { std::uint64_t acknowledged; int status; };

Killed start_and_kill(const std::string& directory, const StreamTables& tables, std::uint64_t from, std::mt19937_64& random) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::uint64_t commit_every = 1 + random() % 20;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) run_until_killed(directory, tables, from, commit_every, ends[1]);
  ::close(ends[1]);
  ::usleep(static_cast<useconds_t>(random() % (kIsSanitized ? 60'000 : 40'000)));
  ::kill(child, SIGKILL);
  Killed killed{from, 0};
  for (std::uint64_t n = 0; ::read(ends[0], &n, sizeof n) == sizeof n;) killed.acknowledged = n;
  ::close(ends[0]);
  ::waitpid(child, &killed.status, 0);
  return killed;
}

}  // namespace

TEST_CASE("killed at random instants: nothing acknowledged is lost, nothing is done twice") {
  const StreamTables tables = stream_tables();
  const char* seed = std::getenv("RINGFENCE_SEED");
  std::mt19937_64 random(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
  const int kills = kIsSanitized ? 100 : 500, kills_a_journal = 25;
  std::uint64_t with_progress = 0, beyond_acknowledged = 0, steps = 0;
  for (int run = 0; run < kills / kills_a_journal; ++run) {
    const command_test::Folder folder;
    const std::string directory = folder.path() + "/journal";
    std::uint64_t acknowledged = 0;
    std::vector<std::string> seen = seen_after_steps(tables, 0);
    Gate in_memory(tables.first);
    for (int kill = 0; kill < kills_a_journal; ++kill) {
      const Killed killed = start_and_kill(directory, tables, acknowledged, random);
      CAPTURE(run, kill, killed.acknowledged);
      REQUIRE((WIFSIGNALED(killed.status) && WTERMSIG(killed.status) == SIGKILL));   // it was not the gate that ended it
      with_progress += killed.acknowledged > acknowledged;
      acknowledged = killed.acknowledged;
      while (seen.size() <= acknowledged + 20) {
        do_step(in_memory, tables, seen.size() - 1);
        seen.push_back(look_at(in_memory, tables.before_step(seen.size())));
      }
      auto opened = open_stream({directory}, tables);
      if (const auto* failed = std::get_if<JournalError>(&opened)) FAIL(failed->message);
      DurableGate& gate = std::get<DurableGate>(opened);
      const std::string found = look_at(gate);
      bool is_some_step = false;
      for (std::uint64_t step = acknowledged; step <= acknowledged + 20; ++step) is_some_step = is_some_step || found == seen[step];
      CHECK(is_some_step);
      beyond_acknowledged += found != seen[acknowledged];
      for (std::uint64_t n = 0; n < acknowledged; ++n)      // the whole stream again, but for its changes of policy: every id answers as before
        if (!is_change(n)) do_step(gate, tables, n);
      CHECK(look_at(gate) == found);
    }
    steps += acknowledged;
  }
  std::cout << kills << " kills, " << with_progress << " after some progress, " << steps << " steps acknowledged; after " << beyond_acknowledged << " more was there than acknowledged\n";
  CHECK(with_progress > static_cast<std::uint64_t>(kills) / 4);
}
