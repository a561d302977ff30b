// SPDX-License-Identifier: Apache-2.0
// The key that a journal is signed with, as a file: 64 hex digits and a line end, readable by its owner only. Who has it can sign another
// journal, so it is kept beside the journal's directory and never in it; better elsewhere.
#pragma once

#include <string>
#include <variant>

#include "command/file.h"
#include "runtime/durable/journal_chain.h"

namespace ringfence {

/// The key in the file. Where there is none, one is made, but only for a journal that is not there yet.
std::variant<SigningKey, FileError> signing_key(const std::string& path, const std::string& journal_directory);

}  // namespace ringfence
