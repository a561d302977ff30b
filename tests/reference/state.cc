// SPDX-License-Identifier: Apache-2.0
// Lists searched from front to back: slow, and easy to see right.
#include "tests/reference/state.h"

namespace ringfence::reference {

Int128 State::balance(const Instance& bucket, Index asset) const {
  for (const Holding& holding : holdings)
    if (holding.bucket == bucket && holding.asset == asset) return holding.balance;
  return 0;
}

Index State::mode(const Instance& machine) const {
  for (const KnownMode& known : modes)
    if (known.subject == machine) return known.mode;
  return 0;
}

const KnownFact* State::fact(const Instance& subject) const {
  for (const KnownFact& known : facts)
    if (known.subject == subject) return &known;
  return nullptr;
}

void State::add(const Instance& bucket, Index asset, Int128 amount) {
  for (Holding& holding : holdings)
    if (holding.bucket == bucket && holding.asset == asset) {
      holding.balance += amount;
      return;
    }
  holdings.push_back({bucket, asset, amount});
}

void State::set_mode(const Instance& machine, Index mode, std::int64_t entered_ms) {
  for (KnownMode& known : modes)
    if (known.subject == machine) {
      known = {machine, mode, entered_ms};
      return;
    }
  modes.push_back({machine, mode, entered_ms});
}

void State::set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms) {
  for (KnownFact& known : facts)
    if (known.subject == subject) {
      known = {subject, number, observed_ms};
      return;
    }
  facts.push_back({subject, number, observed_ms});
}

Index position(const std::vector<Index>& keys, Index entity) {
  for (Index i = 0; i < keys.size(); ++i)
    if (keys[i] == entity) return i;
  return kNone;
}

}  // namespace ringfence::reference
