// SPDX-License-Identifier: Apache-2.0
// Declarations: entities, places, facts, modes; and the words for them.
#include "tests/generate/world.h"

#include <algorithm>
#include <map>

#include "compiler/print_value.h"

namespace ringfence::generate {
namespace {

std::vector<std::size_t> many_entities(const World& world) {
  std::vector<std::size_t> many;
  for (std::size_t i = 0; i < world.entities.size(); ++i)
    if (world.entities[i].many) many.push_back(i);
  return many;
}

GenPlace random_place(Random& random, const World& world, const std::string& name, std::size_t keys_max) {
  GenPlace place;
  place.owner = random.chance(70) ? random.below(std::min<std::size_t>(2, world.entities.size())) : random.below(world.entities.size());
  place.name = world.entities[place.owner].name + "." + name;
  if (world.entities[place.owner].many) place.keys.push_back(place.owner);
  for (const std::size_t entity : many_entities(world))
    if (entity != place.owner && place.keys.size() < keys_max && random.chance(40)) place.keys.push_back(entity);
  return place;
}

bool includes(const std::vector<std::size_t>& outer, const std::vector<std::size_t>& inner) {
  return std::all_of(inner.begin(), inner.end(), [&](std::size_t key) { return std::find(outer.begin(), outer.end(), key) != outer.end(); });
}

std::string declare(const World& world, const char* word, const GenPlace& place) {
  return std::string(word) + " " + write_place(world, place, std::vector<Relating>(place.keys.size(), Relating::Same), true);
}

void add_names(Random& random, World& world, std::string& text) {
  world.assets.push_back({"USD", random.below(3)});
  if (world.knobs.two_assets && random.chance(30)) world.assets.push_back({"EUR", random.below(2)});
  for (const GenAsset& asset : world.assets) text += "asset " + asset.name + " decimals " + std::to_string(asset.decimals) + "\n";
  world.roles = {"ops", "risk", "boss"};
  world.purposes = {"pay", "shift"};
  text += "role ops, risk, boss\npurpose pay, shift\n";
  if (world.knobs.evidence) {
    world.evidence = {"ack", "slip"};
    text += "evidence ack, slip\n";
  }
  world.entities = {{"Client", true}, {"House", false}};
  if (!world.knobs.single_many) {
    world.entities.push_back({"Position", true});
    if (random.chance(30)) world.entities.push_back({"Bank", false});
  }
  for (const GenEntity& entity : world.entities) text += "entity " + entity.name + (entity.many ? " many\n" : "\n");
}

void add_places(Random& random, World& world, std::string& text) {
  const Knobs& knobs = world.knobs;
  if (knobs.accounts)
    for (std::size_t i = random.below(3); i > 0; --i) {
      world.accounts.push_back(random_place(random, world, "acct" + std::to_string(i), 1));
      text += declare(world, "account", world.accounts.back()) + "\n";
    }
  const std::size_t buckets = 2 + random.below(knobs.buckets_max - 1), externals = random.below(3);
  for (std::size_t i = 0; i < buckets; ++i) {
    GenPlace place = random_place(random, world, "b" + std::to_string(i), knobs.keys_max);
    std::string line = declare(world, "bucket", place);
    const std::size_t account = world.accounts.empty() ? 0 : random.below(world.accounts.size());
    if (!world.accounts.empty() && random.chance(75) && includes(place.keys, world.accounts[account].keys)) {
      place.account = static_cast<int>(account);
      const GenPlace& in = world.accounts[account];
      line += " in " + write_place(world, in, std::vector<Relating>(in.keys.size(), Relating::Same), true);
      if (knobs.overdraw && random.chance(30)) line += " may overdraw";
    }
    world.places.push_back(place);
    text += line + "\n";
  }
  for (std::size_t i = 0; i < externals; ++i) {
    GenPlace place = random_place(random, world, "x" + std::to_string(i), knobs.keys_max);
    place.external = true;
    world.places.push_back(place);
    text += declare(world, "external", place) + "\n";
  }
}

// 's': the system, 'e': an entity, 'b': a bucket.
void random_subject(Random& random, const World& world, char& kind, std::size_t& index, std::vector<std::size_t>& keys, std::string& words) {
  kind = "seeb"[random.below(4)];
  keys.clear();
  words = "system";
  if (kind == 'e') {
    index = random.below(world.entities.size());
    if (world.entities[index].many) keys = {index};
    words = world.entities[index].name;
  } else if (kind == 'b') {
    do index = random.below(world.places.size());
    while (world.places[index].external);
    keys = world.places[index].keys;
    words = world.places[index].name;
  }
}

std::string random_range(Random& random, const World& world, const GenFact& fact) {
  const unsigned low = random.below(3), high = low + 1 + random.below(world.knobs.amount_max);
  if (fact.type == 'a')
    return " from " + write_money(world, fact.asset, low) + " to " + write_money(world, fact.asset, high);
  if (fact.type == 'n') return " from " + std::string(random.chance(20) ? "-" : "") + std::to_string(low) + " to " + std::to_string(high);
  if (fact.type == 'i') return " from " + write_instant(low) + " to " + write_instant(high);
  if (fact.type == 'd') return " from " + std::string(random.chance(20) ? "-" : "") + std::to_string(low) + " ms to " + std::to_string(high) + " ms";
  return " from " + std::to_string(low * 10) + "% to " + std::to_string(high * 10) + "%";
}

void add_facts(Random& random, World& world, std::string& text) {
  const Knobs& knobs = world.knobs;
  for (std::size_t i = knobs.facts ? random.below(4) : 0; i > 0; --i) {
    GenFact fact;
    fact.name = "f" + std::to_string(i);
    std::string subject;
    random_subject(random, world, fact.subject, fact.index, fact.keys, subject);
    fact.type = knobs.flags_only ? 'f' : "aanrfiid"[random.below(knobs.instants ? 8 : 5)];
    fact.asset = random.below(world.assets.size());
    text += "fact " + fact.name + (fact.subject == 's' ? "" : " of " + subject) + " : ";
    static const std::map<char, std::string> types{{'n', "number"}, {'r', "ratio"}, {'f', "flag"}, {'i', "instant"}, {'d', "duration"}};
    text += fact.type == 'a' ? "amount of " + world.assets[fact.asset].name : types.at(fact.type);
    const unsigned ranged = fact.type == 'i' || fact.type == 'd' ? 30 : 80;
    if (fact.type != 'f' && (knobs.small_ranges || random.chance(ranged))) text += random_range(random, world, fact);
    if (knobs.fresh && random.chance(40)) text += random.chance(50) ? ", fresh within 10 s" : ", fresh within 500 ms";
    text += "\n";
    world.facts.push_back(fact);
  }
}

void add_machines(Random& random, World& world) {
  if (!world.knobs.modes) return;
  for (std::size_t i = random.below(3); i > 0; --i) {
    GenMachine machine;
    std::string subject;
    random_subject(random, world, machine.subject, machine.index, machine.keys, subject);
    const bool taken = std::any_of(world.machines.begin(), world.machines.end(), [&](const GenMachine& other) {
      return other.subject == machine.subject && (machine.subject == 's' || other.index == machine.index);
    });
    if (taken) continue;
    const std::string letter(1, static_cast<char>('k' + static_cast<int>(world.machines.size())));
    for (std::size_t m = 0, count = 2 + random.below(2); m < count; ++m) machine.modes.push_back(letter + std::to_string(m));
    world.machines.push_back(machine);
  }
}

}  // namespace

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> pick_some(Random& random, const std::vector<std::string>& words, std::size_t most) {
  std::vector<std::string> picked;
  const std::size_t count = 1 + random.below(most);
  for (const std::string& word : words)
    if (picked.size() < count && random.chance(60)) picked.push_back(word);
  if (picked.empty()) picked.push_back(random.pick(words));
  return picked;
}

std::string write_place(const World& world, const GenPlace& place, const std::vector<Relating>& relating, bool brackets) {
  const auto word = [&](std::size_t key) {
    return std::string(relating[key] == Relating::Other ? "other " : relating[key] == Relating::Any ? "any " : "");
  };
  const std::size_t owned = !place.keys.empty() && place.keys[0] == place.owner ? 1 : 0;
  std::string text = (owned == 1 ? word(0) : "") + place.name;
  if (!brackets || place.keys.size() == owned) return text;
  std::vector<std::string> keys;
  for (std::size_t i = owned; i < place.keys.size(); ++i) keys.push_back(word(i) + world.entities[place.keys[i]].name);
  return text + "[" + join(keys) + "]";
}

std::string write_money(const World& world, std::size_t asset, unsigned minor_units) {
  const unsigned decimals = world.assets[asset].decimals;
  std::string digits = std::to_string(minor_units);
  if (decimals > 0) {
    while (digits.size() <= decimals) digits.insert(digits.begin(), '0');
    digits.insert(digits.size() - decimals, ".");
  }
  return digits + " " + world.assets[asset].name;
}

std::string write_instant(std::int64_t later_ms) { return print_instant(1'767'225'600'000 + later_ms); }

World random_world(Random& random, const Knobs& knobs, std::string& text) {
  World world;
  world.knobs = knobs;
  add_names(random, world, text);
  add_places(random, world, text);
  add_facts(random, world, text);
  add_machines(random, world);
  return world;
}

}  // namespace ringfence::generate
