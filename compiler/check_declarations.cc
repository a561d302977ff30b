// SPDX-License-Identifier: Apache-2.0
// Declarations of names, places, facts and mode machines: language reference, section 2. Each gets its dense index in text order; a
// wrong one is left out, and its name is spoiled so that no use of it is reported.
#include <fmt/core.h>

#include <algorithm>

#include "compiler/check_parts.h"

namespace ringfence::checking {
namespace {

template <class Node, class Visit>
void each(const State& state, Visit visit) {
  for (const StatementNode& node : state.ast.statements)
    if (const Node* statement = std::get_if<Node>(&node.statement)) visit(*statement, node.range);
}

std::string text_of(const std::optional<TextAst>& text) { return text ? text->text : std::string(); }

/// Declares a name and appends what `make` gives; spoils the name when there is no room.
template <class List, class Item>
void add_named(State& state, Kind kind, const NameAst& name, std::size_t most, List& list, Item item) {
  if (!state.declare(kind, name.text, name.range, static_cast<Index>(list.size()))) return;
  if (state.has_room(kind, most, name.range)) list.push_back(std::move(item));
  else state.spoil(kind, name.text);
}

void check_asset(State& state, const AssetDecl& decl) {
  const auto decimals = parse_number(decl.decimals.text);
  const bool fits = decimals && decimals->denominator == 1 && decimals->numerator <= static_cast<Int128>(kDecimalsMax) && !decl.decimals.percent;
  if (!fits) state.error("E0206", decl.decimals.range, fmt::format("an asset has 0 to {} decimals", kDecimalsMax));
  const unsigned places = fits ? static_cast<unsigned>(decimals->numerator) : 0;
  add_named(state, Kind::Asset, decl.name, kAssetsMax, state.policy.vocabulary.assets, Asset{decl.name.text, places, text_of(decl.text)});
  if (!fits) state.spoil(Kind::Asset, decl.name.text);
}

void check_name_list(State& state, const NamesDecl& decl) {
  Vocabulary& v = state.policy.vocabulary;
  for (const NameAst& name : decl.names.names) {
    switch (decl.kind) {
      case NamesDecl::Kind::Role: add_named(state, Kind::Role, name, kRolesMax, v.roles, Role{name.text}); break;
      case NamesDecl::Kind::Purpose: add_named(state, Kind::Purpose, name, kPurposesMax, v.purposes, Purpose{name.text}); break;
      case NamesDecl::Kind::Evidence: add_named(state, Kind::Evidence, name, kEvidenceMax, v.evidence, Evidence{name.text}); break;
    }
  }
}

/// The keys of a place: its owner, if it is `many`, then those in brackets. Nothing after a diagnostic.
std::optional<std::vector<Index>> keys_of_place(State& state, const PatternAst& place, Index& owner) {
  const Vocabulary& v = state.policy.vocabulary;
  std::vector<Index> keys;
  bool good = true;
  if (const auto found = state.find(Kind::Entity, *place.owner)) {
    owner = *found;
    if (v.entities[owner].many) keys.push_back(owner);
  } else {
    good = false;
  }
  for (const KeyAst& key : place.keys) {
    const auto entity = state.find(Kind::Entity, key.entity);
    if (!entity) { good = false; continue; }
    if (!v.entities[*entity].many) {
      state.error("E0207", key.entity.range, fmt::format("`{}` has one member, so it can't be a key", key.entity.text),
                  fmt::format("declare it `entity {} many`, or leave it out of the brackets", key.entity.text));
      good = false;
    } else if (key_position(keys, *entity) != kNone) {
      state.error("E0208", key.entity.range, fmt::format("`{}` is a key already", key.entity.text),
                  *entity == owner ? "the owner before the dot is the first key by itself" : "name each entity once");
      good = false;
    } else {
      keys.push_back(*entity);
    }
  }
  if (keys.size() > kKeysMax) {
    state.error("E0209", place.range, fmt::format("`{}` has {} keys; at most {} are possible", full_name(place), keys.size(), kKeysMax));
    good = false;
  }
  if (!good) return std::nullopt;
  return keys;
}

void check_account(State& state, const BucketDecl& decl) {
  Account account{full_name(decl.place), kNone, {}, text_of(decl.text)};
  const auto keys = keys_of_place(state, decl.place, account.owner);
  auto& accounts = state.policy.vocabulary.accounts;
  const bool is_new = state.declare(Kind::Account, account.name, decl.place.range, static_cast<Index>(accounts.size()));
  if (!is_new) return;
  if (!keys) { state.spoil(Kind::Account, account.name); return; }
  account.keys = *keys;
  accounts.push_back(std::move(account));
}

/// The account of a bucket, its brackets and keys checked. False after a diagnostic.
bool place_in_account(State& state, const BucketDecl& decl, Bucket& bucket) {
  if (!decl.account) {
    if (!decl.may_overdraw) return true;
    state.error("E0211", decl.place.range, fmt::format("`{}` may overdraw, but is in no account to overdraw from", bucket.name),
                fmt::format("write `bucket {} in ACCOUNT may overdraw`", bucket.name));
    return false;
  }
  const auto found = state.find(Kind::Account, full_name(*decl.account), decl.account->range);
  if (!found) return false;
  const Vocabulary& v = state.policy.vocabulary;
  const Account& account = v.accounts[*found];
  if (!brackets_fit(state, *decl.account, account.keys, v.entities[account.owner].many, account.name)) return false;
  for (const Index key : account.keys) {
    if (key_position(bucket.keys, key) != kNone) continue;
    state.error("E0210", decl.account->range, fmt::format("`{}` is one account for each `{}`, which `{}` is not keyed by", account.name, v.entities[key].name, bucket.name),
                fmt::format("add `{}` to the brackets of the bucket, or choose an account without it", v.entities[key].name));
    return false;
  }
  bucket.account = *found;
  return true;
}

void check_bucket(State& state, const BucketDecl& decl) {
  Vocabulary& v = state.policy.vocabulary;
  Bucket bucket;
  bucket.name = full_name(decl.place);
  bucket.external = decl.kind == BucketDecl::Kind::External;
  bucket.may_overdraw = decl.may_overdraw;
  bucket.text = text_of(decl.text);
  const auto keys = keys_of_place(state, decl.place, bucket.owner);
  if (keys) bucket.keys = *keys;
  const bool good = keys && place_in_account(state, decl, bucket);
  if (!state.declare(Kind::Place, bucket.name, decl.place.range, static_cast<Index>(v.buckets.size()))) return;
  if (!good || !state.has_room(Kind::Place, kBucketsMax, decl.place.range)) { state.spoil(Kind::Place, bucket.name); return; }
  state.owned[bucket.owner].push_back(static_cast<Index>(v.buckets.size()));
  v.buckets.push_back(std::move(bucket));
}

void default_range(Fact& fact) {
  fact.min = 0;
  switch (fact.type) {
    case FactType::Amount: fact.max = kAmountMax; break;
    case FactType::Number: fact.max = INT64_MAX; break;
    case FactType::Ratio: fact.max = 1'000'000; break;
    case FactType::Flag: fact.max = 1; break;
    case FactType::Instant: fact.max = kInstantMax; break;
    case FactType::Duration: fact.max = kDurationMax; break;
  }
}

/// False after a diagnostic.
bool read_range(State& state, const FactDecl& decl, Fact& fact) {
  default_range(fact);
  if (!decl.min || !decl.max) return true;
  const SourceRange range{decl.min->range.begin, decl.max->range.end};
  if (fact.type == FactType::Flag) {
    state.error("E0213", range, "a flag is true or false and has no range", "leave out `from ... to ...`");
    return false;
  }
  const auto min = value_of_type(state, *decl.min, fact.type, fact.asset), max = value_of_type(state, *decl.max, fact.type, fact.asset);
  if (!min || !max) return false;
  if (*min > *max) {
    state.error("E0212", range, "this range holds no value: its first bound is above its last", "write the smaller bound first");
    return false;
  }
  fact.min = *min;
  fact.max = *max;
  return true;
}

void check_fact(State& state, const FactDecl& decl) {
  Fact fact;
  fact.name = decl.name.text;
  fact.type = decl.type;
  fact.text = text_of(decl.text);
  bool good = true;
  if (const auto subject = find_subject(state, decl.subject, "a fact")) fact.subject = *subject;
  else good = false;
  if (decl.type == FactType::Amount) {
    const auto asset = decl.asset ? state.find(Kind::Asset, *decl.asset) : std::nullopt;
    if (asset) fact.asset = *asset;
    good = good && asset;
  }
  if (decl.type != FactType::Amount || fact.asset != kNone) good = read_range(state, decl, fact) && good;
  if (decl.fresh_within) {
    const auto duration = duration_of(state, *decl.fresh_within);
    if (duration) fact.fresh_within_ms = *duration;
    good = good && duration;
  }
  auto& facts = state.policy.vocabulary.facts;
  if (!state.declare(Kind::Fact, fact.name, decl.name.range, static_cast<Index>(facts.size()))) return;
  if (good) facts.push_back(std::move(fact));
  else state.spoil(Kind::Fact, fact.name);
}

/// False after a diagnostic: a mode twice, or too many.
bool read_modes(State& state, const ModeDecl& decl, ModeMachine& machine) {
  std::unordered_set<std::string> seen;
  bool good = true;
  for (const NameAst& mode : decl.modes.names) {
    if (!seen.insert(mode.text).second) {
      state.error("E0202", mode.range, fmt::format("`{}` is named twice in this list", mode.text), "remove one of them");
      good = false;
    }
    machine.modes.push_back(mode.text);
  }
  if (machine.modes.size() <= kModesMax) return good;
  state.error("E0203", decl.modes.range, fmt::format("{} modes are too many: one machine has at most {}", machine.modes.size(), kModesMax));
  return false;
}

void check_machine(State& state, const ModeDecl& decl, SourceRange range) {
  Vocabulary& v = state.policy.vocabulary;
  ModeMachine machine;
  const auto subject = find_subject(state, decl.subject, "a mode");
  bool good = read_modes(state, decl, machine) && subject;
  if (subject) {
    machine.subject = *subject;
    const auto [found, is_new] = state.machine_of.try_emplace(subject_name(v, *subject), good ? static_cast<Index>(v.machines.size()) : kNone);
    if (!is_new) {
      state.error("E0215", decl.subject.range.end != 0 ? decl.subject.range : range, fmt::format("`{}` has its modes already", subject_name(v, *subject)),
                  "one subject has one mode at a time: join the two lists, or declare the second of another subject");
      good = false;
    }
  }
  for (const std::string& mode : machine.modes) {
    if (good) state.machines_with[mode].push_back(static_cast<Index>(v.machines.size()));
    else state.spoiled_modes.insert(mode);
  }
  state.machine_of_declaration.push_back(good ? static_cast<Index>(v.machines.size()) : kNone);
  if (good) v.machines.push_back(std::move(machine));
}

}  // namespace

void check_names(State& state) {
  Vocabulary& v = state.policy.vocabulary;
  each<AssetDecl>(state, [&](const AssetDecl& decl, SourceRange) { check_asset(state, decl); });
  each<NamesDecl>(state, [&](const NamesDecl& decl, SourceRange) { check_name_list(state, decl); });
  each<EntityDecl>(state, [&](const EntityDecl& decl, SourceRange) {
    add_named(state, Kind::Entity, decl.name, kEntitiesMax, v.entities, Entity{decl.name.text, decl.many});
  });
  state.owned.resize(v.entities.size());
}

void check_places(State& state) {
  each<BucketDecl>(state, [&](const BucketDecl& decl, SourceRange) { if (decl.kind == BucketDecl::Kind::Account) check_account(state, decl); });
  each<BucketDecl>(state, [&](const BucketDecl& decl, SourceRange) { if (decl.kind != BucketDecl::Kind::Account) check_bucket(state, decl); });
}

void check_facts(State& state) {
  each<FactDecl>(state, [&](const FactDecl& decl, SourceRange) { check_fact(state, decl); });
}

void check_machines(State& state) {
  each<ModeDecl>(state, [&](const ModeDecl& decl, SourceRange range) { check_machine(state, decl, range); });
}

std::optional<Subject> find_subject(State& state, const ReferenceAst& reference, const char* what) {
  const Vocabulary& v = state.policy.vocabulary;
  if (reference.kind == ReferenceAst::Kind::None || reference.kind == ReferenceAst::Kind::System) return Subject{};
  const PatternAst& pattern = reference.pattern;
  if (reference.kind != ReferenceAst::Kind::Pattern || pattern.everything || pattern.all_of_owner || !pattern.owner) {
    state.error("E0221", reference.range, fmt::format("{} is of an entity, of one bucket or of the system", what), "write `of Client`, `of Client.margin` or `of system`");
    return std::nullopt;
  }
  if (!no_words(state, pattern, what)) return std::nullopt;
  if (pattern.bucket) {
    const auto bucket = one_bucket(state, pattern, what);
    if (!bucket) return std::nullopt;
    return Subject{SubjectKind::Bucket, *bucket, v.buckets[*bucket].keys};
  }
  const auto entity = state.find(Kind::Entity, *pattern.owner);
  if (!entity) return std::nullopt;
  return Subject{SubjectKind::Entity, *entity, v.entities[*entity].many ? std::vector<Index>{*entity} : std::vector<Index>{}};
}

}  // namespace ringfence::checking
