// SPDX-License-Identifier: Apache-2.0
// The words of the reasons: both lists are runtime/reasons.def, in its order, so that an index is always the same reason.
#include "runtime/decision.h"

#include <cstddef>
#include <iterator>

namespace ringfence {
namespace {

constexpr const char* kWords[] = {
#define X(identifier, word, sentence) word,
#include "runtime/reasons.def"
#undef X
};
constexpr const char* kSentences[] = {
#define X(identifier, word, sentence) sentence,
#include "runtime/reasons.def"
#undef X
};
static_assert(std::size(kWords) == static_cast<std::size_t>(Reason::Batch) + 1);

}  // namespace

const char* reason_word(Reason reason) noexcept { return kWords[static_cast<std::size_t>(reason)]; }
const char* reason_sentence(Reason reason) noexcept { return kSentences[static_cast<std::size_t>(reason)]; }

}  // namespace ringfence
