// SPDX-License-Identifier: Apache-2.0
// Random guards that have a meaning where they stand: every form of section 6 of the language reference.
#include <algorithm>
#include <optional>

#include "tests/generate/world.h"

namespace ringfence::generate {
namespace {

bool all_known(const Site& site, const std::vector<std::size_t>& keys) {
  return std::all_of(keys.begin(), keys.end(), [&](std::size_t key) { return site.known[key] != Known::No; });
}
bool any_differs(const Site& site, const std::vector<std::size_t>& keys) {
  return std::any_of(keys.begin(), keys.end(), [&](std::size_t key) { return site.known[key] == Known::Differs; });
}
/// Is the bucket just one of the two ends?
bool is_one_end(const Site& site, std::size_t bucket) {
  return (site.from == static_cast<int>(bucket)) != (site.to == static_cast<int>(bucket));
}

// 6.4: may a bucket be named without a side?
bool nameable(const World& world, const Site& site, std::size_t bucket) {
  const std::vector<std::size_t>& keys = world.places[bucket].keys;
  return !world.places[bucket].external && (is_one_end(site, bucket) || (all_known(site, keys) && !any_differs(site, keys)));
}

// "f1", "f1(from)" or nothing, when its subject is not known here.
std::string fact_words(Random& random, const Site& site, const GenFact& fact) {
  if (!all_known(site, fact.keys)) return "";
  const bool own_end = fact.subject == 'b' && is_one_end(site, fact.index);
  const bool must_say = any_differs(site, fact.keys) && !own_end;
  if (!site.transfer || !site.balances || site.from < 0) return must_say ? "" : fact.name;
  return must_say || random.chance(25) ? fact.name + (random.chance(50) ? "(from)" : "(to)") : fact.name;
}

std::string total_words(Random& random, const World& world, const Site& site, std::size_t bucket, const std::string& after,
                        const std::string& in_asset) {
  const GenPlace& place = world.places[bucket];
  std::vector<Relating> summed(place.keys.size(), Relating::Same);
  for (std::size_t i = 0; i < place.keys.size(); ++i) {
    const Known known = site.known[place.keys[i]];
    if (known == Known::No || known == Known::Differs || random.chance(50)) summed[i] = Relating::Any;
  }
  return "total" + after + "(" + write_place(world, place, summed, true) + in_asset + ")";
}

// Every quantity of money in the transfer's asset (or in `asset`, named) that has a meaning here.
std::vector<std::string> money_words(Random& random, const World& world, const Site& site, std::optional<std::size_t> named) {
  std::vector<std::string> words;
  const std::string in_asset = named ? " in " + world.assets[*named].name : "";
  const std::string after = site.transfer && !named && random.chance(40) ? " after" : "";
  if (site.transfer && !named) words.push_back("amount");
  if (!world.knobs.balances) return words;
  const auto ends = {std::pair<int, const char*>{site.from, "from"}, {site.to, "to"}};
  for (const auto& [bucket, word] : ends)
    if (site.transfer && bucket >= 0 && !world.places[static_cast<std::size_t>(bucket)].external)
      words.push_back("balance" + after + "(" + word + in_asset + ")");
  for (std::size_t i = 0; i < world.places.size(); ++i) {
    if (nameable(world, site, i)) words.push_back("balance" + after + "(" + world.places[i].name + in_asset + ")");
    if (world.knobs.totals && !world.places[i].external && !world.places[i].keys.empty())
      words.push_back(total_words(random, world, site, i, after, in_asset));
  }
  for (const GenPlace& account : world.accounts)
    if (world.knobs.totals && all_known(site, account.keys) && !any_differs(site, account.keys))
      words.push_back("total" + after + "(" + account.name + in_asset + ")");
  return words;
}

std::string scaled(Random& random, const std::string& word) {
  switch (random.below(12)) {
    case 0: return "2 * " + word;
    case 1: return word + " * 3";
    case 2: return "25% of " + word;
    case 3: return "150% * " + word;
    case 4: return "0.5 * " + word;
    case 5: return "(" + word + " + 0)";
    default: return word;
  }
}

std::string sum_of(Random& random, const std::vector<std::string>& words, std::size_t most) {
  std::string text;
  std::vector<std::string> left = words;
  for (std::size_t i = 0, count = 1 + random.below(most); i < count && !left.empty(); ++i) {
    const std::size_t chosen = random.below(left.size());
    if (!text.empty()) text += random.chance(60) ? " + " : " - ";
    else if (random.chance(5)) text += "- ";
    text += scaled(random, left[chosen]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return text;
}

std::string comparator(Random& random) {
  static const std::vector<std::string> all{" <= ", " >= ", " <= ", " >= ", " < ", " > ", " = ", " != "};
  return random.pick(all);
}

std::string money_comparison(Random& random, const World& world, const Site& site) {
  std::optional<std::size_t> named;
  if (!site.transfer || (site.asset < 0 && random.chance(40))) named = random.below(world.assets.size());
  std::vector<std::string> words = money_words(random, world, site, named);
  if (words.empty()) return "";
  const std::string left = sum_of(random, words, world.knobs.money_words);
  const std::optional<std::size_t> unit = named ? named : site.asset >= 0 ? std::optional<std::size_t>(site.asset) : std::nullopt;
  std::vector<std::string> right;
  for (const std::string& word : words)
    if (left.find(word) == std::string::npos) right.push_back(word);
  if (unit)
    for (const GenFact& fact : world.facts)
      if (fact.type == 'a' && fact.asset == *unit)
        if (const std::string name = fact_words(random, site, fact); !name.empty()) right.insert(right.end(), 3, name);
  if (unit && (right.empty() || random.chance(50)))
    return left + comparator(random) + write_money(world, *unit, random.below(world.knobs.amount_max + 1));
  if (right.empty() || random.chance(15)) return left + comparator(random) + "0";
  return left + comparator(random) + sum_of(random, right, 1);
}

// `balance(to) = 0` and the like: what the verifier has to bring into its state.
std::string emptiness(Random& random, const World& world, const Site& site) {
  std::vector<std::string> words;
  for (const std::string& word : money_words(random, world, site, site.transfer ? std::nullopt : std::optional<std::size_t>(0)))
    if (word != "amount" && word.find("after") == std::string::npos) words.push_back(word);
  if (words.empty()) return "";
  return random.pick(words) + (random.chance(60) ? " = 0" : " > 0");
}

std::string fact_condition(Random& random, const World& world, const Site& site) {
  std::vector<std::pair<std::string, char>> words;
  for (const GenFact& fact : world.facts)
    if (fact.type == 'f' || fact.type == 'n' || fact.type == 'r')
      if (const std::string name = fact_words(random, site, fact); !name.empty()) words.push_back({name, fact.type});
  if (words.empty()) return "";
  const auto& [name, type] = random.pick(words);
  if (type == 'f') return random.chance(70) ? name : "not " + name;
  if (type == 'n') return scaled(random, name) + comparator(random) + std::to_string(random.below(world.knobs.amount_max + 1));
  return name + comparator(random) + std::to_string(random.below(8) * 10) + "%";
}

std::string mode_condition(Random& random, const World& world, const Site& site) {
  std::vector<std::string> texts;
  for (const GenMachine& machine : world.machines) {
    const bool own_end = machine.subject == 'b' && is_one_end(site, machine.index);
    if (!all_known(site, machine.keys) || (any_differs(site, machine.keys) && !own_end)) continue;
    const std::string subject = machine.subject == 's'   ? "system"
                                : machine.subject == 'e' ? world.entities[machine.index].name
                                                         : world.places[machine.index].name;
    texts.push_back(std::string("mode ") + (random.chance(50) ? "" : "of " + subject + " ") + "is " + (random.chance(20) ? "not " : "") +
                    join(pick_some(random, machine.modes, machine.modes.size() - 1)));
  }
  return texts.empty() ? "" : random.pick(texts);
}

std::string time_condition(Random& random) {
  static const std::vector<std::string> hours{"00:00", "06:30", "08:00", "12:00", "18:00", "23:59"};
  const std::string start = random.pick(hours);
  std::string end = random.pick(hours);
  while (end == start) end = random.pick(hours);
  return "time between " + start + " and " + end;
}

/// 6.10, around the time at which traffic starts: a few milliseconds where ranges are small, else up to a day.
std::string instant_condition(Random& random, const World& world, const Site& site) {
  static const std::vector<std::int64_t> far{0, 10'000, 3'600'000, 86'400'000, 86'399'999};
  static const std::vector<std::string> lengths{"10 s", "9.999 s", "1 h", "1 d", "0 ms"};
  const bool near = world.knobs.small_ranges;
  std::vector<std::string> instants{write_instant(near ? random.below(3) : random.pick(far)), "now", "now"};
  std::vector<std::string> durations{near ? std::to_string(random.below(3)) + " ms" : random.pick(lengths)};
  for (const GenFact& fact : world.facts)
    if (fact.type == 'i' || fact.type == 'd')
      if (const std::string name = fact_words(random, site, fact); !name.empty()) (fact.type == 'i' ? instants : durations).push_back(name);
  const std::string left = random.pick(instants), duration = random.pick(durations);
  std::string right = random.pick(instants);
  if (left == right) right = left == "now" ? instants.front() : "now";
  switch (random.below(5)) {
    case 0: return left + " - " + right + comparator(random) + (random.chance(20) ? "2 * " : "") + duration;
    case 1: return left + comparator(random) + right + (random.chance(50) ? " + " : " - ") + duration;
    case 2: return duration + " + " + left + comparator(random) + right;
    default: return left + comparator(random) + right;
  }
}

std::string leaf(Random& random, const World& world, const Site& site) {
  const Knobs& knobs = world.knobs;
  switch (random.below(knobs.instants ? 14 : 12)) {
    case 12:
    case 13: return instant_condition(random, world, site);
    case 0:
    case 1:
    case 2: return site.transfer && site.balances && knobs.emptiness_only && knobs.balances && random.chance(60)
                       ? emptiness(random, world, site)
                   : site.balances ? (knobs.emptiness_only ? site.transfer && site.asset >= 0 ? "amount" + comparator(random) +
                                          write_money(world, static_cast<std::size_t>(site.asset), random.below(knobs.amount_max) + 1) : ""
                                                           : money_comparison(random, world, site))
                                   : "";
    case 3:
    case 4: return fact_condition(random, world, site);
    case 5:
    case 6:
    case 7: return mode_condition(random, world, site);
    case 8:
    case 9:
      if (!knobs.approvals) return "";
      return "approved by " + std::string(random.chance(50) ? "2 of " : "") + join(pick_some(random, world.roles, 2));
    case 10: return knobs.evidence ? "evidence " + join(pick_some(random, world.evidence, 2)) : "";
    default: return knobs.time ? time_condition(random) : "";
  }
}

}  // namespace

std::string random_guard(Random& random, const World& world, const Site& site, unsigned depth) {
  std::string text;
  for (unsigned tries = 0; tries < 8 && text.empty(); ++tries) text = leaf(random, world, site);
  if (text.empty() || depth == 0 || random.chance(60)) return text;
  const std::string other = random_guard(random, world, site, depth - 1);
  if (other.empty()) return text;
  switch (random.below(4)) {
    case 0: return "not (" + text + " and " + other + ")";
    case 1: return "(" + text + " or " + other + ")";
    case 2: return "(" + text + " or not (" + other + "))";
    default: return text + " and " + other;
  }
}

std::string random_cap(Random& random, const World& world, const Site& site, std::size_t asset) {
  std::vector<std::string> words{write_money(world, asset, 1 + random.below(world.knobs.amount_max * 2))};
  for (const GenFact& fact : world.facts)
    if (fact.type == 'a' && fact.asset == asset)
      if (const std::string name = fact_words(random, site, fact); !name.empty()) words.push_back(name);
  if (random.chance(50)) return words[0];
  return random.chance(70) ? words.back() : words.back() + " + " + words[0];
}

}  // namespace ringfence::generate
