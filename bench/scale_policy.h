// SPDX-License-Identifier: Apache-2.0
// A policy of any size for the benchmarks: the buckets of a client and of the house, rules between them drawn at random from a seed. Three
// quarters of the rules move money among a client's buckets, some of them to another client's with title; the rest take fees, move house
// money, and let clients' money near the house under a guard that a deny rule closes, so that some of the proof rests on arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ringfence::bench {

/// `buckets` inside the system (three quarters the client's) and exactly `rules` allow and deny rules; the same text for the same arguments.
std::string scale_policy(std::size_t buckets, std::size_t rules, std::uint64_t seed = 1);

}  // namespace ringfence::bench
