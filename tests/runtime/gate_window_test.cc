// SPDX-License-Identifier: Apache-2.0
// What limits count: days and rolling windows at their exact edges, in a gate and by themselves.
#include <catch2/catch.hpp>

#include <limits>
#include <utility>
#include <vector>

#include "runtime/gate_window.h"
#include "tests/runtime/gate_fixture.h"

using namespace ringfence;
using namespace ringfence::test;

TEST_CASE("a calendar day begins at midnight UTC") {
  Fixture f;
  f.now += kDay - 1;
  CHECK(f.deposit(7, 100) == Reason::Allowed);
  CHECK(f.deposit(7, 1) == Reason::Limit);
  CHECK(f.deposit(8, 100) == Reason::Allowed);     // another client's day
  f.now += 1;
  CHECK(f.deposit(7, 101) == Reason::Limit);
  CHECK(f.deposit(7, 100) == Reason::Allowed);
}

TEST_CASE("a rolling window is open at its start and closed at its end") {
  Fixture f;
  REQUIRE(f.open(f.at("Client.wallet", 7), 1000));
  const auto pay = [&](Int128 amount) { return f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), amount)); };
  CHECK(pay(30) == Reason::Allowed);
  f.now += 4 * kSecond;
  CHECK(pay(20) == Reason::Allowed);
  CHECK(pay(1) == Reason::Limit);
  f.now += 6 * kSecond - 1;                        // 9.999 s after the first
  CHECK(pay(1) == Reason::Limit);
  f.now += 1;                                      // exactly 10 s: the first no longer counts
  CHECK(pay(31) == Reason::Limit);
  CHECK(pay(30) == Reason::Allowed);
}

TEST_CASE("a denied transfer in the far future forgets nothing") {
  Fixture f;
  REQUIRE(f.open(f.at("Client.wallet", 7), 50));
  REQUIRE(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 30)) == Reason::Allowed);
  f.now += kHour;
  CHECK(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 50)) == Reason::Funds);
  f.now -= kHour;
  CHECK(f.submit(f.ask("pay", f.at("Client.wallet", 7), f.at("House.pot"), 20)) == Reason::Allowed);
  CHECK(f.submit(f.ask("pay", f.at("House.pot"), f.at("Client.wallet", 7), 1)) == Reason::Limit);
}

TEST_CASE("what `unless` lets through counts all the same") {
  Fixture f;
  REQUIRE(f.open(f.at("House.pot"), 200));
  REQUIRE(f.gate.open_mode(f.machine("system"), 1));
  const auto pay = [&](Int128 amount) { return f.submit(f.ask("pay", f.at("House.pot"), f.at("Client.wallet", 7), amount)); };
  CHECK(pay(60) == Reason::Allowed);
  f.now += 9 * kSecond;
  CHECK(pay(60) == Reason::Allowed);
}

TEST_CASE("the window by itself: sums at every millisecond agree with adding up") {
  for (const std::int64_t width : {std::int64_t{1}, std::int64_t{7}, std::int64_t{20}}) {
    GateWindow window(width), for_good(width);
    std::vector<std::pair<std::int64_t, Int128>> added;
    for (std::int64_t time = -10; time < 60; time += 1 + (time % 3 + 3) % 3) {
      window.add(time, time + 100);
      added.emplace_back(time, time + 100);
      if (time % 4 == 0) {
        window.add(time, 5);
        window.undo(5);
      }
      window.forget_before(time);
      for_good.add_for_good(time, time + 100);
      for (std::int64_t ask = time; ask < time + 25; ++ask) {
        Int128 expected = 0;
        for (const auto& [when, amount] : added)
          if (when > ask - width && when <= ask) expected += amount;
        REQUIRE(window.used(ask).has_value());
        CHECK(*window.used(ask) == expected);
        CHECK(for_good.used(ask) == window.used(ask));
      }
      CHECK_FALSE(window.used(time - 1).has_value());   // part of it may have been forgotten
      CHECK_FALSE(for_good.used(time - 1).has_value());
    }
  }
}

TEST_CASE("a window counts the first and the last millisecond that there are") {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t width : {std::int64_t{1}, std::int64_t{20}}) {
    GateWindow window(width);
    window.add(kFirst, 3);
    CHECK(window.used(kFirst) == Int128{3});
    CHECK(window.used(kFirst + width - 1) == Int128{3});
    CHECK(window.used(kFirst + width) == Int128{0});
    CHECK(window.used(kLast) == Int128{0});
    window.add_for_good(kLast - width, 4);
    CHECK(window.used(kLast - 1) == Int128{4});
    CHECK(window.used(kLast) == Int128{0});
    window.add_for_good(kLast - width + 1, 5);
    CHECK(window.used(kLast) == Int128{5});
    window.add_for_good(kLast, 6);
    CHECK(window.used(kLast) == Int128{11});
  }
}

TEST_CASE("days before 1970 begin at midnight too") {
  GateWindow window(0);
  window.add(-kDay, 3);
  CHECK(window.used(-1) == Int128{3});
  CHECK(window.used(0) == Int128{0});
  CHECK(window.used(-kDay - 1) == Int128{0});
}
