// SPDX-License-Identifier: Apache-2.0
// The search: clean starts, then all that one transfer or one change of mode can do to a coin state, until nothing is new.
#include "verify/explore.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

namespace ringfence {

bool clean(const Arena& arena, const std::vector<Coin>& coins) {
  if (coins.size() < 2) return true;
  const auto& fences = arena.moves.vocabulary.fences;
  return std::none_of(fences.begin(), fences.end(), [&](const Fence& fence) { return breaks_custody(arena, fence, coins[0], coins[1]); });
}

namespace {

class Search {
 public:
  Search(const Arena& arena, Feasibility& feasible, const std::vector<Mask>& possible, unsigned coin_count, const ExploreOptions& options)
      : arena_(arena), feasible_(feasible), possible_(possible), coin_count_(coin_count), options_(options) {}

  Reach run() {
    start();
    for (Index now = 0; now < reach_.states.size() && !stopped(); ++now) {
      if (options_.progress && now % 256 == 0)
        options_.progress(fmt::format("following {} unit{}: {} of {} states", coin_count_, coin_count_ > 1 ? "s" : "", now, reach_.states.size()));
      if (options_.budget.is_over()) reach_.stopped = kTimeIsUp;
      else step(now);
    }
    reach_.complete = !stopped();
    note_guards_that_matter();
    return std::move(reach_);
  }

 private:
  bool stopped() const { return !reach_.stopped.empty(); }

  // ---- starting states: each coin titled to where it is, every mode the first (or any)

  void start() {
    std::vector<Coin> coins;
    start_from(coins);
  }

  void start_from(std::vector<Coin>& coins) {
    if (coins.size() == coin_count_) {
      auto start = canonical(arena_, coins);
      if (!clean(arena_, start)) return;
      const auto tracked = tracked_subjects(arena_, start);
      CoinState state{std::move(start), std::vector<std::uint8_t>(tracked.size(), 0)};
      start_in_modes(tracked, options_.starts_in_any_mode ? 0 : tracked.size(), state);
      return;
    }
    for (Index asset = 0; asset < arena_.moves.vocabulary.assets.size(); ++asset)
      for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
        if (!coins.empty() && std::pair(asset, bucket) < std::pair(coins[0].asset, coins[0].at.bucket)) continue;  // the pair is unordered
        for_each_ids(coins, bucket, {}, [&](const Spot& place) {
          coins.push_back({asset, titled_to(arena_, place), place});
          start_from(coins);
          coins.pop_back();
        });
      }
  }

  void start_in_modes(const std::vector<ModeSubject>& tracked, std::size_t next, CoinState& state) {
    if (next == tracked.size()) {
      add(state, state_key(state), {});
      return;
    }
    for (std::uint8_t mode = 0; mode < kModesMax; ++mode) {
      if (!(possible_[tracked[next].machine] >> mode & 1)) continue;
      state.modes[next] = mode;
      start_in_modes(tracked, next + 1, state);
    }
  }

  // ---- ids: any class that is mentioned, or one that is not

  /// Calls visit(place) for every choice of ids of `bucket`; `fixed[i]` >= 0 fixes key i, `barred[i]` >= 0 excludes that class from it.
  struct KeyChoice { std::array<int, kKeysMax> fixed{-1, -1, -1, -1}, barred{-1, -1, -1, -1}; };
  template <class Visit>
  void for_each_ids(const std::vector<Coin>& mentioned, Index bucket, const KeyChoice& choice, Visit visit, const Spot* also = nullptr) {
    Spot place{bucket, {}};
    choose(mentioned, choice, 0, place, also, visit);
  }

  template <class Visit>
  void choose(const std::vector<Coin>& mentioned, const KeyChoice& choice, std::size_t key, Spot& place, const Spot* also, Visit& visit) {
    const auto& keys = arena_.bucket(place.bucket).keys;
    if (key >= kKeysMax || key == keys.size()) {
      visit(static_cast<const Spot&>(place));
      return;
    }
    if (choice.fixed[key] >= 0) {
      place.ids[key] = static_cast<std::uint8_t>(choice.fixed[key]);
      choose(mentioned, choice, key + 1, place, also, visit);
    } else {
      const std::uint8_t fresh = first_unmentioned(mentioned, keys[key], also);
      for (std::uint8_t id = 0; id <= fresh; ++id) {
        if (choice.barred[key] == id) continue;
        place.ids[key] = id;
        choose(mentioned, choice, key + 1, place, also, visit);
      }
    }
    place.ids[key] = 0;
  }

  std::uint8_t first_unmentioned(const std::vector<Coin>& mentioned, Index entity, const Spot* also) const {
    std::uint8_t fresh = class_count(arena_, mentioned, entity);
    if (also) {
      const Index position = key_position(arena_.bucket(also->bucket).keys, entity);
      if (position != kNone) fresh = std::max<std::uint8_t>(fresh, static_cast<std::uint8_t>(also->ids[position] + 1));
    }
    return fresh;
  }

  // ---- one step

  void step(Index now) {
    const CoinState state = reach_.states[now];
    for (const Spot& from : sources(state)) {
      if (stopped()) return;
      for (const Index move : arena_.moves_from[from.bucket]) transfer(now, state, move, from);
    }
    change_modes(now, state);
  }

  /// Instances that a move could take a followed unit from: where it is; and, where its account can be overdrawn, any in that account.
  std::vector<Spot> sources(const CoinState& state) {
    std::vector<Spot> found;
    const auto add_source = [&](const Spot& place) {
      if (std::find(found.begin(), found.end(), place) == found.end()) found.push_back(place);
    };
    for (const Coin& coin : state.coins) {
      if (gone(coin)) continue;
      add_source(coin.at);
      const Index account = arena_.bucket(coin.at.bucket).account;
      if (account == kNone || !arena_.account_overdraws[account]) continue;
      for (Index bucket = 0; bucket < arena_.moves.vocabulary.buckets.size(); ++bucket) {
        if (arena_.bucket(bucket).account != account) continue;
        KeyChoice choice;
        for (const Index key : arena_.moves.vocabulary.accounts[account].keys)
          choice.fixed[key_position(arena_.bucket(bucket).keys, key)] = class_at(arena_, coin.at, key);
        for_each_ids(state.coins, bucket, choice, add_source);
      }
    }
    return found;
  }

  /// Outside for good. A title of the same class is like its own: what enters there is titled afresh, and then the states are the same.
  bool gone(const Coin& coin) const { return arena_.bucket(coin.at.bucket).external && !(titled_to(arena_, coin.at) == coin.title); }

  bool can_give(const Coin& coin, const Spot& from) const {
    if (gone(coin)) return false;
    if (coin.at == from) return true;
    const Index account = arena_.bucket(from.bucket).account;
    return account != kNone && arena_.account_overdraws[account] && !arena_.bucket(coin.at.bucket).external &&
           custody_of(arena_, coin.at) == custody_of(arena_, from);
  }

  void transfer(Index now, const CoinState& state, Index move_index, const Spot& from) {
    const Move& move = arena_.moves.moves[move_index];
    const Bucket& source = arena_.bucket(move.from);
    const Bucket& destination = arena_.bucket(move.to);
    const auto shared = shared_keys(source, destination);
    KeyChoice choice;
    for (std::size_t i = 0; i < shared.size(); ++i) {
      const int id = from.ids[key_position(source.keys, shared[i])];
      const Index position = key_position(destination.keys, shared[i]);
      ((move.relation >> i & 1) ? choice.barred : choice.fixed)[position] = id;
    }
    for_each_ids(state.coins, move.to, choice, [&](const Spot& to) {
      for (std::uint8_t taken = 1; taken < (1u << state.coins.size()); ++taken) take(now, state, move_index, from, to, taken);
    }, &from);
  }

  void take(Index now, const CoinState& state, Index move_index, const Spot& from, const Spot& to, std::uint8_t taken) {
    const Move& move = arena_.moves.moves[move_index];
    bool elsewhere = false, own_left = false;
    SlotKnowledge taking;
    for (std::size_t i = 0; i < state.coins.size(); ++i) {
      const Coin& coin = state.coins[i];
      const bool at_source = coin.at == from && !gone(coin);
      if (taken >> i & 1) {
        if (coin.asset != move.asset || !can_give(coin, from)) return;
        elsewhere = elsewhere || !at_source;
        ++taking.taken;
        if (!at_source && overdraws_alone(arena_, move.from)) ++taking.beyond_balance;
      } else if (coin.asset == move.asset) {
        own_left = own_left || at_source;
        if (at_source) ++taking.left_at_source;
      }
    }
    if (elsewhere && own_left) return;  // a source pays with its own units first
    Origin origin{now, move_index, kNone, kNone, taken, from, to, {}, {}};
    for (const bool pass : {false, true}) with_title(state, origin, pass, taking);
  }

  void with_title(const CoinState& state, Origin origin, bool pass, const SlotKnowledge& taking) {
    const Move& move = arena_.moves.moves[origin.move];
    if (std::none_of(move.allows.begin(), move.allows.end(), [&](const Guarded& allow) { return allow.passing_title == pass; })) return;
    origin.raw = state.coins;
    for (std::size_t i = 0; i < origin.raw.size(); ++i)
      if (origin.taken >> i & 1) {
        if (pass && can_pass_title(arena_, origin.raw[i].title, origin.from)) origin.raw[i].title = titled_to(arena_, origin.to);
        origin.raw[i].at = origin.to;
      }
    for_each_arrival(state, origin, [&](const Origin& chosen) {
      CoinState after = state_after(state, chosen);
      if (is_pair_no_longer(after)) return;
      std::string key = state_key(after);
      if (!options_.keeps_edges && seen_.count(key)) return;
      SlotKnowledge known = knowledge(arena_, move.slots, state, chosen.arriving, chosen.from, chosen.to);
      known.taken = taking.taken;
      known.left_at_source = taking.left_at_source;
      known.beyond_balance = taking.beyond_balance;
      const Ways ways = feasible_.move(chosen.move, known);
      if (ways.unknown) reach_.stopped = "the solver did not say in time whether a move is possible";
      Origin done = chosen;
      done.allow = pass ? ways.pass : ways.keep;
      if (done.allow == kNone) kept_out_.insert({std::move(key), chosen.move});
      else add(std::move(after), std::move(key), std::move(done));
    });
  }

  /// Subjects that the step brings into sight can be in any mode that is possible at all: one visit for each choice.
  template <class Visit>
  void for_each_arrival(const CoinState& state, Origin& origin, Visit visit) {
    const auto before = tracked_subjects(arena_, state.coins);
    std::vector<ModeSubject> fresh;
    for (const ModeSubject& subject : tracked_subjects(arena_, origin.raw))
      if (std::find(before.begin(), before.end(), subject) == before.end()) fresh.push_back(subject);
    choose_modes(fresh, 0, origin, visit);
  }

  template <class Visit>
  void choose_modes(const std::vector<ModeSubject>& fresh, std::size_t next, Origin& origin, Visit& visit) {
    if (next == fresh.size()) {
      visit(origin);
      return;
    }
    for (std::uint8_t mode = 0; mode < kModesMax; ++mode) {
      if (!(possible_[fresh[next].machine] >> mode & 1)) continue;
      origin.arriving.emplace_back(fresh[next], mode);
      choose_modes(fresh, next + 1, origin, visit);
      origin.arriving.pop_back();
    }
  }

  void change_modes(Index now, const CoinState& state) {
    const auto tracked = tracked_subjects(arena_, state.coins);
    for (std::size_t i = 0; i < tracked.size(); ++i)
      for (const Index index : arena_.transitions_of[tracked[i].machine]) {
        const Transition& transition = arena_.moves.transitions[index];
        if (stopped()) return;
        if (!(transition.from_modes >> state.modes[i] & 1) || transition.to_mode == state.modes[i]) continue;
        Origin origin{now, kNone, index, kNone, 0, {}, {}, state.coins, {}};
        origin.from.ids = tracked[i].ids;
        const int possible = feasible_.transition(index, knowledge(arena_, transition.slots, state, {}, origin.from, origin.from));
        if (possible < 0) reach_.stopped = "the solver did not say in time whether a change of mode is possible";
        if (possible != 1) continue;
        CoinState after = state;
        after.modes[i] = static_cast<std::uint8_t>(transition.to_mode);
        std::string key = state_key(after);
        add(std::move(after), std::move(key), std::move(origin));
      }
  }

  /// The state after a transfer: renumbered, with each tracked subject's mode carried over or as it arrived.
  CoinState state_after(const CoinState& state, const Origin& origin) const {
    const auto before = tracked_subjects(arena_, state.coins);
    CoinState after{canonical(arena_, origin.raw), {}};
    // canonical() keeps the order of places, so the tracked subjects of both numberings correspond one to one.
    for (const ModeSubject& subject : tracked_subjects(arena_, origin.raw)) {
      const auto found = std::find(before.begin(), before.end(), subject);
      if (found != before.end()) {
        after.modes.push_back(state.modes[static_cast<std::size_t>(found - before.begin())]);
      } else {
        const auto arrived = std::find_if(origin.arriving.begin(), origin.arriving.end(), [&](const auto& each) { return each.first == subject; });
        after.modes.push_back(arrived->second);
      }
    }
    return after;
  }

  bool is_pair_no_longer(const CoinState& state) const { return coin_count_ == 2 && (gone(state.coins[0]) || gone(state.coins[1])); }

  void add(CoinState state, std::string key, Origin origin) {
    const auto [known, is_new] = seen_.try_emplace(std::move(key), static_cast<Index>(reach_.states.size()));
    if (options_.keeps_edges && origin.before != kNone) reach_.edges.push_back({origin, known->second});
    if (!is_new) return;
    if (reach_.states.size() >= options_.states_max) {
      reach_.stopped = fmt::format("more than {} abstract states", options_.states_max);
      return;
    }
    reach_.states.push_back(std::move(state));
    reach_.origins.push_back(std::move(origin));
  }

  void note_guards_that_matter() {
    reach_.guard_matters.assign(arena_.moves.moves.size(), false);
    for (const auto& [key, move] : kept_out_)
      if (!seen_.count(key)) reach_.guard_matters[move] = true;
  }

  const Arena& arena_;
  Feasibility& feasible_;
  const std::vector<Mask>& possible_;
  const unsigned coin_count_;
  const ExploreOptions& options_;
  Reach reach_;
  std::unordered_map<std::string, Index> seen_;
  std::set<std::pair<std::string, Index>> kept_out_;   ///< states, by key, that only the guards of a move keep it from leading to
};

}  // namespace

Reach explore(const Arena& arena, Feasibility& feasible, const std::vector<Mask>& possible, unsigned coin_count, const ExploreOptions& options) {
  return Search(arena, feasible, possible, coin_count, options).run();
}

std::string in_words(const Moves& moves, const Origin& origin) {
  const Vocabulary& vocabulary = moves.vocabulary;
  if (origin.move == kNone) {
    const Transition& transition = moves.transitions[origin.transition];
    const ModeMachine& machine = vocabulary.machines[transition.machine];
    return fmt::format("{} {} to {} (line {})", transition.deadline ? "by the clock," : "change", subject_name(vocabulary, machine.subject), machine.modes[transition.to_mode],
                       moves.statements[transition.guard.statement].words.line);
  }
  const Move& move = moves.moves[origin.move];
  const Guarded& allow = move.allows[origin.allow];
  return fmt::format("{} {} -> {}{} (line {})", vocabulary.purposes[move.purpose].name, vocabulary.buckets[move.from].name, vocabulary.buckets[move.to].name,
                     allow.passing_title ? " passing title" : "", moves.statements[allow.statement].words.line);
}

}  // namespace ringfence
