// SPDX-License-Identifier: Apache-2.0
// The program `ringfence`: reads the arguments, runs the verb asked for, and ends with its exit code. Nothing that goes wrong ends
// in any other way than one line on standard error and exit code 3.
#include <cerrno>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "command/verb.h"

namespace {

using namespace ringfence;

int refuse(const std::string& message) {
  std::cerr << "ringfence: " << message << '\n';
  return kUnusable;
}

/// The first line of `text`: what CLI11 says of bad usage may have more.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int run(int argument_count, char** arguments) {
  CLI::App app{"Margin segregation as rules: compile a policy, prove its fences, gate transfers."};
  app.name("ringfence");
  app.require_subcommand(1);
  Run chosen;
  add_check(app, chosen);
  add_compile(app, chosen);
  add_verify(app, chosen);
  add_gate(app, chosen);
  add_check_certificate(app, chosen);
  add_test(app, chosen);
  add_mutate(app, chosen);
  add_explain(app, chosen);
  add_diff(app, chosen);
  add_audit(app, chosen);
  add_journal(app, chosen);
  add_status(app, chosen);
  add_reconcile(app, chosen);
  add_blast(app, chosen);
  add_key(app, chosen);
  add_approve(app, chosen);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr);
    return refuse(first_line(error.what()) + " (see ringfence --help)");
  }
  Console console{std::cout, std::cerr};
  const int code = chosen(console);
  errno = 0;
  if (!std::cout.flush()) return refuse(std::string("can't write to standard output") + (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
  return code;
}

}  // namespace

int main(int argument_count, char** arguments) {
  std::ios::sync_with_stdio(false);
  try {
    return run(argument_count, arguments);
  } catch (const std::bad_alloc&) {
    return refuse("out of memory");
  } catch (const std::exception& error) {
    return refuse(first_line(error.what()));
  }
}
