// SPDX-License-Identifier: Apache-2.0
// See verb_options.h.
#include "command/verb_options.h"

#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

namespace ringfence {
namespace {

void add_option(CLI::App& verb, const char* names, const char* type, auto& value, const char* description, const OptionRules& rules) {
  CLI::Option* option = verb.add_option(names, value, description)->type_name(type)->required(rules.required);
  if (rules.needs != nullptr) option->needs(verb.get_option(rules.needs));
  for (const char* other : rules.excludes) option->excludes(verb.get_option(other));
}

void add_choice(CLI::App& verb, const char* names, const std::vector<std::string>& words, auto& value, const char* description) {
  CLI::Option* option = verb.add_option(names, value, description)->type_name(fmt::format("{}", fmt::join(words, "|")))->check(CLI::IsMember(words));
  if (!value.empty()) option->capture_default_str();
}

}  // namespace

VerbOptions::VerbOptions(CLI::App& program, const char* verb, const char* description) : verb_(*program.add_subcommand(verb, description)) {}

void VerbOptions::argument(const char* name, std::string& value, const char* description) { verb_.add_option(name, value, description)->required(); }

void VerbOptions::arguments(const char* name, std::vector<std::string>& values, const char* description) { verb_.add_option(name, values, description); }

void VerbOptions::flag(const char* name, bool& value, const char* description) { verb_.add_flag(name, value, description); }

void VerbOptions::option(const char* names, const char* type, std::string& value, const char* description, const OptionRules& rules) { add_option(verb_, names, type, value, description, rules); }

void VerbOptions::option(const char* names, const char* type, std::vector<std::string>& values, const char* description, const OptionRules& rules) {
  add_option(verb_, names, type, values, description, rules);
}

void VerbOptions::choice(const char* names, const std::vector<std::string>& words, std::string& value, const char* description) { add_choice(verb_, names, words, value, description); }

void VerbOptions::choice(const char* names, const std::vector<std::string>& words, std::vector<std::string>& values, const char* description) {
  add_choice(verb_, names, words, values, description);
}

void VerbOptions::seconds(const char* names, std::uint32_t& value, std::uint32_t min, std::uint32_t max, const char* description) {
  verb_.add_option(names, value, description)->type_name("SECONDS")->check(CLI::Range(min, max))->capture_default_str();
}

void VerbOptions::runs(Run& chosen, Run run) {
  verb_.callback([&chosen, run = std::move(run)] { chosen = run; });
}

}  // namespace ringfence
