// SPDX-License-Identifier: Apache-2.0
// See load.h.
#include "command/load.h"

#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "command/file.h"
#include "compiler/files_beside.h"
#include "runtime/rule_table_format.h"
#include "verify/verify.h"

namespace ringfence {
namespace {

ExitCode refuse(std::ostream& err, const std::string& message) {
  err << "ringfence: " << message << '\n';
  return kUnusable;
}

constexpr std::string_view kTableMark(format::kMagic.data(), format::kMagic.size());

std::variant<RuleTable, ExitCode> load_table(const std::string& path, std::string_view text, std::ostream& err) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  auto loaded = RuleTable::load(std::move(bytes));
  if (const auto* error = std::get_if<LoadError>(&loaded))
    return refuse(err, fmt::format("can't use table `{}`: at byte {}: {}", path, error->offset, error->message));
  return std::move(std::get<RuleTable>(loaded));
}

}  // namespace

std::variant<LoadedPolicy, LoadError> load_compiled(Compiled compiled) {
  auto loaded = RuleTable::load(std::move(compiled.table));
  if (auto* error = std::get_if<LoadError>(&loaded)) return std::move(*error);
  return LoadedPolicy{std::move(compiled.policy), std::move(compiled.moves), std::move(std::get<RuleTable>(loaded))};
}

std::variant<LoadedPolicy, ExitCode> load_text(const PolicyText& source, std::ostream& err) {
  Passed<Compiled> passed = compile(source.text(), {}, files_beside(source.path()));
  if (!passed.artefact) {
    err << source.render(passed.diagnostics);
    return kFindings;
  }
  if (const auto why = source.misplaced()) {
    refuse(err, *why);
    return kFindings;
  }
  auto loaded = load_compiled(std::move(*passed.artefact));
  if (const auto* error = std::get_if<LoadError>(&loaded))
    return refuse(err, fmt::format("the table of `{}` does not load: at byte {}: {}", source.path(), error->offset, error->message));
  return std::move(std::get<LoadedPolicy>(loaded));
}

std::variant<std::string, ExitCode> read_policy(const std::string& path, std::ostream& err) {
  auto read = read_file(path, {Limits{}.source_bytes});
  if (const auto* error = std::get_if<FileError>(&read)) return refuse(err, error->message);
  if (std::get<std::string>(read).starts_with(kTableMark)) return refuse(err, fmt::format("`{}` is a rule table: give the text of its policy", path));
  return std::move(std::get<std::string>(read));
}

std::variant<LoadedPolicy, ExitCode> load_policy(const std::string& path, std::ostream& err) {
  auto source = read_policy(path, err);
  if (const auto* code = std::get_if<ExitCode>(&source)) return *code;
  return load_text({path, std::move(std::get<std::string>(source))}, err);
}

std::variant<LoadedPolicy, ExitCode> load_policy_or_table(const std::string& path, std::ostream& err) {
  const Limits limits;
  auto read = read_file(path, {limits.source_bytes, kTableMark, limits.table_bytes});
  if (const auto* error = std::get_if<FileError>(&read)) return refuse(err, error->message);
  const std::string& bytes = std::get<std::string>(read);
  if (!bytes.starts_with(kTableMark)) return load_text({path, bytes}, err);
  auto table = load_table(path, bytes, err);
  if (const auto* code = std::get_if<ExitCode>(&table)) return *code;
  RuleTable& loaded = std::get<RuleTable>(table);
  Moves moves = decode(loaded);
  return LoadedPolicy{std::nullopt, std::move(moves), std::move(loaded)};
}

}  // namespace ringfence
