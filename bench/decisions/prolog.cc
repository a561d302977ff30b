// SPDX-License-Identifier: Apache-2.0
// SWI-Prolog: a fact for each rule and role, found by its own indexing of arguments, and a predicate of three lines that C calls.
#include <SWI-Prolog.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

/// One module for each engine: `most` is compared first, then approvals.
const char* const kProgram = R"(
allowed(Key, Amount, Approvals) :- holds(allow, Key, Amount, Approvals), !, \+ holds(deny, Key, Amount, Approvals).
holds(Effect, Key, Amount, Approvals) :- rule(Key, Effect, Least, Most, Needed), Amount >= Least, ( Amount =< Most -> true ; Approvals >= Needed ).
)";

std::int64_t key_of(Index from, Index to, Index purpose, Index role, Index asset, Relation relation) {
  return ((((std::int64_t{from} << 14 | to) << 8 | purpose) << 6 | role) << 8 | asset) << 1 | static_cast<std::int64_t>(relation);
}

class Prolog final : public Engine {
 public:
  explicit Prolog(const RuleSet& set) : money_(set) {
    static int made = 0;
    const std::string name = fmt::format("rules{}", made++);
    start();
    const std::string path = (std::filesystem::temp_directory_path() / fmt::format("ringfence-{}-{}.pl", ::getpid(), name)).string();
    {
      std::ofstream file(path);
      file << ":- module(" << name << ", []).\n:- discontiguous rule/5.\n" << kProgram << "rule(-1, allow, 0, 0, 0).\n";
      for (const Rule& rule : set.rules) {
        for (Index role = 0; role < kRoles; ++role) {
          if ((rule.roles >> role & 1) != 0)
            file << fmt::format("rule({}, {}, {}, {}, {}).\n", key_of(rule.from, rule.to, rule.purpose, role, rule.asset, rule.relation), rule.allows ? "allow" : "deny",
                                static_cast<std::int64_t>(rule.least), static_cast<std::int64_t>(rule.most), rule.approvals == 0 ? 99 : rule.approvals);
        }
      }
    }
    const term_t file = PL_new_term_ref();
    demand(PL_put_atom_chars(file, path.c_str()) && PL_call_predicate(nullptr, PL_Q_NORMAL, PL_predicate("consult", 1, "user"), file), "Prolog does not take the rules");
    ::unlink(path.c_str());
    allowed_ = PL_predicate("allowed", 3, name.c_str());
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    const fid_t frame = PL_open_foreign_frame();
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      const Asked& asked = transfers[i];
      const term_t arguments = PL_new_term_refs(3);
      const bool put = PL_put_int64(arguments, key_of(asked.from, asked.to, asked.purpose, asked.role, asked.asset, relation_of(asked))) &&
                       PL_put_int64(arguments + 1, static_cast<std::int64_t>(asked.amount)) && PL_put_int64(arguments + 2, count_approvals(asked));
      allowed[i] = put && PL_call_predicate(nullptr, PL_Q_NORMAL, allowed_, arguments) != 0 && money_.can_move(asked);
      PL_rewind_foreign_frame(frame);
    }
    PL_close_foreign_frame(frame);
  }

 private:
  static void start() {
    static const bool is_started = [] {
      static char name[] = "decision_bench", quiet[] = "-q", no_signals[] = "--no-signals";
      static char* arguments[] = {name, quiet, no_signals, nullptr};
      return PL_initialise(3, arguments) != 0;
    }();
    demand(is_started, "SWI-Prolog does not start");
  }

  Money money_;
  predicate_t allowed_ = nullptr;
};

}  // namespace

std::unique_ptr<Engine> make_prolog(const RuleSet& set) { return std::make_unique<Prolog>(set); }

}  // namespace ringfence::bench
