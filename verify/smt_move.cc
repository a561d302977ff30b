// SPDX-License-Identifier: Apache-2.0
#include "verify/smt_move.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "verify/smt_text.h"

namespace ringfence::smt {
namespace {

using Terms = std::vector<std::string>;

void append(Terms& to, const Terms& more) { to.insert(to.end(), more.begin(), more.end()); }

}  // namespace

MoveShape MoveText::shape_of(const Move& move) const {
  const Bucket& from = arena_.bucket(move.from);
  const auto any_allow = [&](bool passing) {
    return std::any_of(move.allows.begin(), move.allows.end(), [&](const Guarded& allow) { return allow.passing_title == passing; });
  };
  return {parts_.of_bucket[move.from], parts_.of_bucket[move.to], move.from == move.to, from.external, any_allow(false), any_allow(true),
          from.owner, arena_.title_class[move.to], move.relation, move.asset, from.keys, arena_.bucket(move.to).keys};
}

std::vector<std::string> MoveText::allowed(const Move& move, const std::vector<Mask>& possible) const {
  const auto& from = arena_.bucket(move.from);
  const auto& to = arena_.bucket(move.to);
  Terms terms = relation_terms(from.keys, to.keys, move.relation);
  append(terms, slots_.ranges(move.slots, possible));
  append(terms, slots_.known(move.slots, from.keys, to.keys));
  append(terms, amount_terms(move));
  for (const Guarded& deny : move.denies) terms.push_back(negation(holds(deny)));
  for (const Guarded& limit : move.limits) terms.push_back(holds(limit));
  Terms ways;
  for (const Guarded& allow : move.allows) ways.push_back(all({allow.passing_title ? "pass" : "(not pass)", holds(allow)}));
  terms.push_back(any(ways));
  return terms;
}

std::vector<std::string> MoveText::step(const Move& move, const std::vector<Mask>& possible) const {
  Terms terms = taking_terms(move);
  append(terms, allowed(move, possible));
  append(terms, after_terms(move));
  append(terms, possible_modes(possible));
  return terms;
}

std::vector<std::string> MoveText::bystander_step(const Move& move, const std::vector<Mask>& possible) const {
  Terms terms;
  for (unsigned coin = 0; coin < coin_count_; ++coin) terms.push_back(fmt::format("(not taken{})", coin));
  append(terms, allowed(move, possible));
  return terms;
}

std::string MoveText::pair_ends(const Move& move) const {
  Terms ended;
  if (coin_count_ == 2 && arena_.bucket(move.to).external)
    for (unsigned coin = 0; coin < 2; ++coin) ended.push_back(all({fmt::format("taken{}", coin), negation(titled_here(coin, "_", move.to, 'd'))}));
  return any(ended);
}

std::vector<std::string> MoveText::leaves_invariant(const Move& move, const std::vector<Mask>& possible) const {
  Terms asserted{coin_count_ == 1 && !shares_overdrawn_account(arena_.bucket(move.from)) ? part_holds(parts_.of_bucket[move.from], "")
                                                                                        : state_.invariant_holds("inv", 0, "")};
  append(asserted, step(move, possible));
  // One followed unit is the one that the move takes, so it is then at the destination.
  Terms fine{coin_count_ == 1 ? part_holds(parts_.of_bucket[move.to], "_") : state_.invariant_holds("inv", 0, "_")};
  if (const std::string ended = pair_ends(move); ended != "false") fine.push_back(ended);
  asserted.push_back(negation(any(fine)));
  return asserted;
}

std::vector<std::string> MoveText::leave_invariant(const MoveShape& shape, const AlikeMoves& alike, const std::vector<Mask>& possible) const {
  const SpotName at{"at0", ""}, title{"title0", ""};
  Terms asserted{part_holds(shape.from_part, ""), one_of(at.bucket(), std::vector<Index>(alike.from.begin(), alike.from.end())),
                 one_of("to", std::vector<Index>(alike.to.begin(), alike.to.end())), equal("asset0", std::to_string(shape.asset)), equal("asset0_", "asset0")};
  asserted.push_back(shape.within_bucket ? equal("to", at.bucket()) : negation(equal("to", at.bucket())));
  for (const Index key : shape.from_keys) asserted.push_back(equal(at.id(key), fmt::format("s{}", key)));
  if (shape.from_external) {
    asserted.push_back(equal(title.bucket(), at.bucket()));
    for (const Index key : shape.from_keys) asserted.push_back(equal(title.id(key), at.id(key)));
  }
  append(asserted, relation_terms(shape.from_keys, shape.to_keys, shape.relation));
  if (!shape.keeps) asserted.push_back("pass");
  if (!shape.passes) asserted.push_back("(not pass)");
  append(asserted, moved("title0", all({"pass", theirs(0, shape.owner, shape.from_keys)}), "to", shape.to_keys));
  append(asserted, moved("at0", "true", "to", shape.to_keys));
  append(asserted, possible_modes(possible));
  asserted.push_back(negation(part_holds(shape.to_part, "_")));
  return asserted;
}

std::string MoveText::part_holds(Index part, const std::string& suffix) const {
  return part == kNone ? "false" : state_.invariant_holds(fmt::format("inv_{}", part), 0, suffix);
}

std::vector<std::string> MoveText::relation_terms(const std::vector<Index>& from_keys, const std::vector<Index>& to_keys, Relation relation) const {
  Terms terms;
  std::size_t shared = 0;
  for (const Index key : from_keys) {
    if (key_position(to_keys, key) == kNone) continue;
    const std::string same = equal(fmt::format("s{}", key), fmt::format("d{}", key));
    terms.push_back((relation >> shared++ & 1) ? negation(same) : same);
  }
  return terms;
}

/// A subject met on the way is in some mode that its machine can be in at all.
std::vector<std::string> MoveText::possible_modes(const std::vector<Mask>& possible) const {
  Terms terms;
  for (const Index machine : state_.machines())
    for (const SpotName& spot : spot_names(0, coin_count_, "_")) terms.push_back(one_of(state_.mode_seen(machine, spot), possible[machine]));
  return terms;
}

/// The spot is this instance: bucket and ids named by `letter` (s or d).
std::string MoveText::is_instance(const SpotName& spot, Index bucket, char letter) const {
  Terms terms{equal(spot.bucket(), std::to_string(bucket))};
  for (const Index key : arena_.bucket(bucket).keys) terms.push_back(equal(spot.id(key), fmt::format("{}{}", letter, key)));
  return all(terms);
}
std::string MoveText::titled_here(unsigned coin, const std::string& suffix, Index bucket, char letter) const {
  return is_instance({fmt::format("title{}", coin), suffix}, bucket, letter);
}

/// The unit is at the source itself (and, at an external, has not left the system there).
std::string MoveText::at_source(unsigned coin, const Move& move) const {
  Terms terms{is_instance({fmt::format("at{}", coin), ""}, move.from, 's')};
  if (arena_.bucket(move.from).external) terms.push_back(titled_here(coin, "", move.from, 's'));
  return all(terms);
}

/// The unit is where the source can take it from: at the source, or anywhere in an account that can be overdrawn.
std::string MoveText::within_reach(unsigned coin, const Move& move) const {
  const Bucket& from = arena_.bucket(move.from);
  if (!shares_overdrawn_account(from)) return at_source(coin, move);
  const SpotName at{fmt::format("at{}", coin), ""};
  std::vector<Index> neighbours;
  for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket)
    if (arena_.bucket(bucket).account == from.account) neighbours.push_back(bucket);
  Terms terms{one_of(at.bucket(), neighbours)};
  for (const Index key : arena_.moves.vocabulary.accounts[from.account].keys) terms.push_back(equal(at.id(key), fmt::format("s{}", key)));
  return all(terms);
}

std::vector<std::string> MoveText::taking_terms(const Move& move) const {
  Terms terms, taken, elsewhere, own_left;
  for (unsigned coin = 0; coin < coin_count_; ++coin) {
    const std::string is_taken = fmt::format("taken{}", coin), right_asset = equal(fmt::format("asset{}", coin), std::to_string(move.asset));
    taken.push_back(is_taken);
    terms.push_back(fmt::format("(=> {} {})", is_taken, all({right_asset, within_reach(coin, move)})));
    if (!shares_overdrawn_account(arena_.bucket(move.from))) continue;
    elsewhere.push_back(all({is_taken, negation(at_source(coin, move))}));
    own_left.push_back(all({negation(is_taken), right_asset, at_source(coin, move)}));
  }
  terms.push_back(any(taken));
  if (!elsewhere.empty()) terms.push_back(fmt::format("(=> {} {})", any(elsewhere), negation(any(own_left))));
  return terms;
}

std::vector<std::string> MoveText::amount_terms(const Move& move) const {
  Terms taken, left{"0"}, elsewhere;
  for (unsigned coin = 0; coin < coin_count_; ++coin) {
    taken.push_back(fmt::format("(ite taken{} 1 0)", coin));
    elsewhere.push_back(choice(all({fmt::format("taken{}", coin), negation(at_source(coin, move))}), "1", "0"));
    if (!funds_are_account(move))  // an account's total can say less than the units in it
      left.push_back(choice(all({negation(fmt::format("taken{}", coin)), equal(fmt::format("asset{}", coin), std::to_string(move.asset)), at_source(coin, move)}), "1", "0"));
  }
  Terms terms{fmt::format("(and (<= 1 amount) (<= {} amount) (<= amount {}))", sum(taken), number(kAmountMax))};
  for (std::size_t i = 0; i < move.slots.size(); ++i)
    if (move.slots[i].kind == SlotKind::Amount) terms.push_back(fmt::format("(= v{} amount)", i));
  if (move.funds_slot != kNone) terms.push_back(fmt::format("(>= (- v{} amount) {})", move.funds_slot, sum(left)));
  if (move.account_slot != kNone) terms.push_back(fmt::format("(>= v{} amount)", move.account_slot));
  if (move.from_slot != kNone) terms.push_back(fmt::format("(>= (- v{} amount) {})", move.from_slot, number(-kAmountMax)));
  if (overdraws_alone(arena_, move.from))   // it pays with its neighbours' units only what goes beyond its balance
    terms.push_back(fmt::format("(=> (< 0 {0}) (>= (- amount v{1}) {0}))", sum(elsewhere), move.from_slot));
  if (move.to_slot != kNone) terms.push_back(fmt::format("(<= (+ v{} amount) {})", move.to_slot, number(kAmountMax)));
  return terms;
}

bool MoveText::funds_are_account(const Move& move) const {
  return move.funds_slot != kNone && move.slots[move.funds_slot].kind == SlotKind::AccountTotal;
}

/// 3.4: the title is the source's owner's, with equal ids on every entity that keys both.
const std::string& MoveText::theirs(unsigned coin, Index owner, const std::vector<Index>& from_keys) const {
  std::string& written = theirs_[{coin, owner, from_keys}];
  if (!written.empty()) return written;
  const SpotName title{fmt::format("title{}", coin), ""};
  std::map<std::vector<Index>, std::vector<Index>> titles;  // by the entities that key the title and the source
  for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
    if (arena_.bucket(bucket).owner != owner) continue;
    std::vector<Index> shared;
    for (const Index key : arena_.bucket(bucket).keys)
      if (key_position(from_keys, key) != kNone) shared.push_back(key);
    titles[shared].push_back(bucket);
  }
  Terms cases;
  for (const auto& [shared, buckets] : titles) {
    Terms terms{one_of(title.bucket(), buckets)};
    for (const Index entity : shared) terms.push_back(equal(title.id(entity), fmt::format("s{}", entity)));
    cases.push_back(all(terms));
  }
  return written = any(cases);
}

std::vector<std::string> MoveText::after_terms(const Move& move) const {
  Terms terms;
  const Bucket& from = arena_.bucket(move.from);
  const auto& to_keys = arena_.bucket(move.to).keys;
  for (unsigned coin = 0; coin < coin_count_; ++coin) {
    terms.push_back(equal(fmt::format("asset{}_", coin), fmt::format("asset{}", coin)));
    const std::string is_taken = fmt::format("taken{}", coin);
    append(terms, moved(fmt::format("title{}", coin), all({is_taken, "pass", theirs(coin, from.owner, from.keys)}), std::to_string(move.to), to_keys));
    append(terms, moved(fmt::format("at{}", coin), is_taken, std::to_string(move.to), to_keys));
  }
  return terms;
}

std::vector<std::string> MoveText::moved(const std::string& name, const std::string& condition, const std::string& to, const std::vector<Index>& to_keys) const {
  const SpotName before{name, ""}, after{name, "_"};
  Terms terms{equal(after.bucket(), choice(condition, to, before.bucket()))};
  for (const Index entity : state_.entities()) {
    const bool has = key_position(to_keys, entity) != kNone;
    terms.push_back(equal(after.id(entity), choice(condition, has ? fmt::format("d{}", entity) : "(- 1)", before.id(entity))));
  }
  return terms;
}

}  // namespace ringfence::smt
