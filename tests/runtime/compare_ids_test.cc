// SPDX-License-Identifier: Apache-2.0
// Ids compared all at once come to what they come to one by one, over ids and keys that are equal in all, in some and in no parts.
#include <catch2/catch.hpp>

#include <random>

#include "runtime/compare_ids.h"

namespace ringfence {
namespace {

TEST_CASE("ids compared all at once come to what they come to one by one") {
  std::mt19937_64 random(20261126);
  const auto draw_ids = [&] {
    static constexpr std::uint64_t kIds[] = {0, 1, std::uint64_t{1} << 32, (std::uint64_t{1} << 32) + 1, ~std::uint64_t{0}, 0xFFFF'FFFFu};
    Ids ids;
    for (std::uint64_t& id : ids) id = kIds[random() % 6];
    return ids;
  };
  const auto draw_keys = [&] {
    Keys keys;
    for (std::uint16_t& key : keys) key = random() % 3 == 0 ? kNoKey : static_cast<std::uint16_t>(random() % 3 * 0x100);
    return keys;
  };
  std::array<int, 16> seen{};
  for (int i = 0; i < 200'000; ++i) {
    const Ids from = draw_ids(), to = random() % 4 == 0 ? from : draw_ids();
    const Keys from_keys = draw_keys(), to_keys = random() % 2 == 0 ? from_keys : draw_keys();
    REQUIRE(zero_ids(from, to) == one_by_one::zero_ids(from, to));
    const std::uint32_t differing = differing_ids(from_keys, from, to_keys, to);
    REQUIRE(differing == one_by_one::differing_ids(from_keys, from, to_keys, to));
    ++seen[differing];
  }
  for (const int count : seen) CHECK(count > 1'000);
  CHECK(one_by_one::zero_ids({0, 1, std::uint64_t{1} << 32, 5}, {7, 0, 0, 0}) == 0xFE9Bu);
  CHECK(one_by_one::differing_ids({1, 2, kNoKey, kNoKey}, {5, 6, 0, 0}, {1, 3, kNoKey, kNoKey}, {4, 7, 0, 0}) == 1);
}

}  // namespace
}  // namespace ringfence
