// SPDX-License-Identifier: Apache-2.0
// What one verb takes, declared argument by argument. The library that reads them (CLI11) is known to verb_options.cc and main.cc only: whoever sees it compiles
// all of it, which takes longer than a verb does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command/verb.h"

namespace ringfence {

struct OptionRules {
  bool required = false;
  const char* needs = nullptr;                 ///< another option, declared before
  std::vector<const char*> excludes = {};      ///< likewise
};

class VerbOptions {
 public:
  VerbOptions(CLI::App& program, const char* verb, const char* description);

  // Each is read into its variable, which lives as long as what runs the verb.

  /// By its place; must be given.
  void argument(const char* name, std::string& value, const char* description);
  /// By their place, after all others: as many as are given.
  void arguments(const char* name, std::vector<std::string>& values, const char* description);
  void flag(const char* name, bool& value, const char* description);
  /// `names`: "--key" or "-o,--output". `type` stands for the value in the help.
  void option(const char* names, const char* type, std::string& value, const char* description, const OptionRules& = {});
  /// One that may be given several times.
  void option(const char* names, const char* type, std::vector<std::string>& values, const char* description, const OptionRules& = {});
  /// One of a few words. What `value` has already is the default.
  void choice(const char* names, const std::vector<std::string>& words, std::string& value, const char* description);
  void choice(const char* names, const std::vector<std::string>& words, std::vector<std::string>& values, const char* description);   ///< several
  void seconds(const char* names, std::uint32_t& value, std::uint32_t min, std::uint32_t max, const char* description);

  /// What runs the verb: `chosen`, once it is the one asked for.
  void runs(Run& chosen, Run run);

 private:
  CLI::App& verb_;
};

}  // namespace ringfence
