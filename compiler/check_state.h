// SPDX-License-Identifier: Apache-2.0
// What the parts of the check pass share while one policy is checked: the text, the typed policy as far as it is made, what has been
// declared, and the diagnostics so far. Internal to `check`: no other pass includes it.
//
// Every name that a declaration tried to introduce is known, also when the declaration was wrong ("bad"): its uses are then left
// alone instead of being reported again. A lookup that gives nothing has always been reported, here or at the declaration.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "compiler/ast.h"
#include "compiler/expand_calendar.h"
#include "compiler/passes.h"

namespace ringfence::checking {

enum class Kind : std::uint8_t { Asset, Role, Purpose, Evidence, Entity, Place, Account, Fact, Calendar };
inline constexpr std::size_t kKindCount = 9;
/// "role", "bucket"; and with its article: "a role", "an entity".
const char* noun(Kind) noexcept;
std::string with_article(Kind);

struct Symbol { Index index = kNone; SourceRange range; bool bad = false; bool used = false; };

class State {
 public:
  State(const PolicyAst&, std::string_view source, const Limits&, const FileReader&);

  const PolicyAst& ast;
  const std::string_view source;
  const Limits& limits;
  const FileReader& read_file;
  TypedPolicy policy;

  // ---- diagnostics
  void error(const char* code, SourceRange, std::string message, std::string help = {});
  void warn(const char* code, SourceRange, std::string message, std::string help = {});
  /// Every error so far, also those beyond the limit.
  std::size_t error_count() const noexcept { return error_count_; }
  /// The diagnostics, with a last one that counts what was left out.
  Diagnostics take_diagnostics();

  // ---- names
  /// Makes `name` known. False, with a diagnostic, when the kind already has it.
  bool declare(Kind, const std::string& name, SourceRange, Index);
  /// Its declaration was wrong: uses are not reported.
  void spoil(Kind, const std::string& name);
  const Symbol* lookup(Kind, const std::string& name) const;
  /// The index of a declared name, marked as used; otherwise a diagnostic with a suggestion, unless the declaration was bad.
  std::optional<Index> find(Kind, const NameAst&);
  std::optional<Index> find(Kind, const std::string& name, SourceRange);
  /// All names of a list as a set, or as sorted indices. A name twice is an error; unknown ones are left out. `all`: everything declared.
  Mask find_mask(Kind, const NamesAst&);
  std::vector<Index> find_all(Kind, const NamesAst&);
  std::size_t declared_count(Kind) const;
  /// False when `most` of the kind are declared already; reported once a kind.
  bool has_room(Kind, std::size_t most, SourceRange);

  // ---- what declarations say beyond the vocabulary
  std::vector<std::vector<Index>> owned;                               ///< for each entity, the buckets and externals it owns, ascending
  std::unordered_map<std::string, Index> machine_of;                   ///< by subject_name
  std::unordered_map<std::string, std::vector<Index>> machines_with;   ///< by name of a mode
  std::vector<Index> machine_of_declaration;                           ///< for each mode declaration in text order; kNone for a wrong one
  std::size_t pairs_left;                                              ///< how many more pairs rules may expand to
  std::map<std::pair<Index, Index>, std::vector<std::pair<Index, Index>>> allowed_ends;  ///< by (purpose, asset): where allow rules move it, sorted
  std::vector<ringfence::Calendar> calendars;                          ///< in text order
  std::string files;                                                   ///< what was read of other files, a NUL before each
  std::unordered_set<std::string> spoiled_modes;                       ///< modes of machines whose declaration was wrong

  // ---- text
  std::uint32_t line_of(std::uint32_t offset) const;
  /// The source of a range, comments dropped and white space folded outside of quotes.
  std::string folded(SourceRange) const;
  /// The same, up to the end of the range's first line.
  std::string first_line(SourceRange) const;

 private:
  void add(Severity, const char* code, SourceRange, std::string message, std::string help);
  void report_unknown(Kind, const std::string& name, SourceRange);

  std::unordered_map<std::string, Symbol> symbols_[kKindCount];
  std::vector<std::uint32_t> line_starts_;
  bool full_reported_[kKindCount] = {};
  Diagnostics diagnostics_;
  std::size_t error_count_ = 0, left_out_ = 0;
};

/// The candidate nearest to `name` by edit distance, near enough to be what was meant; empty when none is. Ties: the first by name.
std::string nearest(const std::string& name, const std::vector<std::string>& candidates);
/// "did you mean `trader`?", or "" without a near candidate.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates);

}  // namespace ringfence::checking
