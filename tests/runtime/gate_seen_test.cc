// SPDX-License-Identifier: Apache-2.0
// What a gate remembers under an id, by itself: every id is found with its content and answers, and no other, while slots and blocks grow; contents differ
// wherever what was submitted differs.
#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "runtime/gate_content.h"
#include "runtime/gate_seen.h"

using namespace ringfence;

namespace {

/// Of every size from none on, many that differ in one byte only; some that a short header can't say.
std::string id_of(std::uint64_t n) {
  std::string id(n % 1'000 == 500 ? 505 + n / 1'000 : n % 41, 'x');
  for (std::size_t i = 0; i < id.size() && n / 41 >> 8 * i != 0 && i < 8; ++i) id[id.size() - 1 - i] = static_cast<char>(n / 41 >> 8 * i & 0xFF);
  return id;
}

std::string content_for(std::uint64_t n) {
  const std::size_t sizes[] = {n % 150, 5u << 20, 8'190 + n / 1'000 % 4};
  return std::string(sizes[n % 1'000 == 999 ? 1 : n % 1'000 == 501 ? 2 : 0], static_cast<char>(n));
}

/// Each field at and beside the largest that an answer of one word says, and none.
std::vector<Decision> answers_for(std::uint64_t n) {
  const auto near = [&](unsigned bits, std::uint64_t which) { return which % 5 == 4 ? kNone : static_cast<Index>((std::uint64_t{1} << bits) - 3 + which % 5); };
  const Decision answer{static_cast<Reason>(n % (static_cast<std::size_t>(Reason::Batch) + 1)), near(20, n), near(6, n / 5), near(7, n / 25), near(22, n / 125)};
  return std::vector<Decision>(n % 1'000 == 502 ? 510 + n / 1'000 % 4 : n % 3, answer);
}

GateTransfer some_transfer() {
  GateTransfer made{"", {3, {4, 1, {5}}, {6, 2, {5, 7}}, 1, 1'000, {}}, {{8, 2}}};
  made.transfer.authority = {9, 1, {}, 4, 1'767'225'600'000};
  return made;
}

}  // namespace

TEST_CASE("an id is found with what it was added with, and no other is") {
  const bool reserves = GENERATE(false, true);   // now and then, less or more than there will be
  SeenIds seen;
  std::map<std::string, std::uint64_t> added;   // an id of few bytes is that of several numbers: the first of them
  const auto write = [&](const std::string& id, const std::string& content, const std::vector<Decision>& answers) {
    seen.make_room(1, id.size() + content.size(), answers.size());
    return seen.write(seen.hashed(id), [&](std::byte* at) { return std::copy_n(reinterpret_cast<const std::byte*>(content.data()), content.size(), at); }, answers);
  };
  for (std::uint64_t n = 0; n < 12'000; ++n) {
    const std::string id = id_of(n), content = content_for(n);
    REQUIRE(seen.contains(seen.hashed(id)) == added.contains(id));
    if (reserves && n % 1'700 == 10) seen.reserve(n % 3 * 1'000, n % 4 * 6'000'000);
    if (!added.emplace(id, n).second) continue;
    if (n % 3 == 0) write(id_of(n + 7), content_for(n + 7), answers_for(n + 7));   // and not added: as if it had not been written
    const SeenIds::Written written = write(id, content, answers_for(n));
    if (n % 3 == 1) CHECK_FALSE(seen.contains(seen.hashed(id)));
    seen.add(seen.hashed(id), written);
  }
  CHECK(added.size() > 10'000);
  for (std::uint64_t n = 0; n < 24'000; ++n) {
    const auto found = seen.find(seen.hashed(id_of(n)));
    const auto known = added.find(id_of(n));
    REQUIRE(found.has_value() == (known != added.end()));
    if (!found) continue;
    CHECK(found->content == content_for(known->second));
    CHECK(found->answers == answers_for(known->second));
  }
}

TEST_CASE("no id is lost as slots double, however they crowd") {   // where a group is full, and the one that it went over to: which, is another matter each time
  SeenIds seen;
  constexpr std::uint64_t kIds = 1'000'000;
  const auto id_at = [](std::uint64_t n) { return std::string(reinterpret_cast<const char*>(&n), sizeof n); };
  for (std::uint64_t n = 0; n < kIds; ++n) {
    seen.make_room(1, sizeof n, 0);
    const std::string id = id_at(n);
    seen.add(seen.hashed(id), seen.write(seen.hashed(id), [](std::byte* at) { return at; }, {}));
  }
  std::uint64_t found = 0;
  for (std::uint64_t n = 0; n < 2 * kIds; ++n) found += seen.contains(seen.hashed(id_at(n))) == (n < kIds);
  CHECK(found == 2 * kIds);
}

TEST_CASE("contents are the same exactly when all of it is") {
  using Change = std::function<void(GateTransfer&)>;
  std::vector<Change> changes{[](GateTransfer&) {}};
  for (const Index value : {0u, 2u, 255u, 256u, 65'535u, 65'536u, 1u << 31, kNone})
    for (Index Transfer::* field : {&Transfer::purpose, &Transfer::asset}) changes.push_back([=](GateTransfer& of) { of.transfer.*field = value; });
  for (const Index value : {0u, 255u, 256u, 65'535u, 65'536u, kNone}) {
    changes.push_back([=](GateTransfer& of) { of.transfer.from.target = value; });
    changes.push_back([=](GateTransfer& of) { of.transfer.to.target = value; });
    changes.push_back([=](GateTransfer& of) { of.transfer.authority.role = value; });
  }
  for (const int count : {0, 3, 4, 15, 16, 255}) {
    changes.push_back([=](GateTransfer& of) { of.transfer.from.id_count = static_cast<std::uint8_t>(count); });
    changes.push_back([=](GateTransfer& of) { of.transfer.to.id_count = static_cast<std::uint8_t>(count); });
  }
  for (std::size_t i = 0; i < kKeysMax; ++i) {
    changes.push_back([=](GateTransfer& of) { of.transfer.from.ids[i] = 77; });
    changes.push_back([=](GateTransfer& of) { of.transfer.to.ids[i] = 77; });
    changes.push_back([=](GateTransfer& of) { of.transfer.from.ids[i] = of.transfer.to.ids[i] = 78; });
  }
  changes.push_back([](GateTransfer& of) { of.transfer.to.ids = of.transfer.from.ids; });
  changes.push_back([](GateTransfer& of) { of.transfer.from.ids = of.transfer.to.ids = {}; });
  for (const Int128 amount : {Int128{0}, Int128{-1}, Int128{1} << 64, (Int128{1} << 64) + 1'000, kAmountMax}) changes.push_back([=](GateTransfer& of) { of.transfer.amount = amount; });
  for (const std::uint64_t value : {0ull, 1ull, ~0ull}) {
    changes.push_back([=](GateTransfer& of) { of.transfer.authority.person = value; });
    changes.push_back([=](GateTransfer& of) { of.transfer.authority.evidence = value; });
    changes.push_back([=](GateTransfer& of) { of.transfer.authority.time_ms = static_cast<std::int64_t>(value); });
    changes.push_back([=](GateTransfer& of) { of.approvals[0].person = value; });
    changes.push_back([=](GateTransfer& of) { of.approvals[0].roles = value; });
  }
  changes.push_back([](GateTransfer& of) { of.approvals.clear(); });
  changes.push_back([](GateTransfer& of) { of.approvals.push_back({8, 2}); });
  changes.push_back([](GateTransfer& of) { of.approvals = {{8, 0}, {0, 2}}; });
  std::vector<GateTransfer> all;
  for (const Change& first : changes)
    for (const Change& second : changes) {
      all.push_back(some_transfer());
      first(all.back());
      if (!all.back().approvals.empty()) second(all.back());
    }
  const auto key = [](const GateTransfer& of) {
    const Transfer& t = of.transfer;
    return std::tie(t.purpose, t.from.target, t.from.id_count, t.from.ids, t.to.target, t.to.id_count, t.to.ids, t.asset, t.amount, t.authority.person, t.authority.role, t.authority.evidence,
                    t.authority.time_ms, of.approvals);
  };
  std::vector<std::string> contents;
  for (const GateTransfer& each : all) contents.push_back(content_of(each));
  std::size_t same = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const bool is_same = key(all[i]) == key(all[j]);
      same += is_same;
      if ((contents[i] == contents[j]) != is_same) FAIL(i << " and " << j);
    }
  CHECK(same > 1'000);
  CHECK(content_of(Legs(all).first(1)) != content_of(all[0]));
  CHECK(content_of(LegOfBatch{"a", 1}) != content_of(LegOfBatch{"a", 2}));
  CHECK(content_of(LegOfBatch{"a", 1}) != content_of(LegOfBatch{"b", 1}));
}
