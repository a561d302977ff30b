// SPDX-License-Identifier: Apache-2.0
// Breadth first over canonical configurations. Ids are only ever compared for equality, so configurations that differ in a renaming of
// ids are one; the decision of a move depends on balances, modes and what time it is only, so it is made once for each of those. Time never goes
// back (10.1); of the times at which a step is possible the earliest is taken, because what can be done later can be done from there, too.
#include "tests/reference/explore.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "tests/reference/choices.h"
#include "tests/reference/interpreter.h"
#include "tests/reference/title.h"

namespace ringfence::reference {
namespace {

using Place = std::uint8_t;
constexpr Place kNoTitle = 0xFF;            ///< money that a short account pays without having it (3.6): nobody's
constexpr std::uint8_t kKeeps = 1, kPasses = 2;
constexpr std::uint8_t kNever = 0xFF;       ///< of times

struct Unit {
  Place at = 0, title = 0;
  auto operator<=>(const Unit&) const = default;
};

struct Configuration {
  std::string balances, modes;              ///< by place, by subject; one byte each
  std::vector<Unit> units;                  ///< sorted
  std::uint8_t time = 0;                    ///< no step is before this: the order of the last one (Choice)
};

std::string prefix_of(const Configuration& configuration) { return configuration.balances + configuration.modes + static_cast<char>(configuration.time); }

std::string key_of(const Configuration& configuration) {
  std::string key = prefix_of(configuration);
  for (const Unit& unit : configuration.units) {
    key.push_back(static_cast<char>(unit.at));
    key.push_back(static_cast<char>(unit.title));
  }
  return key;
}

struct Skeleton { Transfer transfer; Place from = 0, to = 0; std::uint8_t possible = 0; std::size_t choices = 0; };
struct Change { ModeChange change; std::size_t subject = 0, choices = 0; };
struct AllowedMove { Place from = 0, to = 0; std::uint8_t amount = 0, titles = 0, time = 0; auto operator<=>(const AllowedMove&) const = default; };
struct AllowedChange { std::size_t subject = 0; std::uint8_t mode = 0, time = 0; auto operator<=>(const AllowedChange&) const = default; };
struct Allowed { std::vector<AllowedMove> moves; std::vector<AllowedChange> changes; };

class Explorer {
 public:
  Explorer(const TypedPolicy& policy, const World& world) : policy_(policy), vocabulary_(policy.vocabulary), world_(world) {}
  Explored run();

 private:
  void list_instances(Index target, const std::vector<Index>& keys, std::vector<Instance>& into) const;
  Place place_of(const Instance&) const;
  bool make_transfers();
  bool make_changes();
  void make_renamings();
  void make_masks();
  void start(std::size_t first_place, Configuration&);
  void visit(Configuration);
  Configuration canonical(const Configuration&) const;
  Configuration renamed(const Configuration&, std::size_t renaming) const;
  std::uint32_t broken_by(const std::vector<Unit>&) const;
  const Allowed& allowed(const Configuration&);
  State state_of(const Configuration&) const;
  std::array<std::uint8_t, 3> titles_of(const Skeleton&, const State&, std::uint8_t earliest);
  std::uint8_t time_of_change(const Change&, const State&, std::uint8_t earliest);
  void move(const Configuration&, const AllowedMove&);
  void pass_deadline(const Configuration&, std::size_t subject);
  void take(const Configuration&, const AllowedMove&, std::vector<bool>& taken, std::size_t from_unit, std::size_t own, std::size_t others);
  void deliver(const Configuration&, const AllowedMove&, const std::vector<bool>& taken, std::size_t phantoms, bool passing);
  bool all_broken() const { return broken_ == (std::uint32_t{1} << vocabulary_.fences.size()) - 1; }

  const TypedPolicy& policy_;
  const Vocabulary& vocabulary_;
  World world_;
  std::vector<Instance> places_, subjects_;
  std::vector<bool> external_;
  std::vector<Skeleton> skeletons_;
  std::vector<Change> changes_;
  std::vector<std::vector<Choice>> choices_;
  std::vector<std::vector<Place>> place_renamings_;
  std::vector<std::vector<std::size_t>> subject_renamings_;
  std::vector<std::uint32_t> attribution_;   ///< by title * places + place: fences broken
  std::vector<Configuration> queue_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, Allowed> allowed_;
  std::uint32_t broken_ = 0;
};

// ---- the world

void Explorer::list_instances(Index target, const std::vector<Index>& keys, std::vector<Instance>& into) const {
  std::uint64_t count = 1;
  for (std::size_t i = 0; i < keys.size(); ++i) count *= world_.ids;
  for (std::uint64_t number = 0; number < count; ++number) {
    Instance instance{target, static_cast<std::uint8_t>(keys.size()), {}};
    std::uint64_t rest = number;
    for (std::size_t i = 0; i < keys.size(); ++i, rest /= world_.ids) instance.ids[i] = 1 + rest % world_.ids;
    into.push_back(instance);
  }
}

Place Explorer::place_of(const Instance& instance) const {
  return static_cast<Place>(std::find(places_.begin(), places_.end(), instance) - places_.begin());
}

bool Explorer::make_transfers() {
  const std::vector<Index> roles = different_roles(policy_), purposes = different_purposes(policy_);
  for (const Instance& from : places_)
    for (const Instance& to : places_) {
      if (from == to) continue;
      std::optional<std::vector<Choice>> listed;
      for (const Index purpose : purposes)
        for (const Index role : roles) {
          Skeleton skeleton{{purpose, from, to, 0, 1, {}}, place_of(from), place_of(to), 0, choices_.size()};
          skeleton.transfer.authority.person = kInitiator;
          skeleton.transfer.authority.role = role;
          for (const TypedRule& rule : policy_.rules)
            if (rule.effect == Effect::Allow && ((rule.roles >> role) & 1) != 0 &&
                speaks_of(vocabulary_, rule.purposes, rule.pairs, skeleton.transfer))
              skeleton.possible |= rule.passing_title ? kPasses : kKeeps;
          if (skeleton.possible == 0) continue;
          if (!listed) listed = choices(policy_, skeleton.transfer, world_.choices_max);
          if (!listed) return false;
          for (unsigned amount = 1; amount <= world_.amount_max; ++amount) {
            skeleton.transfer.amount = amount;
            skeletons_.push_back(skeleton);
          }
        }
      if (listed) choices_.push_back(*listed);
    }
  return true;
}

bool Explorer::make_changes() {
  for (std::size_t subject = 0; subject < subjects_.size(); ++subject)
    for (Index mode = 0; mode < vocabulary_.machines[subjects_[subject].target].modes.size(); ++mode)
      for (const Index role : different_roles(policy_)) {
        Change change{{subjects_[subject], mode, {}}, subject, choices_.size()};
        change.change.authority.person = kInitiator;
        change.change.authority.role = role;
        const auto listed = choices(policy_, change.change, world_.choices_max);
        if (!listed) return false;
        choices_.push_back(*listed);
        changes_.push_back(change);
      }
  return true;
}

// Every way of renaming the ids of each `many` entity, as it acts on places and on subjects.
void Explorer::make_renamings() {
  std::vector<std::uint64_t> ids(world_.ids);
  for (std::uint64_t i = 0; i < world_.ids; ++i) ids[i] = i + 1;
  std::vector<std::vector<std::uint64_t>> permutations;
  do permutations.push_back(ids);
  while (std::next_permutation(ids.begin(), ids.end()));

  std::vector<std::vector<std::size_t>> combinations{{}};   // by entity: which permutation
  for (const Entity& entity : vocabulary_.entities) {
    std::vector<std::vector<std::size_t>> longer;
    for (const auto& combination : combinations)
      for (std::size_t p = 0; p < (entity.many ? permutations.size() : 1); ++p) {
        longer.push_back(combination);
        longer.back().push_back(p);
      }
    combinations = std::move(longer);
  }
  for (const auto& combination : combinations) {
    const auto rename = [&](Instance instance, const std::vector<Index>& keys) {
      for (std::size_t i = 0; i < keys.size(); ++i) instance.ids[i] = permutations[combination[keys[i]]][instance.ids[i] - 1];
      return instance;
    };
    std::vector<Place> places;
    for (const Instance& place : places_) places.push_back(place_of(rename(place, vocabulary_.buckets[place.target].keys)));
    std::vector<std::size_t> subjects;
    for (const Instance& subject : subjects_) {
      const Instance other = rename(subject, vocabulary_.machines[subject.target].subject.keys);
      subjects.push_back(static_cast<std::size_t>(std::find(subjects_.begin(), subjects_.end(), other) - subjects_.begin()));
    }
    place_renamings_.push_back(places);
    subject_renamings_.push_back(subjects);
  }
}

void Explorer::make_masks() {
  attribution_.assign(places_.size() * places_.size(), 0);
  for (std::size_t title = 0; title < places_.size(); ++title)
    for (std::size_t at = 0; at < places_.size(); ++at)
      for (std::size_t f = 0; f < vocabulary_.fences.size(); ++f)
        if (breaks_attribution(vocabulary_, vocabulary_.fences[f], places_[title], places_[at]))
          attribution_[title * places_.size() + at] |= std::uint32_t{1} << f;
}

// ---- configurations

Configuration Explorer::renamed(const Configuration& configuration, std::size_t renaming) const {
  Configuration other = configuration;
  const std::vector<Place>& places = place_renamings_[renaming];
  for (std::size_t i = 0; i < places.size(); ++i) other.balances[places[i]] = configuration.balances[i];
  for (std::size_t i = 0; i < subjects_.size(); ++i) other.modes[subject_renamings_[renaming][i]] = configuration.modes[i];
  for (Unit& unit : other.units) {
    unit.at = places[unit.at];
    if (unit.title != kNoTitle) unit.title = places[unit.title];
  }
  std::sort(other.units.begin(), other.units.end());
  return other;
}

Configuration Explorer::canonical(const Configuration& configuration) const {
  Configuration best;
  std::string best_key;
  for (std::size_t r = 0; r < place_renamings_.size(); ++r) {
    Configuration other = renamed(configuration, r);
    std::string key = key_of(other);
    if (best_key.empty() || key < best_key) {
      best = std::move(other);
      best_key = std::move(key);
    }
  }
  return best;
}

std::uint32_t Explorer::broken_by(const std::vector<Unit>& units) const {
  std::uint32_t broken = 0;
  for (std::size_t a = 0; a < units.size(); ++a) {
    if (units[a].title == kNoTitle) continue;
    broken |= attribution_[units[a].title * places_.size() + units[a].at];
    for (std::size_t b = 0; b < a; ++b)
      for (std::size_t f = 0; f < vocabulary_.fences.size(); ++f)
        if (units[b].title != kNoTitle && breaks_custody(vocabulary_, vocabulary_.fences[f], places_[units[a].title], places_[units[a].at],
                                                         places_[units[b].title], places_[units[b].at]))
          broken |= std::uint32_t{1} << f;
  }
  return broken;
}

void Explorer::visit(Configuration configuration) {
  std::sort(configuration.units.begin(), configuration.units.end());
  configuration = canonical(configuration);
  if (!seen_.insert(key_of(configuration)).second) return;
  broken_ |= broken_by(configuration.units);
  queue_.push_back(std::move(configuration));
}

// Every placement of up to `units` units, from this place on; a clean start breaks no custody fence (DESIGN: a run).
void Explorer::start(std::size_t first_place, Configuration& configuration) {
  if (broken_by(configuration.units) == 0) visit(configuration);
  if (configuration.units.size() == world_.units) return;
  for (std::size_t place = first_place; place < places_.size(); ++place) {
    if (external_[place]) continue;
    configuration.units.push_back({static_cast<Place>(place), static_cast<Place>(place)});
    ++configuration.balances[place];
    start(place, configuration);
    --configuration.balances[place];
    configuration.units.pop_back();
  }
}

// ---- what is allowed, by balances and modes

State Explorer::state_of(const Configuration& configuration) const {
  State state;
  for (std::size_t place = 0; place < places_.size(); ++place)
    if (configuration.balances[place] != 0) state.add(places_[place], 0, configuration.balances[place]);
  for (std::size_t subject = 0; subject < subjects_.size(); ++subject)
    state.set_mode(subjects_[subject], static_cast<Index>(configuration.modes[subject]), kNoDeadlinePasses);
  return state;
}

// 3.4: any allow rule whose conditions hold, of a transfer that is allowed, may be the one that says.
// By titles that may result: the earliest time at which they may.
std::array<std::uint8_t, 3> Explorer::titles_of(const Skeleton& skeleton, const State& state, std::uint8_t earliest) {
  std::array<std::uint8_t, 3> titles{kNever, kNever, kNever};
  for (const Choice& choice : choices_[skeleton.choices]) {
    const std::uint8_t time = choice.order;
    const bool later = (titles[kKeeps] <= time || (skeleton.possible & kKeeps) == 0) && (titles[kPasses] <= time || (skeleton.possible & kPasses) == 0);
    if (time < earliest || later) continue;
    State with_facts = state;
    with_facts.facts = choice.facts;
    Transfer transfer = skeleton.transfer;
    transfer.authority.approvals = choice.approvals;
    transfer.authority.evidence = choice.evidence;
    transfer.authority.time_ms = choice.time_ms;
    if (!judge(policy_, with_facts, transfer).allowed()) continue;
    for (const Index rule : holding_allows(policy_, with_facts, transfer)) {
      std::uint8_t& known = titles[policy_.rules[rule].passing_title ? kPasses : kKeeps];
      known = std::min(known, time);
    }
  }
  return titles;
}

std::uint8_t Explorer::time_of_change(const Change& change, const State& state, std::uint8_t earliest) {
  std::uint8_t found = kNever;
  for (const Choice& choice : choices_[change.choices]) {
    const std::uint8_t time = choice.order;
    if (time < earliest || time >= found) continue;
    State with_facts = state;
    with_facts.facts = choice.facts;
    ModeChange asked = change.change;
    asked.authority.approvals = choice.approvals;
    asked.authority.evidence = choice.evidence;
    asked.authority.time_ms = choice.time_ms;
    if (judge(policy_, with_facts, asked).allowed()) found = time;
  }
  return found;
}

const Allowed& Explorer::allowed(const Configuration& configuration) {
  const auto [found, is_new] = allowed_.try_emplace(prefix_of(configuration));
  if (!is_new) return found->second;
  const State state = state_of(configuration);
  std::set<AllowedMove> moves;
  std::set<AllowedChange> changes;
  for (const Skeleton& skeleton : skeletons_) {
    const bool bound = !external_[skeleton.from] && !vocabulary_.buckets[skeleton.transfer.from.target].may_overdraw;
    if (bound && configuration.balances[skeleton.from] < skeleton.transfer.amount) continue;
    const auto titles = titles_of(skeleton, state, configuration.time);
    for (const std::uint8_t title : {kKeeps, kPasses})
      if (titles[title] != kNever) moves.insert({skeleton.from, skeleton.to, static_cast<std::uint8_t>(skeleton.transfer.amount), title, titles[title]});
  }
  for (const Change& change : changes_)
    if (const std::uint8_t time = time_of_change(change, state, configuration.time); time != kNever)
      changes.insert({change.subject, static_cast<std::uint8_t>(change.change.to_mode), time});
  found->second = {{moves.begin(), moves.end()}, {changes.begin(), changes.end()}};
  return found->second;
}

// ---- steps

// 2.12: any deadline may pass at any time.
void Explorer::pass_deadline(const Configuration& configuration, std::size_t subject) {
  for (const TypedTransition& deadline : policy_.transitions) {
    if (!deadline.deadline || deadline.machine != subjects_[subject].target || ((deadline.from_modes >> configuration.modes[subject]) & 1) == 0) continue;
    Configuration after = configuration;
    after.modes[subject] = static_cast<char>(deadline.to_mode);
    visit(std::move(after));
  }
}

// 3.5, 3.6: own units first, any of them; what is beyond them from other buckets of the account instance, any of those.
void Explorer::move(const Configuration& configuration, const AllowedMove& move) {
  if (external_[move.from]) {
    Configuration with = configuration;
    std::vector<bool> taken(configuration.units.size(), false);
    for (unsigned i = 0; i < move.amount; ++i) {
      with.units.push_back({move.from, move.from});
      taken.push_back(true);
    }
    if (!external_[move.to] && with.units.size() > world_.units) return;
    for (const bool passing : {false, true})
      if ((move.titles & (passing ? kPasses : kKeeps)) != 0) deliver(with, move, taken, 0, passing);
    return;
  }
  const auto held = static_cast<std::size_t>(std::count_if(configuration.units.begin(), configuration.units.end(),
                                                           [&](const Unit& unit) { return unit.at == move.from; }));
  std::vector<bool> taken(configuration.units.size(), false);
  const std::size_t own = std::min<std::size_t>(held, move.amount);
  take(configuration, move, taken, 0, own, move.amount - own);
}

void Explorer::take(const Configuration& configuration, const AllowedMove& move, std::vector<bool>& taken, std::size_t from_unit,
                    std::size_t own, std::size_t others) {
  const std::vector<Unit>& units = configuration.units;
  bool none_left = true;
  for (std::size_t i = from_unit; i < units.size() && own + others > 0; ++i) {
    const bool is_own = units[i].at == move.from;
    if (!is_own && !same_account(vocabulary_, places_[units[i].at], places_[move.from])) continue;
    if ((is_own ? own : others) == 0) continue;
    none_left = false;
    taken[i] = true;
    take(configuration, move, taken, i + 1, own - (is_own ? 1 : 0), others - (is_own ? 0 : 1));
    taken[i] = false;
  }
  // What even the whole account does not have is nobody's money; only then may `others` stay unfilled.
  const bool exhausted = own == 0 && none_left && std::none_of(units.begin(), units.end(), [&](const Unit& unit) {
    const auto i = static_cast<std::size_t>(&unit - units.data());
    return !taken[i] && unit.at != move.from && same_account(vocabulary_, places_[unit.at], places_[move.from]);
  });
  if (own + others > 0 && !exhausted) return;
  for (const bool passing : {false, true})
    if ((move.titles & (passing ? kPasses : kKeeps)) != 0) deliver(configuration, move, taken, others, passing);
}

void Explorer::deliver(const Configuration& configuration, const AllowedMove& move, const std::vector<bool>& taken, std::size_t phantoms,
                       bool passing) {
  Configuration after = configuration;
  after.time = move.time;
  after.units.clear();
  std::vector<Unit> arriving;
  for (std::size_t i = 0; i < configuration.units.size(); ++i) {
    Unit unit = configuration.units[i];
    if (!taken[i]) {
      after.units.push_back(unit);
      continue;
    }
    if (passing && unit.title != kNoTitle && may_pass(vocabulary_, places_[unit.title], places_[move.from])) unit.title = move.to;
    arriving.push_back({move.to, unit.title});
  }
  for (std::size_t i = 0; i < phantoms; ++i) arriving.push_back({move.to, kNoTitle});
  if (!external_[move.from]) after.balances[move.from] = static_cast<char>(after.balances[move.from] - move.amount);
  if (external_[move.to]) {
    broken_ |= broken_by(arriving);   // 3.5: judged at the external, then gone
  } else {
    after.balances[move.to] = static_cast<char>(after.balances[move.to] + move.amount);
    after.units.insert(after.units.end(), arriving.begin(), arriving.end());
  }
  visit(std::move(after));
}

Explored Explorer::run() {
  for (Index b = 0; b < vocabulary_.buckets.size(); ++b) list_instances(b, vocabulary_.buckets[b].keys, places_);
  for (Index m = 0; m < vocabulary_.machines.size(); ++m) list_instances(m, vocabulary_.machines[m].subject.keys, subjects_);
  Explored explored;
  explored.broken.assign(vocabulary_.fences.size(), false);
  if (places_.size() >= kNoTitle) explored.stopped = "too many places";
  for (const Instance& place : places_) external_.push_back(vocabulary_.buckets[place.target].external);
  if (explored.stopped.empty() && (!make_transfers() || !make_changes())) explored.stopped = "too many choices";
  if (!explored.stopped.empty()) return explored;
  make_renamings();
  make_masks();
  Configuration empty{std::string(places_.size(), 0), std::string(subjects_.size(), 0), {}, 0};
  start(0, empty);
  for (std::size_t i = 0; i < queue_.size() && !all_broken(); ++i) {
    if (queue_.size() > world_.states_max) {
      explored.stopped = "too many states";
      break;
    }
    const Configuration configuration = queue_[i];
    const Allowed now = allowed(configuration);
    for (const AllowedMove& step : now.moves) move(configuration, step);
    for (const AllowedChange& change : now.changes) {
      Configuration after = configuration;
      after.time = change.time;
      after.modes[change.subject] = static_cast<char>(change.mode);
      visit(std::move(after));
    }
    for (std::size_t subject = 0; subject < subjects_.size(); ++subject) pass_deadline(configuration, subject);
  }
  explored.states = queue_.size();
  explored.complete = explored.stopped.empty();
  for (std::size_t f = 0; f < explored.broken.size(); ++f) explored.broken[f] = ((broken_ >> f) & 1) != 0;
  return explored;
}

}  // namespace

Explored explore(const TypedPolicy& policy, const World& world) { return Explorer(policy, world).run(); }

bool crosses_ids(const TypedPolicy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [](const TypedRule& rule) {
    return rule.effect == Effect::Allow && std::any_of(rule.pairs.begin(), rule.pairs.end(), [](const Pair& pair) {
             return std::any_of(pair.matches.begin(), pair.matches.end(), [](Match match) { return match != Match::Same; });
           });
  });
}

}  // namespace ringfence::reference
