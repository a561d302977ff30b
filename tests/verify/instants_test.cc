// SPDX-License-Identifier: Apache-2.0
// `now`, instants and durations in proofs (language reference, 6.10): each pair differs by a millisecond, or by which of two dates comes first. What is
// PROVED is confirmed by the independent checker; what is REFUTED has been replayed through the compiled table, at the times of its steps.
#include "compiler/print_value.h"
#include "tests/verify/proof.h"
#include "tests/verify/run_checker.h"

using namespace ringfence;
using namespace ringfence::test;

namespace {

const std::string kApart = R"(fact until of Client : instant
fact notice of Client : duration from 1 d to 90 d
fact asked of Client : instant from 2020-01-01T00:00:00Z to 2030-01-01T00:00:00Z
segregate Client from House.fees
)";

void proved(const std::string& rest) {
  const std::string source = with_world(kApart + rest);
  const FenceVerdict verdict = judge(source);
  INFO(rest << "\nreason: " << verdict.reason);
  REQUIRE(verdict.answer == Answer::Proved);
  const auto [code, out] = checked(table_of(source), verdict.certificate);
  INFO(out << verdict.certificate);
  CHECK(code == kConfirmed);
}

/// The times of the steps, as people read them.
std::vector<std::string> refuted(const std::string& rest) {
  const FenceVerdict verdict = judge(with_world(kApart + rest));
  INFO(rest << "\nreason: " << verdict.reason);
  REQUIRE(verdict.answer == Answer::Refuted);
  std::vector<std::string> times;
  for (const TraceStep& step : verdict.trace->steps) times.push_back(print_instant(step.time_ms));
  return times;
}

PropertyVerdict judge_invariant(const std::string& rest) {
  const Verdict verdict = verify(table_of(with_world(kApart + rest)));
  REQUIRE(verdict.properties.back().kind == PropertyKind::Invariant);
  return verdict.properties.back();
}

}  // namespace

TEST_CASE("a lock by a fact holds to the millisecond") {
  const std::string pay = "allow pay Client.wallet -> House.fees by trader when now < until\ndeny pay Client.wallet -> House.fees when ";
  proved(pay + "now < until");
  proved(pay + "now <= until - 1 ms");
  CHECK(refuted(pay + "now < until - 1 ms").size() == 1);
  CHECK(refuted(pay + "until - now > 1 ms").size() == 1);
}

TEST_CASE("an exception between two instants and their order") {
  const std::string pay = "allow pay Client.wallet -> House.fees by trader when now >= until and asked + notice <= until and ";
  proved(pay + "now - asked < 1 d");
  CHECK(refuted(pay + "now - asked <= 1 d").size() == 1);
}

TEST_CASE("a date in a rule is a date in the run") {
  CHECK(refuted("allow pay Client.wallet -> House.fees by trader when now = 2027-01-01T12:00:00.001Z") == std::vector<std::string>{"2027-01-01T12:00:00.001Z"});
  proved("allow pay Client.wallet -> House.fees by trader when now >= 2027-01-01T00:00:00Z\ndeny pay Client.wallet -> House.fees when now > 2026-12-31T23:59:59.999Z");
  proved("allow pay Client.wallet -> House.fees by trader when now > 9999-12-31T23:59:59.999Z");
  CHECK(refuted("allow pay Client.wallet -> House.fees by trader when now >= 9999-12-31T23:59:59.999Z") == std::vector<std::string>{"9999-12-31T23:59:59.999Z"});
}

TEST_CASE("what was lent before a date is spent after it") {
  const auto times = refuted("allow lend Client.wallet -> House.transit by trader when now < 2027-01-01T00:00:00Z\n"
                             "allow pay House.transit -> House.fees by trader when now >= 2027-01-01T00:00:00Z");
  REQUIRE(times.size() == 2);
  CHECK(times[0] < "2027");
  CHECK(times[1] >= "2027");
}

// Time only goes forward, but no proof relies on that: the run that would need it to go back is not found, and nothing is claimed.
TEST_CASE("what would need time to go back is not called REFUTED") {
  const FenceVerdict verdict = judge(with_world(kApart + "allow lend Client.wallet -> House.transit by trader when now >= 2027-01-01T00:00:00Z\n"
                                                         "allow pay House.transit -> House.fees by trader when now < 2027-01-01T00:00:00Z"));
  CHECK(verdict.answer == Answer::Unknown);
}

TEST_CASE("now and the time of day are of one time") {
  const std::string pay = "allow pay Client.wallet -> House.fees by trader when now >= 2027-01-01T12:00:00Z and now < 2027-01-01T13:00:00Z and time between ";
  proved(pay + "13:00 and 12:00");
  const auto times = refuted(pay + "12:59 and 12:00");
  REQUIRE(times.size() == 1);
  CHECK(times[0].substr(0, 16) == "2027-01-01T12:59");
}

TEST_CASE("a window that a run passes through is over before the next step") {
  const auto times = refuted("allow lend Client.wallet -> House.transit by trader when now >= 2027-01-01T00:00:00Z\n"
                             "allow pay House.transit -> House.fees by trader when now <= 2027-06-01T00:00:00Z\n"
                             "limit lend, pay in total 1 USDC in any 7 d");
  REQUIRE(times.size() == 2);
  CHECK(times[0] == "2027-01-01T00:00:00Z");
  CHECK(times[1] == "2027-01-11T00:00:00Z");
}

TEST_CASE("a consent with a term is what a fence rests on") {
  const std::string lend = "allow lend Client.wallet -> House.transit by trader passing title when now <= until\n"
                           "allow sweep Client.wallet -> House.transit by trader when now > until";
  CHECK(refuted(lend + "\nallow pay House.transit -> House.fees by trader").size() == 2);
  proved(lend + "\nallow pay House.transit -> House.fees by trader passing title\ndeny sweep Client.wallet -> House.transit when now >= until + 1 ms");
}

TEST_CASE("an invariant rests on two instants compared") {
  const std::string lend = "allow lend Client.wallet -> House.transit by trader when now < until\ndeny lend Client.wallet -> House.transit when now < ";
  const std::string invariant = "\nfloor House.transit >= 0 USDC\ninvariant balance(House.transit) = 0 unless balance(House.transit) > 5 USDC";
  CHECK(judge_invariant(lend + "until" + invariant).answer == Answer::Proved);
  CHECK(judge_invariant(lend + "until - 1 ms" + invariant).answer == Answer::Refuted);
}

TEST_CASE("a mode that instants guard") {
  const std::string mode = "mode of Client : open, closed\n  open -> closed by officer when asked <= until and now >= 2027-01-01T00:00:00Z";
  const PropertyVerdict kept = judge_invariant(mode + "\ninvariant mode of Client is open or asked <= until");
  CHECK(kept.answer == Answer::Proved);
  const auto [code, out] = checked(table_of(with_world(kApart + mode + "\ninvariant mode of Client is open or asked <= until")), kept.certificate);
  INFO(out);
  CHECK(code == kConfirmed);
  const PropertyVerdict broken = judge_invariant(mode + "\ninvariant mode of Client is open or asked < until");
  REQUIRE(broken.answer == Answer::Refuted);
  REQUIRE(broken.trace);
  CHECK(broken.trace->steps.back().time_ms >= 1'798'761'600'000);
}

TEST_CASE("a rule that no time lets decide is dead") {
  const auto is_dead = [](const std::string& when) {
    const Verdict verdict = verify(table_of(with_world("allow pay Client.bank -> Client.wallet by trader when " + when)));
    return std::any_of(verdict.properties.begin(), verdict.properties.end(), [](const PropertyVerdict& one) { return one.kind == PropertyKind::RulesFire && one.answer == Answer::Refuted; });
  };
  CHECK(is_dead("now < 2026-01-01T00:00:00Z and now >= 2026-01-01T00:00:00Z"));
  CHECK(!is_dead("now < 2026-01-01T00:00:00.001Z and now >= 2026-01-01T00:00:00Z"));
  CHECK(is_dead("now = 2026-01-01T12:00:00Z and time between 12:01 and 12:00"));
  CHECK(!is_dead("now = 2026-01-01T12:00:00Z and time between 12:00 and 12:01"));
}
