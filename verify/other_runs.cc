// SPDX-License-Identifier: Apache-2.0
#include "verify/other_runs.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

namespace ringfence {
namespace {

/// With the same moves taking the same units, so many choices of ids and modes.
constexpr unsigned kAlikeMax = 3;
/// Steps tried in all.
constexpr std::size_t kTriedMax = 500'000;

class Walks {
 public:
  Walks(const Reach& reach, const std::vector<Index>& ends, std::size_t most)
      : reach_(reach), most_(most), edges_from_(reach.states.size()), steps_left_(reach.states.size(), kFar) {
    std::vector<std::vector<Index>> before(reach.states.size());
    for (Index edge = 0; edge < reach.edges.size(); ++edge) {
      edges_from_[reach.edges[edge].origin.before].push_back(edge);
      before[reach.edges[edge].to].push_back(reach.edges[edge].origin.before);
    }
    std::deque<Index> open(ends.begin(), ends.end());
    for (const Index end : ends) steps_left_[end] = 0;
    for (; !open.empty(); open.pop_front())
      for (const Index state : before[open.front()])
        if (steps_left_[state] == kFar) {
          steps_left_[state] = steps_left_[open.front()] + 1;
          open.push_back(state);
        }
  }

  std::vector<Reach> find(std::size_t longer) {
    std::size_t shortest = kFar;
    for (Index state = 0; state < reach_.states.size(); ++state)
      if (is_start(state)) shortest = std::min(shortest, steps_left_[state]);
    if (shortest == kFar) return {};
    for (std::size_t steps = shortest; steps <= shortest + longer; ++steps)
      for (Index state = 0; state < reach_.states.size(); ++state)
        if (is_start(state)) walk(state, steps);
    return std::move(found_);
  }

 private:
  static constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();

  bool is_start(Index state) const { return reach_.origins[state].before == kNone; }

  void walk(Index state, std::size_t steps) {
    if (steps_left_[state] > steps || found_.size() >= most_) return;
    if (steps_left_[state] == 0) {   // a way that goes on from here is another's, and broken already
      if (steps == 0) keep(state);
      return;
    }
    for (const Index edge : edges_from_[state]) {
      if (++tried_ > kTriedMax) return;
      way_.push_back(edge);
      walk(reach_.edges[edge].to, steps - 1);
      way_.pop_back();
    }
  }

  void keep(Index end) {
    std::vector<std::array<Index, 3>> moves;
    for (const Index edge : way_) moves.push_back({reach_.edges[edge].origin.move, reach_.edges[edge].origin.transition, reach_.edges[edge].origin.taken});
    if (way_.empty() || ++alike_[moves] > kAlikeMax) return;
    Reach way;
    for (const Index edge : way_) {
      way.states.push_back(reach_.states[reach_.edges[edge].origin.before]);
      way.origins.push_back(way.origins.empty() ? Origin{} : reach_.edges[way_[way.origins.size() - 1]].origin);
    }
    way.states.push_back(reach_.states[end]);
    way.origins.push_back(reach_.edges[way_.back()].origin);
    for (Index i = 1; i < way.origins.size(); ++i) way.origins[i].before = i - 1;
    found_.push_back(std::move(way));
  }

  const Reach& reach_;
  const std::size_t most_;
  std::vector<std::vector<Index>> edges_from_;
  std::vector<std::size_t> steps_left_;        ///< by state: to the nearest end
  std::vector<Index> way_;
  std::map<std::vector<std::array<Index, 3>>, unsigned> alike_;
  std::vector<Reach> found_;
  std::size_t tried_ = 0;
};

}  // namespace

std::vector<Reach> other_runs(const Reach& with_edges, const std::vector<Index>& ends, std::size_t longer, std::size_t most) {
  return Walks(with_edges, ends, most).find(longer);
}

}  // namespace ringfence
