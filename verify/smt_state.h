// SPDX-License-Identifier: Apache-2.0
// The followed units as SMT-LIB text: their constants, and the invariant `inv` made of the states that the search found.
// Names: title0, at0, asset0 are the bucket that unit 0 is titled to, the bucket it is in, and its asset, by number; title0_2, at0_2
// its ids for entity 2. With a final underscore: after the step. s2, d2: the ids of the source and of the destination. v3: the
// move's slot 3. mode1: the mode of machine 1, a function of its subject's ids.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "verify/explore.h"

namespace ringfence::smt {

/// One followed place: "title0" or "at1", before ("") or after ("_") the step.
struct SpotName {
  std::string name, suffix;
  std::string bucket() const { return name + suffix; }
  std::string id(Index entity) const;
};
/// Title and place of each of the units from `first_coin` on.
std::vector<SpotName> spot_names(unsigned first_coin, unsigned coin_count, const std::string& suffix);

/// Places where unit 0 can be in the same states, but for the place itself, share one part of the invariant: `inv_<index>`.
struct InvariantPart { std::vector<Index> places; std::string body; };
struct InvariantParts {
  std::vector<InvariantPart> parts;
  std::vector<Index> of_bucket;        ///< by bucket: its part; kNone where unit 0 never is
};

class StateText {
 public:
  /// `keyed_modes` false: only the modes of subjects without ids are told; the others are left open.
  StateText(const Arena&, unsigned coin_count, bool keyed_modes = true);

  InvariantParts parts(const Reach&) const;
  /// Logic, constants and functions, then the definitions of `inv` and of its parts.
  std::string prelude(const InvariantParts&) const;
  /// Logic, constants and functions.
  std::string declarations() const;
  /// `function` (inv or a part) of the units from `first_coin` on; `changed`: the modes after this transition of the subject s.
  std::string invariant_holds(const std::string& function, unsigned first_coin, const std::string& suffix, const Transition* changed = nullptr) const;
  /// The mode of the machine's subject that has the spot's ids.
  std::string mode_seen(Index machine, const SpotName&, const Transition* changed = nullptr) const;

  const std::vector<Index>& entities() const { return entities_; }   ///< those whose ids some bucket or mode has
  const std::vector<Index>& machines() const { return machines_; }   ///< the machines that matter
  const std::vector<Index>& subject_keys(Index machine) const { return arena_.moves.vocabulary.machines[machine].subject.keys; }

  /// Of `inv`: assets, spots with their ids, and the mode of each tracked subject as seen from each spot.
  std::vector<std::string> parameters() const;

 private:
  std::string invariant(const InvariantParts&) const;
  std::size_t asset_choices() const;
  std::string any_assets() const;
  std::string assets_of(const CoinState&) const;
  /// All that a state says of the places and ids, but for the bucket that unit 0 is titled to and the one that it is in.
  std::string shape_of(const CoinState&) const;
  std::vector<Index> titles_of(const std::set<Index>& classes) const;
  std::string place_title_and_shape(const CoinState&) const;
  std::string details(const std::map<std::string, std::vector<std::string>>& assets_by_modes) const;
  std::string modes_of(const CoinState&) const;
  bool sees(const Spot&, const std::vector<Index>& keys, const ModeSubject&) const;
  std::size_t views(Index machine) const { return subject_keys(machine).empty() ? 1 : 2 * coin_count_; }
  bool has_key(const Spot& spot, Index entity) const { return key_position(arena_.bucket(spot.bucket).keys, entity) != kNone; }

  const Arena& arena_;
  const unsigned coin_count_;
  std::vector<Index> entities_, machines_;
};

}  // namespace ringfence::smt
