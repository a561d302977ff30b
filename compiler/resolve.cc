// SPDX-License-Identifier: Apache-2.0
// In: where a statement is read, and a typed reference. Out: the one canonical slot that it speaks of, or why there is none.
// Language reference, sections 4.3 (ids of the two sides), 5.1 and 5.2 (floors and limits), 6.4 (whose bucket, fact or mode).
#include "compiler/resolve.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace ringfence {
namespace {

using Ids = std::vector<KeySource>;

KeySource source_id(Index position) { return {KeySource::From::Source, static_cast<std::uint8_t>(position)}; }

Index position_in(std::span<const Index> keys, Index entity) {
  const auto found = std::find(keys.begin(), keys.end(), entity);
  return found == keys.end() ? kNone : static_cast<Index>(found - keys.begin());
}

Ids source_ids(std::size_t count) {
  Ids ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(source_id(static_cast<Index>(i)));
  return ids;
}

/// The id of one entity, seen from `side`; empty when neither side has it, or when both have and `side` leaves it open.
std::optional<KeySource> find_id(const Site& site, Index entity, Side side) {
  const Index source = position_in(site.source_keys, entity);
  const Index destination = position_in(site.destination_keys, entity);
  if (source == kNone && destination == kNone) return std::nullopt;
  if (destination == kNone) return source_id(source);
  const KeySource there = site.destination_ids[destination];
  if (source == kNone || side == Side::To) return there;
  if (side == Side::From || there == source_id(source)) return source_id(source);
  return std::nullopt;
}

/// 6.4: a subject that is just one of the two endpoints is that endpoint's.
Side side_of(const Site& site, Index bucket, Side written) {
  if (written != Side::Either || site.from == site.to) return written;
  if (bucket == site.from) return Side::From;
  return bucket == site.to ? Side::To : Side::Either;
}

Resolved with_ids(Slot slot, const Site& site, const std::vector<Index>& keys, Side side, const std::vector<bool>& summed = {}) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i < summed.size() && summed[i]) {
      slot.keys.push_back({KeySource::From::Summed, 0});
      continue;
    }
    const std::optional<KeySource> id = find_id(site, keys[i], side);
    if (!id) {
      const bool known = position_in(site.source_keys, keys[i]) != kNone;   // then on both sides, and open
      return ResolveError{known ? Unresolved::KeyAmbiguous : Unresolved::KeyUnknown, keys[i]};
    }
    slot.keys.push_back(*id);
  }
  return slot;
}

Side side_of_subject(const Site& site, const Subject& subject, Side written) {
  return subject.kind == SubjectKind::Bucket ? side_of(site, subject.index, written) : written;
}

Resolved resolve_money(const Vocabulary& vocabulary, const Site& site, const Quantity& quantity) {
  const Reference& reference = quantity.reference;
  const bool transfer = site.asset != kNone;
  if ((quantity.after || reference.endpoint) && !transfer) return ResolveError{Unresolved::NoTransfer, kNone};
  const Index asset = quantity.asset != kNone ? quantity.asset : site.asset;
  if (asset == kNone) return ResolveError{Unresolved::NoAsset, kNone};
  if (quantity.kind == QuantityKind::AccountTotal) {
    assert(!reference.endpoint);
    Slot slot{SlotKind::AccountTotal, reference.target, asset, 0, {}};
    return with_ids(std::move(slot), site, vocabulary.accounts[reference.target].keys, reference.side);
  }
  const Index target = !reference.endpoint ? reference.target : reference.side == Side::To ? site.to : site.from;
  if (target == kNone) return ResolveError{Unresolved::NoTransfer, kNone};
  const Bucket& bucket = vocabulary.buckets[target];
  if (bucket.external) return ResolveError{Unresolved::ExternalBalance, kNone};
  const bool sums = std::find(reference.summed.begin(), reference.summed.end(), true) != reference.summed.end();
  Slot slot{sums ? SlotKind::BucketTotal : SlotKind::Balance, target, asset, 0, {}};
  return with_ids(std::move(slot), site, bucket.keys, side_of(site, target, reference.side), reference.summed);
}

std::string entity_name(const Vocabulary& vocabulary, const ResolveError& error) {
  return error.entity == kNone ? std::string() : vocabulary.entities[error.entity].name;
}

/// Whether a total over `slot` counts the endpoint instance with these keys and ids.
bool counts(const Slot& slot, const std::vector<Index>& slot_keys, std::span<const Index> keys, const Ids& ids) {
  for (std::size_t i = 0; i < slot.keys.size(); ++i) {
    if (slot.keys[i].from == KeySource::From::Summed) continue;
    const Index position = position_in(keys, slot_keys[i]);
    assert(position != kNone);   // an account's keys are among its buckets', a bucket's are its own
    if (ids[position] != slot.keys[i]) return false;
  }
  return true;
}

}  // namespace

Site move_site(const Vocabulary& vocabulary, Index from, Index to, Relation relation, Index asset) {
  const std::vector<Index>& source = vocabulary.buckets[from].keys;
  const std::vector<Index>& destination = vocabulary.buckets[to].keys;
  Site site{from, to, source, destination, {}, asset};
  for (Index i = 0; i < destination.size(); ++i) site.destination_ids.push_back({KeySource::From::Destination, static_cast<std::uint8_t>(i)});
  unsigned bit = 0;
  for (Index i = 0; i < source.size(); ++i) {
    const Index there = position_in(destination, source[i]);
    if (there == kNone) continue;
    if ((unsigned{relation} >> bit++ & 1u) == 0) site.destination_ids[there] = source_id(i);
  }
  return site;
}

Site floor_site(const Vocabulary& vocabulary, Index from, Index asset) {
  return {from, kNone, vocabulary.buckets[from].keys, {}, {}, asset};
}

Site transition_site(const Subject& subject) { return {kNone, kNone, subject.keys, {}, {}, kNone}; }

std::vector<Relation> relations_of(const Vocabulary& vocabulary, const Pair& pair) {
  assert(pair.matches.size() == shared_keys(vocabulary.buckets[pair.from], vocabulary.buckets[pair.to]).size());
  std::vector<Relation> relations;
  for (unsigned relation = 0; relation < 1u << pair.matches.size(); ++relation) {
    bool fits = pair.from != pair.to || relation != 0;
    for (std::size_t i = 0; i < pair.matches.size(); ++i) {
      const bool differs = (relation >> i & 1u) != 0;
      if (pair.matches[i] == (differs ? Match::Same : Match::Other)) fits = false;
    }
    if (fits) relations.push_back(static_cast<Relation>(relation));
  }
  return relations;
}

std::string message(const Vocabulary& vocabulary, const ResolveError& error) {
  switch (error.why) {
    case Unresolved::KeyUnknown: return fmt::format("no `{}` is known here: neither side has that key", entity_name(vocabulary, error));
    case Unresolved::KeyAmbiguous:
      return fmt::format("the `{}` of the source and of the destination may differ here, and the text does not say which is meant",
                         entity_name(vocabulary, error));
    case Unresolved::ExternalBalance: return "an external has no balance";
    case Unresolved::NoTransfer: return "nothing is transferred here, so `amount`, `from`, `to` and `after` have no meaning";
    case Unresolved::NoAsset: return "nothing is transferred here, so a balance must name its asset";
  }
  return {};
}

std::string help(const Vocabulary& vocabulary, const ResolveError& error) {
  switch (error.why) {
    case Unresolved::KeyUnknown:
      return fmt::format("use a bucket or fact whose keys the move has, or sum over all with `total(any ...)`, where `{}` is a key", entity_name(vocabulary, error));
    case Unresolved::KeyAmbiguous: return "write the side, as in `maintenance(from)`, `balance(to)` or `mode of to is normal`";
    case Unresolved::ExternalBalance: return "test the bucket on the other side, or leave the external out of the pattern";
    case Unresolved::NoTransfer: return "test the subject's own bucket, fact or mode";
    case Unresolved::NoAsset: return "write the asset, as in `balance(Client.margin in USDC)`";
  }
  return {};
}

Resolved resolve(const Vocabulary& vocabulary, const Site& site, const Quantity& quantity) {
  switch (quantity.kind) {
    case QuantityKind::Amount:
      if (site.asset == kNone) return ResolveError{Unresolved::NoTransfer, kNone};
      return Slot{SlotKind::Amount, kNone, kNone, 0, {}};
    case QuantityKind::TimeOfDay: return Slot{SlotKind::TimeOfDay, kNone, kNone, 0, {}};
    case QuantityKind::Now: return Slot{SlotKind::Now, kNone, kNone, 0, {}};
    case QuantityKind::Fact: {
      const Subject& subject = vocabulary.facts[quantity.reference.target].subject;
      const Side side = side_of_subject(site, subject, quantity.reference.side);
      return with_ids({SlotKind::Fact, quantity.reference.target, kNone, 0, {}}, site, subject.keys, side);
    }
    case QuantityKind::Balance: case QuantityKind::BucketTotal: case QuantityKind::AccountTotal: break;
  }
  return resolve_money(vocabulary, site, quantity);
}

Resolved resolve_mode(const Vocabulary& vocabulary, const Site& site, const Reference& reference) {
  const Subject& subject = vocabulary.machines[reference.target].subject;
  const Side side = side_of_subject(site, subject, reference.side);
  return with_ids({SlotKind::Mode, reference.target, kNone, 0, {}}, site, subject.keys, side);
}

Resolved resolve_used(const Site& site, Index limit, Index asset, std::span<const Index> per) {
  return with_ids({SlotKind::Used, limit, asset, 0, {}}, site, {per.begin(), per.end()}, Side::From);
}

int effect_on(const Vocabulary& vocabulary, const Site& site, const Slot& slot) {
  if (site.asset == kNone || slot.asset != site.asset) return 0;
  const bool account = slot.kind == SlotKind::AccountTotal;
  const std::vector<Index>& keys = account ? vocabulary.accounts[slot.target].keys : vocabulary.buckets[slot.target].keys;
  const auto includes = [&](Index end, std::span<const Index> end_keys, const Ids& ids) {
    if (end == kNone) return false;
    const Bucket& bucket = vocabulary.buckets[end];
    return !bucket.external && (account ? bucket.account : end) == slot.target && counts(slot, keys, end_keys, ids);
  };
  const int taken = includes(site.from, site.source_keys, source_ids(site.source_keys.size())) ? 1 : 0;
  const int given = includes(site.to, site.destination_keys, site.destination_ids) ? 1 : 0;
  return given - taken;
}

}  // namespace ringfence
