// SPDX-License-Identifier: Apache-2.0
// The content of what was submitted under an id, as bytes: two contents are the same exactly when their bytes are. Language
// reference, 10.3. Everything counts: names, ids, amount, who, approvals in their order, evidence and time.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "runtime/gate.h"

namespace ringfence {

using Legs = std::span<const GateTransfer>;
/// What stands for a leg's own id: never equal to the content of a transfer, mode change or batch.
struct LegOfBatch { std::string_view batch_id; std::size_t position; };

/// Bytes that suffice for the content.
std::size_t content_bytes_max(const GateTransfer&) noexcept;
std::size_t content_bytes_max(const GateModeChange&) noexcept;
std::size_t content_bytes_max(Legs) noexcept;   ///< of a batch: its legs' ids and contents in order
std::size_t content_bytes_max(const LegOfBatch&) noexcept;

// Each writes to where there is room for as many, and returns the end of what it wrote.
std::byte* put_content(std::byte* at, const GateTransfer&) noexcept;
std::byte* put_content(std::byte* at, const GateModeChange&) noexcept;
std::byte* put_content(std::byte* at, Legs) noexcept;
std::byte* put_content(std::byte* at, const LegOfBatch&) noexcept;

template <class Submitted>
std::string content_of(const Submitted& submitted) {
  std::string content(content_bytes_max(submitted), '\0');
  auto* const begin = reinterpret_cast<std::byte*>(content.data());
  content.resize(static_cast<std::size_t>(put_content(begin, submitted) - begin));
  return content;
}

}  // namespace ringfence
