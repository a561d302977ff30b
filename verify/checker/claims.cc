// SPDX-License-Identifier: Apache-2.0
// See claims.h.
#include "claims.h"

#include <algorithm>
#include <charconv>

#include "meaning.h"
#include "sexpr.h"

namespace checker {
namespace {

struct NoClaim {};

/// A number at the front of `rest`, which is taken off it.
Index take_number(std::string_view& rest) {
  Index value = 0;
  const auto [end, wrong] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (wrong != std::errc{} || rest.empty() || rest[0] < '0' || rest[0] > '9') throw NoClaim{};
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

void take(std::string_view& rest, std::string_view word) {
  if (rest.substr(0, word.size()) != word) throw NoClaim{};
  rest.remove_prefix(word.size());
}

template <class Declared>
const Declared& named(const std::vector<Declared>& all, Index index) {
  if (index >= all.size()) throw NoClaim{};
  return all[index];
}

/// What a parameter says that it is: b2_0_k0, t2_0_k0_s, a1_0_k0, f3_k0, m4_k0, e1_k0.
Slot read_parameter(std::string_view name, const Table& table) {
  Slot slot;
  const char letter = name.empty() ? ' ' : name[0];
  name.remove_prefix(name.empty() ? 0 : 1);
  slot.target = take_number(name);
  if (letter == 'b' || letter == 't' || letter == 'a') {
    take(name, "_");
    slot.asset = take_number(name);
    named(table.assets, slot.asset);
  }
  switch (letter) {
    case 'b': case 't': slot.kind = letter == 'b' ? SlotKind::Balance : SlotKind::BucketTotal; slot.entities = named(table.buckets, slot.target).keys; break;
    case 'a': slot.kind = SlotKind::AccountTotal; slot.entities = named(table.accounts, slot.target).keys; break;
    case 'f': slot.kind = SlotKind::Fact; slot.entities = named(table.facts, slot.target).keys; break;
    case 'm': slot.kind = SlotKind::Mode; slot.entities = named(table.machines, slot.target).keys; break;
    case 'e': named(table.entities, slot.target); slot.entities = {slot.target}; break;
    default: throw NoClaim{};
  }
  if ((letter == 'b' || letter == 't') && table.buckets[slot.target].external) throw NoClaim{};
  while (!name.empty()) {
    take(name, "_");
    const bool all = letter == 't' && name[0] == 's';
    take(name, all ? "s" : "k");
    const Index key = all ? kAllIds : take_number(name);
    if (key >= kAllIds + (all ? 1u : 0u)) throw NoClaim{};
    slot.keys.push_back(static_cast<std::uint8_t>(key));
  }
  if (slot.keys.size() != slot.entities.size()) throw NoClaim{};
  return slot;
}

/// The entity of each member, which must be the same wherever the claim names it.
std::vector<Index> members(const std::vector<Slot>& reads) {
  std::vector<Index> entities;
  for (const Slot& slot : reads)
    for (std::size_t i = 0; i < slot.keys.size(); ++i) {
      if (slot.keys[i] == kAllIds) continue;
      if (slot.keys[i] >= entities.size()) entities.resize(slot.keys[i] + std::size_t{1}, kNone);
      Index& entity = entities[slot.keys[i]];
      if (entity != kNone && entity != slot.entities[i]) throw NoClaim{};
      entity = slot.entities[i];
    }
  if (contains(entities, kNone)) throw NoClaim{};
  return entities;
}

bool is_claim(std::string_view name, bool& at_end) {
  constexpr std::string_view kStart = "claim", kEnd = "_at_end";
  if (name.substr(0, kStart.size()) != kStart) return false;
  name.remove_prefix(kStart.size());
  at_end = name.size() > kEnd.size() && name.substr(name.size() - kEnd.size()) == kEnd;
  if (at_end) name.remove_suffix(kEnd.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
}

}  // namespace

bool Claim::reads_fact() const {
  return std::any_of(reads.begin(), reads.end(), [](const Slot& slot) { return slot.kind == SlotKind::Fact; });
}

const WrittenInvariant* named_invariant(const Table& table, const std::vector<std::string>& opening) {
  for (const std::string& line : opening)
    for (const WrittenInvariant& written : table.invariants)
      if (line == "Proved: " + as_comment(written.claim.words)) return &written;
  return nullptr;
}

Claim claim_of(const WrittenInvariant& written) { return {written.claim.words, written.entities, written.slots, &written.claim, kNone, false}; }

std::vector<Claim> listed_claims(const Definitions& definitions, const Table& table) {
  std::vector<Claim> claims;
  for (Index function = 0; function < definitions.function_count(); ++function) {
    Claim claim;
    claim.name = definitions.name(function);
    claim.function = function;
    if (!is_claim(claim.name, claim.at_end)) continue;
    try {
      for (const std::string& parameter : definitions.parameters(function)) claim.reads.push_back(read_parameter(parameter, table));
      claim.entities = members(claim.reads);
    } catch (const NoClaim&) {
      throw Unusable{"its function " + claim.name + " has a parameter that says nothing of this table's states"};
    }
    claims.push_back(std::move(claim));
  }
  return claims;
}

Index truth(Formulas& formulas, const Definitions& definitions, const Claim& claim, const std::vector<Sum>& values) {
  return claim.written ? formulas.holds(*claim.written, values) : meaning(formulas, definitions, claim.function, values);
}

}  // namespace checker
