// SPDX-License-Identifier: Apache-2.0
// The durable gate when something fails. A scripted run, a few commits, a change of policy among them, a clean end and a second start, is repeated with its first, second, ... N-th
// write, truncation, sync, deletion or opening failing, once or from then on, or with the power cut there; and with its N-th allocation failing. Then the
// gate is opened again on a disk that works: it must be the gate after some step that is no earlier than the last acknowledged one and no later than
// the last one submitted, still be it when the power is cut right then, and go on to the same end. So no acknowledged step is lost, none is done twice, and none in part.
#include <catch2/catch.hpp>

#include <iostream>
#include <new>
#include <stdexcept>

#include "tests/durable/faulty_disk.h"
#include "tests/durable/faulty_memory.h"
#include "tests/durable/journaled_stream.h"

using namespace ringfence;
using namespace durable_test;

namespace {

constexpr std::uint64_t kSteps = 24, kRestart = 15, kCommitEvery = 3;

struct Progressed { std::uint64_t submitted = 0, acknowledged = 0; std::string error; };

/// From the step that `progressed` has come to up to `until`, committed every few steps. False: something failed, and `error` says what.
bool run_part(const FaultyDisk& disk, const StreamTables& tables, std::uint64_t until, Progressed& progressed) {
  auto opened = open_stream({".", disk.vfs_name()}, tables);
  if (auto* failed = std::get_if<JournalError>(&opened)) return progressed.error = failed->message, false;
  DurableGate& gate = std::get<DurableGate>(opened);
  for (std::uint64_t n = progressed.acknowledged; n < until;) {
    progressed.submitted = n + 1;
    std::string failed = do_step(gate, tables, n);
    if (!is_change(n) || failed == kChanged) {
      if (++n % kCommitEvery != 0 && n != until) continue;
      const auto why = gate.commit();
      failed = why ? why->message : "";
    }
    if (!failed.empty()) {
      progressed.error = failed;
      const MemoryWorks held;
      CHECK_THROWS_AS(gate.commit(), std::logic_error);        // nothing more is decided or written
      CHECK_THROWS_AS(gate.submit(deposit(gate.table(), "late", 1, 0)), std::logic_error);
      CHECK_THROWS_AS(gate.change_policy(gate.table(), {}), std::logic_error);
      return false;
    }
    progressed.acknowledged = n;
  }
  return true;
}

/// The scripted run: two parts.
bool run_script(const FaultyDisk& disk, const StreamTables& tables, Progressed& progressed) {
  return run_part(disk, tables, kRestart, progressed) && run_part(disk, tables, kSteps, progressed);
}

/// What is seen of the gate that is opened now, and still when the power is cut right after: what it answers from is on the disk.
std::string see_and_cut_power(FaultyDisk& disk, const StreamTables& tables, std::uint64_t seed) {
  std::string seen[2];
  for (std::string& each : seen) {
    {
      const auto opened = open_stream({".", disk.vfs_name()}, tables);
      if (const auto* failed = std::get_if<JournalError>(&opened)) return "can't be opened again: " + failed->message;
      each = look_at(std::get<DurableGate>(opened));
      disk.cut_power();
    }
    disk.start_again(seed);
  }
  return seen[0] == seen[1] ? "" : "opened as " + seen[0] + ", and after a power cut as " + seen[1];
}

/// What is wrong with what a run that came to `progressed` left on the disk; empty when nothing is.
std::string judge(const FaultyDisk& disk, const StreamTables& tables, const std::vector<std::string>& seen, const Progressed& progressed) {
  auto opened = open_stream({".", disk.vfs_name()}, tables);
  if (const auto* failed = std::get_if<JournalError>(&opened)) return "can't be opened again: " + failed->message;
  DurableGate& gate = std::get<DurableGate>(opened);
  const std::string found = look_at(gate);
  bool is_some_step = false;
  for (std::uint64_t step = progressed.acknowledged; step <= progressed.submitted; ++step) is_some_step = is_some_step || seen[step] == found;
  if (!is_some_step) return "after " + std::to_string(progressed.acknowledged) + " acknowledged and " + std::to_string(progressed.submitted) + " submitted steps: " + found;
  for (std::uint64_t n = progressed.acknowledged; n < kSteps; ++n) do_step(gate, tables, n);
  if (gate.commit()) return "can't go on";
  return look_at(gate) == seen[kSteps] ? "" : "ends elsewhere: " + look_at(gate);
}

std::uint64_t stride() { return kIsSanitized ? 7 : 1; }

}  // namespace

TEST_CASE("the N-th operation on the disk fails, or the power is cut there, for every N") {
  const StreamTables tables = stream_tables();
  const std::vector<std::string> seen = seen_after_steps(tables, kSteps);
  std::uint64_t runs = 0, operations = 0;
  struct Kind { Fault fault; bool persistent; std::uint64_t seeds; };
  for (const Kind& kind : {Kind{Fault::InputOutput, false, 1}, {Fault::InputOutput, true, 1}, {Fault::Full, false, 1}, {Fault::Full, true, 1}, {Fault::Short, false, 1},
                           {Fault::Short, true, 1}, {Fault::PowerCut, true, 3}}) {
    for (std::uint64_t seed = 0; seed < kind.seeds; ++seed) {
      for (std::uint64_t at = 1 + seed % stride();; at += stride()) {
        FaultyDisk disk;
        disk.fail(kind.fault, at, kind.persistent);
        Progressed progressed;
        const bool whole = run_script(disk, tables, progressed);
        operations = disk.operations();
        if (!disk.has_failed()) break;                       // the run has fewer operations
        ++runs;
        CAPTURE(static_cast<int>(kind.fault), kind.persistent, seed, at, progressed.error);
        CHECK((whole || !progressed.error.empty()));
        disk.start_again(seed * 1'000'000 + at);
        REQUIRE(see_and_cut_power(disk, tables, at) == "");
        const std::string wrong = judge(disk, tables, seen, progressed);
        REQUIRE(wrong == "");
      }
    }
  }
  std::cout << runs << " runs with one failure or power cut among about " << operations << " operations\n";
  CHECK(runs > 100 / stride());
}

TEST_CASE("the N-th allocation fails, for every N") {
  const StreamTables tables = stream_tables();
  const std::vector<std::string> seen = seen_after_steps(tables, kSteps);
  std::uint64_t runs = 0;
  for (const bool persistent : {false, true}) {
    for (std::uint64_t at = 1;; at += stride()) {
      const FaultyDisk disk;
      Progressed progressed;
      bool failed = false;
      {
        const MemoryFails fails(at, persistent);
        try {
          run_script(disk, tables, progressed);
        } catch (const std::bad_alloc&) {
        }
        failed = MemoryFails::has_failed();
      }
      if (!failed) break;
      ++runs;
      CAPTURE(persistent, at, progressed.error);
      REQUIRE(judge(disk, tables, seen, progressed) == "");
    }
  }
  std::cout << runs << " runs with a failed allocation\n";
  CHECK(runs > 100 / stride());
}
