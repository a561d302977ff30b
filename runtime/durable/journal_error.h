// SPDX-License-Identifier: Apache-2.0
// Why a journal can't be used, in one sentence that names the place.
#pragma once

#include <cstdint>
#include <string>

namespace ringfence {

struct JournalError {
  enum class Kind : std::uint8_t {
    Unusable,   ///< it can't be opened, read or written: the environment
    Refused,    ///< what was asked may not be done, and nothing has changed: another policy, approvals that do not fit
    Wrong,      ///< it was read, and is not what a gate wrote: a chain, signature or decision that does not fit
  };
  Kind kind = Kind::Unusable;
  std::string message;
};

}  // namespace ringfence
