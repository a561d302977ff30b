// SPDX-License-Identifier: Apache-2.0
// Deadlines in proofs (language reference, 2.12; soundness.md, 5a): what a deadline that passes can break is not proved, a run shows it at times that the
// gate confirms, no proof without the deadline stands for the table with it, and what only clocks forbid is neither proved nor refuted.
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"
#include "verify/diff.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

constexpr std::int64_t kHourMs = 3'600'000;

const std::string kModes = "mode of Client: calm, called, seized\n  calm -> called by officer\n";
const std::string kDeadline = "  called must end within 24 h, else seized\n";
const std::string kNoDeadline = "\n";   // as many lines
const std::string kFence = "segregate Client from House\n";

PropertyVerdict verdict_on(const std::string& rest, PropertyKind kind) {
  const Verdict verdict = verify(table_of(with_world(rest)));
  for (const PropertyVerdict& one : verdict.properties)
    if (one.kind == kind) return one;
  FAIL("no such property");
  return {};
}

}  // namespace

TEST_CASE("a mode that only a deadline leads to is reached, and the run waits for it") {
  const std::string breaks = kFence + "allow pay Client.wallet -> House.fees by trader when mode is seized\n";
  CHECK(judge(with_world(kModes + breaks)).answer == Answer::Proved);
  const FenceVerdict verdict = judge(with_world(kModes + kDeadline + breaks));
  REQUIRE(verdict.answer == Answer::Refuted);
  const std::vector<TraceStep>& steps = verdict.trace->steps;
  REQUIRE(steps.size() == 3);
  CHECK(steps[1].is_by_clock);
  CHECK(steps[1].time_ms == steps[0].time_ms + 24 * kHourMs + 1);
  CHECK_FALSE(steps[2].is_by_clock);

  Trace early = *verdict.trace;   // a run that does not wait long enough is none
  --early.steps[1].time_ms;
  const RuleTable table = table_of(with_world(kModes + kDeadline + breaks));
  const Moves moves = decode(table);
  CHECK(replay(table, moves, moves.vocabulary.fences[0], early) == "step 2: the deadline has not passed");
}

TEST_CASE("a run waits for a cut-off of a calendar") {
  const std::string rules = kFence + "allow pay Client.wallet -> House.fees by trader when mode is seized\ncalendar Desk in \"America/New_York\" closed saturday, sunday from 2027 to 2028\n";
  const FenceVerdict verdict = judge(with_world(kModes + "  called must end by 18:00 on business day 2 of Desk, else seized\n" + rules));
  REQUIRE(verdict.answer == Answer::Refuted);
  REQUIRE(verdict.trace->steps.size() == 3);
  CHECK(verdict.trace->steps[0].time_ms == 1'798'761'600'000 + 24 * kHourMs);   // the first midnight in UTC of the calendar's 2027, which begins at 5
  CHECK(verdict.trace->steps[1].time_ms == 1'799'190'000'000 + 1);              // it is still Friday, January 1, in New York: Tuesday is the second business day after it
}

TEST_CASE("a run is dated in a calendar's own years, also where they are past") {
  const std::string calendar = "calendar Desk in \"America/New_York\" closed saturday, sunday from 2008 to 2008\n";
  const std::string deadline = "  called must end by 18:00 on business day 2 of Desk, else seized\n";
  for (const char* mode : {"called", "seized"}) {
    const FenceVerdict verdict = judge(with_world(kModes + deadline + kFence + "allow pay Client.wallet -> House.fees by trader when mode is " + mode + "\n" + calendar));
    REQUIRE(verdict.answer == Answer::Refuted);
    CHECK(verdict.trace->steps.front().time_ms == 1'199'145'600'000 + 24 * kHourMs);   // 2008-01-02, the first midnight in UTC of the calendar's 2008
  }
}

TEST_CASE("steps that need a mode come before its deadline") {
  const std::string rules = kFence +
                            "allow lend Client.wallet -> House.transit by trader when mode of Client is called\n"
                            "allow sweep House.transit -> House.fees by trader\n";
  const FenceVerdict one = judge(with_world(kModes + "  called must end within 1 ms, else seized\n" + rules));
  CHECK(one.answer == Answer::Refuted);
  const std::string twice = kFence +
                            "allow lend Client.wallet -> Client.margin by trader when mode of Client is called and time between 08:00 and 09:00\n"
                            "allow pay Client.margin -> House.fees by trader when mode of Client is called and time between 09:00 and 10:00\n";
  CHECK(judge(with_world(kModes + "  called must end within 3 h, else seized\n" + twice)).answer == Answer::Refuted);
}

TEST_CASE("deadlines and dates are kept together, to the millisecond") {
  const std::string modes = "mode of Client: calm, called, seized\n  calm -> called by officer when now <= 2027-01-01T00:00:00Z\n" + kDeadline;
  const auto fence = [&](const std::string& mode, const std::string& from) {
    return judge(with_world(modes + kFence + "allow pay Client.wallet -> House.fees by trader when mode of Client is " + mode + " and now " + from + "\n")).answer;
  };
  CHECK(fence("called", ">= 2027-01-02T00:00:00Z") == Answer::Refuted);        // the last instant of the mode
  CHECK(fence("called", ">= 2027-01-02T00:00:00.001Z") == Answer::Unknown);
  CHECK(fence("seized", "<= 1970-01-02T00:00:00.001Z") == Answer::Refuted);    // time begins in 1970
  CHECK(fence("seized", "<= 1970-01-02T00:00:00Z") == Answer::Unknown);

  const auto invariant = [&](const std::string& mode, const std::string& from) {
    return verify(table_of(with_world(modes + "allow pay Client.bank -> Client.wallet by trader when mode of Client is " + mode + " and now " + from + "\ninvariant balance(Client.wallet) <= 0 USDC\n"))).properties.back();
  };
  CHECK(invariant("called", ">= 2027-01-02T00:00:00Z").answer == Answer::Refuted);
  CHECK(invariant("called", ">= 2027-01-02T00:00:00.001Z").answer == Answer::Unknown);
  CHECK(invariant("seized", "<= 1970-01-02T00:00:00.001Z").answer == Answer::Refuted);
  CHECK(invariant("seized", "<= 1970-01-02T00:00:00Z").answer == Answer::Unknown);
}

TEST_CASE("cut-offs and dates are kept together, to the millisecond") {
  const std::string calendar = "calendar Desk in \"America/New_York\" closed saturday, sunday from 2026 to 2030\n";
  const std::string modes = "mode of Client: calm, called, seized\n  calm -> called by officer when now <= 2026-07-02T22:00:00.001Z and now >= 2026-07-02T22:00:00.001Z\n"
                            "  called must end by 18:00 on the same business day of Desk, else seized\n";   // entered on a Thursday, just too late for that day
  const auto fence = [&](const std::string& mode, const std::string& from) {
    return judge(with_world(calendar + modes + kFence + "allow pay Client.wallet -> House.fees by trader when mode of Client is " + mode + " and now " + from + "\n")).answer;
  };
  CHECK(fence("called", ">= 2026-07-03T22:00:00Z") == Answer::Refuted);
  CHECK(fence("seized", "<= 2026-07-03T22:00:00.001Z") == Answer::Refuted);

  const auto invariant = [&](const std::string& mode, const std::string& from) {
    const std::string claim = "invariant balance(Client.wallet) <= 0 USDC\n";
    return verify(table_of(with_world(calendar + modes + "allow pay Client.bank -> Client.wallet by trader when mode of Client is " + mode + " and now " + from + "\n" + claim))).properties.back().answer;
  };
  CHECK(invariant("called", ">= 2026-07-03T22:00:00Z") == Answer::Refuted);
  CHECK(invariant("called", ">= 2026-07-03T22:00:00.001Z") == Answer::Unknown);
  CHECK(invariant("seized", "<= 2026-07-03T22:00:00.001Z") == Answer::Refuted);
  CHECK(invariant("seized", "<= 2026-07-03T22:00:00Z") == Answer::Unknown);
}

TEST_CASE("what only the clocks of two subjects forbid is neither proved nor refuted") {
  const std::string rules = "mode of system: day, night, dawn\n  day -> night by officer\n  night must end within 1 h, else dawn\n"
                            "mode of Client: calm, called, seized\n  calm -> called by officer when mode of system is night\n";
  const std::string breaks = kFence + "allow pay Client.wallet -> House.fees by trader when mode of Client is seized and mode of system is night\n";
  const FenceVerdict never = judge(with_world(rules + "  called must end within 24 h, else seized\n" + breaks));
  CHECK(never.answer == Answer::Unknown);
  CHECK(never.reason.find("did not replay") != std::string::npos);
  CHECK(judge(with_world(rules + "  called must end within 30 min, else seized\n" + breaks)).answer == Answer::Refuted);
}

TEST_CASE("the checker counts deadlines among the steps") {
  const std::string safe = "allow pay Client.wallet -> House.fees by trader when mode is seized\n", other = kFence + "deny any purpose Client.wallet -> House.fees when mode is called\n";
  const RuleTable without = table_of(with_world(kModes + kNoDeadline + other + safe)), with = table_of(with_world(kModes + kDeadline + other + safe));
  const Verdict proved = verify(without);
  REQUIRE(proved.fences.at(0).answer == Answer::Proved);
  CHECK(checked(without, proved.fences[0].certificate).first == kConfirmed);
  refused(with, made_out_for(proved.fences[0].certificate, without, with), "a step leaves the invariant");

  const RuleTable guarded = table_of(with_world(kModes + kDeadline + kFence + "allow pay Client.wallet -> House.fees by trader when mode is calm and mode is seized\n"));
  const Verdict kept = verify(guarded);
  REQUIRE(kept.fences.at(0).answer == Answer::Proved);
  CHECK(checked(guarded, kept.fences[0].certificate).first == kConfirmed);
}

TEST_CASE("an invariant must survive a deadline") {
  const std::string claim = "allow pay Client.bank -> Client.wallet by trader\ninvariant balance(Client.wallet) >= 0 USDC unless mode of Client is calm\ninvariant balance(Client.wallet) < 0 USDC unless mode of Client is calm, called\n";
  const PropertyVerdict without = verify(table_of(with_world(kModes + kNoDeadline + claim))).properties.back();
  REQUIRE(without.kind == PropertyKind::Invariant);
  CHECK(without.answer == Answer::Proved);
  const RuleTable table = table_of(with_world(kModes + kDeadline + claim));
  const PropertyVerdict with = verify(table).properties.back();
  CHECK(with.answer == Answer::Refuted);
  REQUIRE(with.trace);
  CHECK(with.trace->steps.back().is_by_clock);
  const auto [code, out] = checked(table, made_out_for(without.certificate, table_of(with_world(kModes + kNoDeadline + claim)), table));
  CHECK(code == kWrong);
  CHECK(out.find("can make it false") != std::string::npos);
}

TEST_CASE("waiting can lead home, and a deadline that can't come never decides") {
  const std::string rules = kFence + "allow pay Client.bank -> Client.wallet by trader\nallow pay Client.wallet -> Client.bank by trader when mode of Client is seized\n";
  CHECK(verdict_on(kModes + kDeadline + rules, PropertyKind::OwnersHome).answer == Answer::Proved);
  CHECK(verdict_on(kModes + rules, PropertyKind::OwnersHome).answer == Answer::Refuted);
  CHECK(verdict_on(kModes + kDeadline + rules, PropertyKind::RulesFire).answer == Answer::Proved);
  const PropertyVerdict dead = verdict_on("mode of Client: calm, called, seized\n  calm -> seized by officer\n" + kDeadline + rules, PropertyKind::RulesFire);
  CHECK(dead.answer == Answer::Refuted);
}

TEST_CASE("a deadline that is gone or later permits no less than before, so nothing is proved of it") {
  const std::string rules = kFence + "allow pay Client.bank -> Client.wallet by trader when mode of Client is not seized\n";
  const RuleTable older = table_of(with_world(kModes + kDeadline + rules));
  CHECK(diff(older, older).same());
  for (const std::string& changed : {std::string(), std::string("  called must end within 25 h, else seized\n"), std::string("  called must end within 24 h, else calm\n")}) {
    const Difference found = diff(older, table_of(with_world(kModes + changed + rules)));
    CHECK_FALSE(found.same());
    CHECK_FALSE(found.permits_no_more);
    REQUIRE(found.declarations.size() == 1);
    CHECK(found.declarations[0].words.find("mode of Client: called must end within ") == 0);
  }
}
