// SPDX-License-Identifier: Apache-2.0
// Loads the table that it is given into a live table, prints the policy's name and that a transfer of nothing is denied.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <ringfence/ringfence.h>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  std::ifstream file(arguments[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  auto loaded = ringfence::RuleTable::load({begin, begin + bytes.size()});
  if (const auto* error = std::get_if<ringfence::LoadError>(&loaded)) {
    std::cerr << error->offset << ": " << error->message << "\n";
    return 2;
  }
  ringfence::LiveTable live(std::get<ringfence::RuleTable>(std::move(loaded)));
  ringfence::LiveTable::Reader reader(live);
  const auto table = reader.snapshot();
  const ringfence::Transfer nothing{};
  const ringfence::Decision decision = ringfence::decide(*table, nothing, ringfence::needs(*table, nothing), {});
  std::cout << table->policy_name() << ": " << ringfence::reason_word(decision.reason) << "\n";
  return decision.allowed() ? 1 : 0;
}
