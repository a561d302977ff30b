// SPDX-License-Identifier: Apache-2.0
// A certificate looked at before a solver is: only commands that declare, define, assert and ask, so that nothing but a solver's own
// answer can be printed, and what stands outside of every obligation, which alone must not be contradictory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace ringfence {

struct SmtScript {
  std::uint32_t check_sats = 0;
  std::string prelude;                   ///< the commands outside of every push
};

/// What the text holds, or the first thing that a certificate must not have, with its line: a command other than set-logic,
/// declare-fun, declare-const, define-fun, assert, push, pop and check-sat; a quote or `|`; a core word of the language declared
/// anew; pushes and pops that do not pair; a byte that might end a comment for one solver and not for another.
std::variant<SmtScript, std::string> read_script(std::string_view text);

}  // namespace ringfence
