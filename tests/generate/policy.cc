// SPDX-License-Identifier: Apache-2.0
// Rules, floors, limits, transitions and fences over a random world; and the enumeration of all small policies.
#include "tests/generate/policy.h"

#include <algorithm>

#include "tests/generate/world.h"

namespace ringfence::generate {
namespace {

std::vector<std::size_t> shared(const GenPlace& from, const GenPlace& to) {
  std::vector<std::size_t> keys;
  for (const std::size_t key : from.keys)
    if (std::find(to.keys.begin(), to.keys.end(), key) != to.keys.end()) keys.push_back(key);
  return keys;
}

struct Arrow { std::string text; Site site; };

void note(Site& site, const GenPlace& place, Known known) {
  for (const std::size_t key : place.keys) site.known[key] = known;
}

// One bucket to one bucket. `wide`: a key that is left out reads as `any` (deny rules and limits), not as the same.
Arrow single_arrow(Random& random, const World& world, bool wide) {
  std::size_t from = 0, to = 0;
  do {
    from = random.below(world.places.size());
    to = random.below(world.places.size());
  } while ((from == to && world.places[from].keys.empty()) || (world.places[from].external && world.places[to].external));
  const GenPlace &source = world.places[from], &destination = world.places[to];
  const std::vector<std::size_t> keys = shared(source, destination);
  std::vector<Relating> relating(keys.size(), Relating::Same);
  for (Relating& relation : relating)
    if (world.knobs.crossing && random.chance(world.knobs.dense ? 45 : 30)) relation = random.chance(60) ? Relating::Other : Relating::Any;
  if (from == to && std::all_of(relating.begin(), relating.end(), [](Relating r) { return r == Relating::Same; }))
    relating[random.below(keys.size())] = Relating::Other;

  std::vector<Relating> left(source.keys.size(), Relating::Same), right(destination.keys.size(), Relating::Same);
  Arrow arrow{"", {static_cast<int>(from), static_cast<int>(to), std::vector<Known>(world.entities.size(), Known::No), -1, true, true}};
  note(arrow.site, source, Known::From);
  note(arrow.site, destination, Known::To);
  bool all_same = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool on_left = random.chance(50);
    const std::vector<std::size_t>& side_keys = on_left ? source.keys : destination.keys;
    const auto place = static_cast<std::size_t>(std::find(side_keys.begin(), side_keys.end(), keys[i]) - side_keys.begin());
    (on_left ? left : right)[place] = relating[i];
    arrow.site.known[keys[i]] = relating[i] == Relating::Same ? Known::Both : Known::Differs;
    all_same = all_same && relating[i] == Relating::Same;
  }
  const bool brackets = !all_same || random.chance(60);   // left out, the bracket keys read as same (allow) or any (deny, limit)
  if (!brackets && wide)
    for (const std::size_t key : keys) arrow.site.known[key] = Known::Differs;
  arrow.text = write_place(world, source, left, brackets) + " -> " + write_place(world, destination, right, brackets);
  return arrow;
}

Arrow wildcard_arrow(Random& random, const World& world) {
  const auto side = [&]() -> std::string {
    if (random.chance(30)) return "*";
    return world.entities[world.places[random.below(world.places.size())].owner].name + ".*";
  };
  std::string from = side();
  const std::string to = side();
  if (from == to) from = from == "Client.*" || from == "Position.*" ? "other " + from : "*";
  return {from + " -> " + to, {-1, -1, std::vector<Known>(world.entities.size(), Known::No), -1, true, true}};
}

std::string decoration(Random& random, const World& world) {
  std::string text;
  if (random.chance(15)) text += " cite \"a rule book\"";
  if (random.chance(10)) text += " because \"of that\"";
  if (random.chance(15)) text += " notify " + random.pick(world.roles);
  return text;
}

std::string conditions(Random& random, const World& world, const Site& site, bool may_require) {
  std::string text;
  if (may_require && world.knobs.evidence && random.chance(12)) text += " requires evidence " + join(pick_some(random, world.evidence, 2));
  for (unsigned i = 0; i < 2 && random.chance(i == 0 ? world.knobs.guard_percent : 15); ++i)
    if (const std::string guard = random_guard(random, world, site, 2); !guard.empty()) text += " when " + guard;
  return text;
}

std::string subject_words(const World& world, const GenMachine& machine) {
  if (machine.subject == 's') return "system";
  return machine.subject == 'e' ? world.entities[machine.index].name : world.places[machine.index].name;
}

/// `entering` or `then`, of a subject that the move knows.
std::string brought_mode(Random& random, const World& world, const Site& site) {
  std::vector<std::string> texts;
  for (const GenMachine& machine : world.machines) {
    if (machine.brought < 0 || site.from < 0) continue;
    if (!std::all_of(machine.keys.begin(), machine.keys.end(), [&](std::size_t key) { return site.known[key] != Known::No && site.known[key] != Known::Differs; })) continue;
    const std::string& mode = machine.modes[static_cast<std::size_t>(machine.brought)];
    texts.push_back((random.chance(50) ? " entering " : " then ") + mode + (random.chance(50) ? "" : " of " + subject_words(world, machine)));
  }
  return texts.empty() ? "" : random.pick(texts);
}

std::string random_rule(Random& random, const World& world, bool first) {
  const bool deny = !first && world.knobs.denies && random.chance(25);
  Arrow arrow = world.knobs.wildcards && random.chance(12) ? wildcard_arrow(random, world) : single_arrow(random, world, deny);
  std::string text = deny ? "deny " : "allow ";
  text += random.chance(15) ? "any purpose " : join(pick_some(random, world.purposes, 2)) + " ";
  text += arrow.text;
  arrow.site.asset = world.assets.size() == 1 ? 0 : -1;
  if (world.assets.size() > 1 && !first && random.chance(60)) {
    arrow.site.asset = static_cast<int>(random.below(world.assets.size()));
    text += " of " + world.assets[static_cast<std::size_t>(arrow.site.asset)].name;
  }
  if (!deny || random.chance(60)) text += " by " + (random.chance(20) ? "anyone" : join(pick_some(random, world.roles, 2)));
  if (!deny && world.knobs.passing && random.chance(35)) text += " passing title";
  if (!deny && random.chance(30)) text += brought_mode(random, world, arrow.site);
  return text + conditions(random, world, arrow.site, !deny) + decoration(random, world) + "\n";
}

std::string random_floor(Random& random, const World& world) {
  std::size_t bucket = 0;
  do bucket = random.below(world.places.size());
  while (world.places[bucket].external);
  Site site{static_cast<int>(bucket), -1, std::vector<Known>(world.entities.size(), Known::No), -1, true, false};
  note(site, world.places[bucket], Known::From);
  const std::size_t asset = random.below(world.assets.size());
  std::string text = "floor " + world.places[bucket].name + " >= " + random_cap(random, world, site, asset);
  if (random.chance(40))
    if (const std::string guard = random_guard(random, world, site, 1); !guard.empty()) text += " unless " + guard;
  return text + decoration(random, world) + "\n";
}

std::string random_limit(Random& random, const World& world) {
  const std::size_t asset = random.below(world.assets.size());
  Arrow arrow = single_arrow(random, world, true);
  std::string text = "limit ";
  std::vector<std::string> per;
  if (random.chance(75)) {
    text += join(pick_some(random, world.purposes, 2)) + " " + arrow.text + " ";
    for (std::size_t i = 0; i < world.entities.size(); ++i)
      if (arrow.site.known[i] != Known::No && random.chance(60)) per.push_back(world.entities[i].name);
  } else {
    text += "any purpose ";
    arrow.site = {-1, -1, std::vector<Known>(world.entities.size(), Known::No), -1, true, true};
  }
  arrow.site.asset = static_cast<int>(asset);
  Site counted = arrow.site;   // 5.2: a fact keyed by no entity beyond those is that of the counted ids
  for (std::size_t i = 0; i < world.entities.size(); ++i)
    if (std::find(per.begin(), per.end(), world.entities[i].name) != per.end()) counted.known[i] = Known::Both;
  text += (per.empty() ? "in total " : "per " + join(per) + " ") + random_cap(random, world, counted, asset);
  static const std::vector<std::string> windows{" per day", " per day", " in any 24 h", " in any 1 h", " in any 10 s", " in any 7 d"};
  text += random.pick(windows);
  if (random.chance(30))
    if (const std::string guard = random_guard(random, world, arrow.site, 1); !guard.empty()) text += " unless " + guard;
  return text + decoration(random, world) + "\n";
}

/// Deadlines that all lead forward, or all back: none leads round in a circle. Some last as long as traffic waits at times.
std::string random_deadlines(Random& random, const World& world, const GenMachine& machine) {
  if (!world.knobs.deadlines || !random.chance(35)) return "";
  static const std::vector<std::string> kWhen{"within 1 ms", "within 500 ms", "within 10 s", "within 1 h", "within 24 h", "by 09:00 on the same business day of Desk",
                                              "by 17:30 on the next business day of Desk", "by 09:00 on business day 2 of Desk"};
  const bool forward = random.chance(50);
  std::string text;
  for (std::size_t mode = 1; mode < machine.modes.size(); ++mode) {
    const std::size_t later = machine.modes.size() - 1 - mode;
    if ((forward && later == 0) || random.chance(25)) continue;
    const std::string other = machine.modes[forward ? mode + 1 + random.below(later) : random.below(mode)];
    text += "  " + machine.modes[mode] + " must end " + kWhen[random.below(world.knobs.calendars ? kWhen.size() : 5)] + ", else " + other +
            decoration(random, world) + "\n";
  }
  return text;
}

std::string random_machine(Random& random, const World& world, GenMachine& machine) {
  std::string text = "mode of " + subject_words(world, machine) + ": " + join(machine.modes) + "\n";
  Site site{-1, -1, std::vector<Known>(world.entities.size(), Known::No), -1, false, true};
  for (const std::size_t key : machine.keys) site.known[key] = Known::From;
  for (std::size_t i = 0, count = 1 + random.below(4); i < count; ++i) {
    const std::string to = random.pick(machine.modes);
    std::string from = random.chance(25) ? "any" : random.pick(machine.modes);
    while (from == to) from = random.pick(machine.modes);
    text += "  " + from + " -> " + to + " by " + join(pick_some(random, world.roles, 2)) + conditions(random, world, site, true) +
            decoration(random, world) + "\n";
  }
  if (world.knobs.brought_modes && random.chance(40)) {
    machine.brought = static_cast<int>(random.below(machine.modes.size()));
    text += "  any -> " + machine.modes[static_cast<std::size_t>(machine.brought)] + " by " + join(world.roles) + conditions(random, world, site, true) + "\n";
  }
  return text + random_deadlines(random, world, machine);
}

std::string random_fence(Random& random, const World& world) {
  std::string text = "segregate ";
  const auto keyed_by = [&](std::size_t entity) {
    return std::any_of(world.places.begin(), world.places.end(), [&](const GenPlace& place) {
      return !place.external && std::find(place.keys.begin(), place.keys.end(), entity) != place.keys.end();
    });
  };
  const std::size_t entity = world.entities.size() > 2 && (random.chance(40) || !keyed_by(0)) && keyed_by(2) ? 2 : 0;
  if (keyed_by(entity) && random.chance(60)) {
    text += "each " + world.entities[entity].name;
    if (random.chance(30)) {
      std::vector<std::string> keyed;
      for (const GenPlace& place : world.places)
        if (std::find(place.keys.begin(), place.keys.end(), entity) != place.keys.end()) keyed.push_back(place.name);
      if (!keyed.empty()) text += " in " + join(pick_some(random, keyed, 2));
    }
  } else {
    std::vector<std::string> names;
    for (const GenPlace& place : world.places) names.push_back(place.name);
    const std::size_t left = random.below(names.size());
    std::size_t right = random.below(names.size());
    while (right == left) right = random.below(names.size());
    const std::string left_owner = world.entities[world.places[left].owner].name, right_owner = world.entities[world.places[right].owner].name;
    const bool by_owner = left_owner != right_owner && random.chance(60);
    text += by_owner ? left_owner + (random.chance(30) ? ".*" : "") + " from " + right_owner : names[left] + " from " + names[right];
  }
  if (world.knobs.custody && random.chance(35)) text += " in custody";
  return text + "\n";
}

}  // namespace

std::string random_policy(std::uint64_t seed, const Knobs& knobs) {
  Random random(seed);
  std::string text = "policy \"random " + std::to_string(seed) + "\" version \"1\"\n";
  World world = random_world(random, knobs, text);
  for (GenMachine& machine : world.machines) text += random_machine(random, world, machine);
  if (text.find(" of Desk") != std::string::npos)
    text += "calendar Desk in \"Europe/London\" closed saturday, sunday from " + std::string(random.chance(80) ? "2025" : "2026") + " to 2026\n";
  if (knobs.fences)
    for (std::size_t i = 0, count = 1 + random.below(2); i < count; ++i) text += random_fence(random, world);
  for (std::size_t i = 0, count = 1 + random.below(knobs.rules_max); i < count; ++i) text += random_rule(random, world, i == 0);
  if (knobs.floors)
    while (random.chance(35)) text += random_floor(random, world);
  if (knobs.limits)
    while (random.chance(35)) text += random_limit(random, world);
  return text;
}

// ---- all small policies

const std::vector<std::string>& small_rules() {
  static const std::vector<std::string> rules = [] {
    std::vector<std::string> made;
    const std::vector<std::string> places{"Client.a", "House.h[Client]", "Client.x"};
    const auto worded = [](const std::string& place, const std::string& word) {
      const std::size_t bracket = place.find('[');
      if (word.empty()) return place;
      return bracket == std::string::npos ? word + " " + place : place.substr(0, bracket + 1) + word + " " + place.substr(bracket + 1);
    };
    for (const char* effect : {"allow", "deny"})
      for (std::size_t from = 0; from < places.size(); ++from)
        for (std::size_t to = 0; to < places.size(); ++to)
          for (const char* word : {"", "other", "any"})
            for (const char* guard : {"", " when amount <= 1 USD", " when balance(from) > 1 USD"}) {
              const bool from_external = from == 2;
              if ((from == to && (*word == 0 || from_external)) || (from_external && *guard != 0 && guard[6] == 'b')) continue;
              made.push_back(std::string(effect) + " pay " + worded(places[from], word) + " -> " + places[to] + " by ops" + guard + "\n");
            }
    return made;
  }();
  return rules;
}

std::size_t small_policy_count() { return small_rules().size() * (1 + small_rules().size()); }

std::string small_policy(std::size_t index) {
  const std::vector<std::string>& rules = small_rules();
  std::string text =
      "policy \"small\" version \"1\"\nasset USD decimals 0\nrole ops\npurpose pay\nentity Client many\nentity House\n"
      "bucket Client.a\nbucket House.h[Client]\nexternal Client.x\n";
  if (index < rules.size()) return text + rules[index];
  index -= rules.size();
  return text + rules[index / rules.size()] + rules[index % rules.size()];
}

}  // namespace ringfence::generate
