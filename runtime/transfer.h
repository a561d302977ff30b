// SPDX-License-Identifier: Apache-2.0
// What asks for a decision: a transfer of one amount between two bucket instances, or a change of one subject's mode. Plain
// values, no ownership of anything but a fixed-size array; an id is any 64-bit number, compared for equality only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "integer.h"
#include "kinds.h"
#include "limits.h"

namespace ringfence {

/// The ids that fill in a bucket's, account's or subject's keys, in the order of its keys; unused places are 0.
using Ids = std::array<std::uint64_t, kKeysMax>;

struct Instance {
  Index target = kNone;      ///< bucket (or, in a mode change, machine)
  std::uint8_t id_count = 0; ///< must be the target's number of keys
  Ids ids{};
  bool operator==(const Instance&) const = default;
};

/// One person's approval, with every role that the person holds. A person who approves twice counts once.
struct Approval {
  std::uint64_t person = 0;
  Mask roles = 0;
  bool operator==(const Approval&) const = default;
};

/// Who asks and what was shown. The embedder has authenticated all of it.
struct Authority {
  std::uint64_t person = 0;            ///< who initiates: never counted among the approvals
  Index role = kNone;                  ///< the one role in which that person acts
  std::span<const Approval> approvals; ///< borrowed for the call; at most kApprovalsMax
  Mask evidence = 0;                   ///< kinds of evidence shown
  std::int64_t time_ms = 0;            ///< Unix time in milliseconds, UTC
};

struct Transfer {
  Index purpose = kNone;
  Instance from, to;
  Index asset = kNone;
  Int128 amount = 0;                   ///< minor units, 1 to kAmountMax
  Authority authority;
};

struct ModeChange {
  Instance subject;                    ///< target: the machine; ids: its subject's
  Index to_mode = kNone;
  Authority authority;
};

}  // namespace ringfence
