// SPDX-License-Identifier: Apache-2.0
// A key to sign a journal or an approval with, as a file: 64 hex digits and a line end, readable by its owner only. Who has that of a journal can sign another
// journal, so it is kept beside the journal's directory and never in it; better elsewhere. That of an approver is the approver's alone.
#pragma once

#include <string>
#include <variant>

#include "command/file.h"
#include "runtime/durable/journal_chain.h"

namespace ringfence {

/// The key in the file.
std::variant<SigningKey, FileError> read_key(const std::string& path);
/// The key in the file, made where there is none.
std::variant<SigningKey, FileError> own_key(const std::string& path);
/// That of a journal. Where there is none, one is made, but only for a journal that is not there yet.
std::variant<SigningKey, FileError> signing_key(const std::string& path, const std::string& journal_directory);

}  // namespace ringfence
