// SPDX-License-Identifier: Apache-2.0
// What is proved of single rows (language reference, 8.6 to 8.8): that no transfer which a row lets through takes more than there is, leaves a bucket
// below one of its floors, or leaves the integers that are counted in. Nothing in a certificate is needed for it but the name of what is proved.
#pragma once

#include <optional>

#include "guard.h"

namespace checker {

enum class RowProperty { Funds, Floors, NoOverflow };
/// The property that the certificate's opening names.
std::optional<RowProperty> named_row_property(const std::vector<std::string>& opening);
/// What is confirmed, in words. Throws Refused, with the row, when a transfer can do what is excluded; TooLarge when that is not decided.
std::string check_rows(const Table&, const Guards&, RowProperty);

}  // namespace checker
