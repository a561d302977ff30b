// SPDX-License-Identifier: Apache-2.0
// The values that a decision read, in words: a slot of a move with the ids of one transfer filled in, `maintenance of alice, p1`, and
// what it held, `50 USDC`.
#pragma once

#include <string>
#include <vector>

#include "command/instance.h"
#include "command/load.h"
#include "runtime/decide.h"
#include "runtime/gate.h"

namespace ringfence {

/// What was asked of the gate: a transfer, or a mode change, whose subject is then both `from` and `to`.
struct Asked {
  bool is_change = false;
  Index purpose = kNone;
  Instance from, to;
  Index asset = kNone;
  Int128 amount = 0;
  Index to_mode = kNone;
  Authority authority;      ///< its approvals are borrowed from what was submitted
};
Asked asked_of(const Transfer&);
Asked asked_of(const ModeChange&);

/// One value as people read it.
struct NamedValue { std::string name, value; };

/// How a policy's values and instances are called. Borrows both; neither may go before it.
class ValueWords {
 public:
  ValueWords(const LoadedPolicy& policy, const Interner& interner) : policy_(policy), interner_(interner) {}

  std::string money(Int128 amount, Index asset) const;                  ///< "60 USDC"
  std::string bucket(const Instance&) const;                            ///< "Client.margin of alice, p1"
  std::string machine(const Instance&) const;
  std::string roles(Mask, const char* separator = ", ") const;          ///< "treasurer, cfo"
  std::string slot(const SlotView&, const Asked&) const;                ///< "balance(from)"
  std::string value(const SlotView&, const Value&, const Asked&) const; ///< "60 USDC", "called", "not known"
  NamedValue named(const SlotView& view, const Value& held, const Asked& asked) const { return {slot(view, asked), value(view, held, asked)}; }

 private:
  std::string instance_of(const SlotView&, std::string_view name, std::span<const Index> keys, const Asked&) const;
  std::string subject_ids(const SlotView&, const Asked&) const;
  std::string balance_name(const SlotView&, const Asked&) const;
  std::string in_asset(const SlotView&, const Asked&) const;

  const LoadedPolicy& policy_;
  const Interner& interner_;
};

/// `values` with those that are known from what was asked alone filled in: what decide worked on.
std::vector<Value> complete_values(std::span<const SlotView>, std::span<const Value> values, const Asked&);
/// Puts the modes that the gate entered for the transfer that it was asked last, kept or taken back, in place of those that `values` has for its row; false where it entered none.
bool enter_modes(const RuleTable&, const Transfer&, const Needs&, const Gate&, std::vector<Value>& values);

/// A statement at work on a row, or nothing when it is not.
const Guarded* guarded_on(const Moves&, Index row, Index statement);
/// The slots that a clause reads, each once, in the order in which it reads them.
std::vector<Index> slots_of(const Clause&);
/// Whether a clause holds, on values that are all present.
bool holds(const Clause&, std::span<const Value>);
bool holds(const Test&, std::span<const Value>);

}  // namespace ringfence
