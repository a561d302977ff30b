// SPDX-License-Identifier: Apache-2.0
// Which instance a reference of a guard speaks of: language reference, sections 4.3 and 6.4. A Site (one move under one
// relation, the source alone, or a mode's subject) and a typed reference go in; a canonical Slot comes out, or why there is
// none. `check` asks it whether a rule makes sense on each of its pairs, `lower` makes slots with it: the one home of both.
//
// Canonical: an id is named from the source wherever the source has an equal one, and a total with nothing summed is a balance.
// On one site every pair of ids of one entity is known to be equal or known to differ, so two instances are the same exactly
// when their KeySources are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "compiler/moves.h"
#include "compiler/typed_policy.h"
#include "compiler/vocabulary.h"

namespace ringfence {

/// Where a statement's references are read. Borrows from the vocabulary it was made of.
struct Site {
  Index from = kNone, to = kNone;           ///< buckets; a floor has only `from`, a transition neither
  std::span<const Index> source_keys;       ///< of `from`, or of a transition's subject
  std::span<const Index> destination_keys;  ///< of `to`; else empty
  std::vector<KeySource> destination_ids;   ///< the canonical id of each destination key
  Index asset = kNone;                      ///< the transfer's; kNone when there is no transfer
};
/// One move: `relation` over shared_keys(from, to).
Site move_site(const Vocabulary&, Index from, Index to, Relation, Index asset);
/// A floor: only the source's own ids are known (5.1).
Site floor_site(const Vocabulary&, Index from, Index asset);
/// A transition: the subject's ids act as the source's; there is no transfer, so `amount`, `from`, `to` and `after` have no meaning.
Site transition_site(const Subject&);

/// The relations that a pair stands for, ascending: Same leaves a bit clear, Other sets it, Any gives both; without the relation
/// that makes both ends one instance (4.4), so possibly none.
std::vector<Relation> relations_of(const Vocabulary&, const Pair&);

enum class Unresolved : std::uint8_t {
  KeyUnknown,       ///< neither side has a key of `entity`
  KeyAmbiguous,     ///< both sides have one, their ids differ, and the text names no side
  ExternalBalance,  ///< an external has no balance
  NoTransfer,       ///< `amount`, `from`, `to` or `after` where nothing is transferred
  NoAsset,          ///< a balance or total where nothing is transferred must name its asset
};
struct ResolveError { Unresolved why = Unresolved::KeyUnknown; Index entity = kNone; bool operator==(const ResolveError&) const = default; };
/// One sentence for people, without a full stop: "neither side of the move has a `Position`".
std::string message(const Vocabulary&, const ResolveError&);
/// What to write instead.
std::string help(const Vocabulary&, const ResolveError&);

using Resolved = std::variant<Slot, ResolveError>;
/// The slot of a quantity as it stands before the move (`after` is only checked for meaning; see effect_on). A fact's or a
/// machine's Reference always has its `target`, with `side` alone for `maintenance(from)` or `mode of to`; only a balance
/// (or a total of one bucket) has `endpoint`.
Resolved resolve(const Vocabulary&, const Site&, const Quantity&);
Resolved resolve_mode(const Vocabulary&, const Site&, const Reference&);
/// What counts toward a limit: ids of `per` from the source where it has the key, else from the destination (5.2).
Resolved resolve_used(const Site&, Index limit, Index asset, std::span<const Index> per);

/// What the transfer adds to a Balance, BucketTotal or AccountTotal slot, as a multiple of the amount: -1, 0 or 1.
int effect_on(const Vocabulary&, const Site&, const Slot&);

}  // namespace ringfence
