// SPDX-License-Identifier: Apache-2.0
// `--since DIR`: what an earlier proof has shown, from its certificate directory, so that it is not asked again. Of any table: what is not an
// obligation of the new proof, word for word and under the same prelude, is not found again and costs nothing.
#pragma once

#include <optional>
#include <string>

#include "command/file.h"
#include "verify/proof_memory.h"

namespace ringfence {

/// Takes over the obligations of every claim that is PROVED by a file. Otherwise what is wrong with the directory: it is none, its table, its
/// manifest and its files are not those that were written together, or a file holds more than a certificate has.
std::optional<FileError> take_over(const std::string& directory, ProofMemory&);

}  // namespace ringfence
