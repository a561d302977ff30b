// SPDX-License-Identifier: Apache-2.0
// See state.h.
#include "state.h"

#include <algorithm>
#include <utility>

namespace checker {

int id_at(const Frame& frame, const Place& place, Index entity) {
  const Index key = position(frame.bucket(place).keys, entity);
  return key == kNone ? -1 : place.ids[key];
}

bool subject_at(const Frame& frame, const State& state, const View& view, Subject& subject) {
  const std::vector<Index>& keys = frame.table.machines[view.machine].keys;
  subject = {view.machine, {}};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const int id = id_at(frame, state.spots[view.spot], keys[i]);
    if (id < 0) return false;
    subject.ids[i] = static_cast<std::uint8_t>(id);
  }
  return true;
}

std::uint8_t ids_mentioned(const Frame& frame, const State& state, Index entity) {
  int count = 0;
  for (unsigned spot = 0; spot < frame.spots(); ++spot) count = std::max(count, id_at(frame, state.spots[spot], entity) + 1);
  return static_cast<std::uint8_t>(count);
}

bool is_gone(const Frame& frame, const State& state, unsigned unit) {
  const Place& at = state.spots[2 * unit + 1];
  return frame.bucket(at).external && !(at == state.spots[2 * unit]);
}

State canonical(const Frame& frame, State state) {
  std::vector<std::pair<Index, std::uint8_t>> met;   // entity and id, in order of first mention
  for (unsigned spot = 0; spot < frame.spots(); ++spot) {
    const std::vector<Index>& keys = frame.bucket(state.spots[spot]).keys;
    for (std::size_t i = 0; i < 4; ++i) {
      std::uint8_t& id = state.spots[spot].ids[i];
      if (i >= keys.size()) {
        id = 0;
        continue;
      }
      std::uint8_t number = 0;
      auto each = met.begin();
      for (; each != met.end() && *each != std::pair(keys[i], id); ++each) number = static_cast<std::uint8_t>(number + (each->first == keys[i]));
      if (each == met.end()) met.emplace_back(keys[i], id);
      id = number;
    }
  }
  return state;
}

std::string key_of(const Frame& frame, const State& state) {
  std::string key;
  for (unsigned unit = 0; unit < frame.units; ++unit) key += static_cast<char>(state.assets[unit]);
  for (unsigned spot = 0; spot < frame.spots(); ++spot) {
    key += static_cast<char>(state.spots[spot].bucket & 0xFF);
    key += static_cast<char>(state.spots[spot].bucket >> 8);
    for (std::size_t i = 0; i < frame.bucket(state.spots[spot]).keys.size(); ++i) key += static_cast<char>(state.spots[spot].ids[i]);
  }
  return key + state.modes;
}

// ---- for people

namespace {

std::string words_of_ids(const Table& table, const std::vector<Index>& keys, const std::array<std::uint8_t, 4>& ids) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::string name = table.entities[keys[i]];
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    text += i == 0 ? " of " : ", ";
    text += name;
    text += std::to_string(ids[i] + 1);
  }
  return text;
}

}  // namespace

std::string words(const Frame& frame, const Place& place) {
  return frame.bucket(place).name + words_of_ids(frame.table, frame.bucket(place).keys, place.ids);
}

std::string words(const Frame& frame, const State& state) {
  std::string text;
  for (unsigned unit = 0; unit < frame.units; ++unit) {
    if (unit == 1) text += " and ";
    text += frame.table.assets[state.assets[unit]];
    text += " held for ";
    text += words(frame, state.spots[2 * unit]);
    text += " in ";
    text += words(frame, state.spots[2 * unit + 1]);
  }
  std::vector<Subject> told;
  for (std::size_t v = 0; v < frame.views.size(); ++v) {
    Subject subject;
    if (!subject_at(frame, state, frame.views[v], subject) || std::find(told.begin(), told.end(), subject) != told.end()) continue;
    const Machine& machine = frame.table.machines[subject.machine];
    text += told.empty() ? ", with " : " and ";
    text += machine.name;
    text += words_of_ids(frame.table, machine.keys, subject.ids);
    text += ' ';
    text += machine.modes[static_cast<std::size_t>(state.modes[v])];
    told.push_back(subject);
  }
  return text;
}

}  // namespace checker
