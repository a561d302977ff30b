// SPDX-License-Identifier: Apache-2.0
// `ringfence key FILE`: prints the public key of the key in FILE, and makes the key when there is no such file. Exit code: 0; 3 when it can't be read or
// written, or is no key.
#include <memory>
#include <ostream>

#include "command/describe.h"
#include "command/signing_key.h"
#include "command/verb_options.h"

namespace ringfence {
namespace {

ExitCode run_key(const std::string& path, Console& console) {
  const auto key = own_key(path);
  if (const auto* error = std::get_if<FileError>(&key)) {
    console.err << "ringfence: " << printable(error->message) << '\n';
    return kUnusable;
  }
  console.out << print_hex(std::get<SigningKey>(key).public_key()) << '\n';
  return kSuccess;
}

}  // namespace

void add_key(CLI::App& app, Run& chosen) {
  const auto path = std::make_shared<std::string>();
  VerbOptions verb(app, "key", "Make a key to approve or sign with, unless it is there, and print its public key");
  verb.argument("FILE", *path, "The key: readable by its owner only");
  verb.runs(chosen, [path](Console& console) { return run_key(*path, console); });
}

}  // namespace ringfence
