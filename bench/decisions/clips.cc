// SPDX-License-Identifier: Apache-2.0
// CLIPS: a production for each rule, whose tests of slots share their network; a transfer is a fact that is asserted, matched and retracted. Productions that
// deny come first and retract what allowed.
#include <fmt/format.h>

extern "C" {
#include <clips/clips.h>
}

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "bench/decisions/plain_rule.h"

namespace ringfence::bench {
namespace {

class Clips final : public Engine {
 public:
  explicit Clips(const RuleSet& set) : money_(set), environment_(CreateEnvironment()) {
    build("(deftemplate transfer (slot key) (slot amount) (slot approvals))");
    build("(defglobal ?*denied* = 0)");
    build("(defglobal ?*allowed* = 0)");
    std::size_t number = 0;
    for (const Rule& rule : set.rules) {
      for (Index role = 0; role < kRoles; ++role) {
        if ((rule.roles >> role & 1) != 0) build(production(rule, role, number++));
      }
    }
  }
  ~Clips() override { DestroyEnvironment(environment_); }
  Clips(const Clips&) = delete;
  Clips& operator=(const Clips&) = delete;

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      set_global("denied", 0);
      set_global("allowed", 0);
      void* const fact = assert_fact(transfers[i]);
      EnvRun(environment_, -1);
      allowed[i] = global("allowed") == 1 && global("denied") == 0 && money_.can_move(transfers[i]);
      EnvRetract(environment_, fact);
    }
  }

 private:
  static long long key_of(Index from, Index to, Index purpose, Index role, Index asset, Relation relation) {
    return ((((static_cast<long long>(from) << 14 | to) << 8 | purpose) << 6 | role) << 8 | asset) << 1 | static_cast<long long>(relation);
  }

  static std::string production(const Rule& rule, Index role, std::size_t number) {
    const auto least = static_cast<std::int64_t>(rule.least), most = static_cast<std::int64_t>(rule.most);
    std::string bound = fmt::format("(<= ?amount {})", most);
    if (rule.approvals != 0) bound = fmt::format("(or {} (>= ?approvals {}))", bound, rule.approvals);
    return fmt::format("(defrule rule{} (transfer (key {}) (approvals ?approvals) (amount ?amount&:(and (>= ?amount {}) {}))) => (bind ?*{}* 1))", number,
                       key_of(rule.from, rule.to, rule.purpose, role, rule.asset, rule.relation), least, bound, rule.allows ? "allowed" : "denied");
  }

  void build(const std::string& text) { demand(EnvBuild(environment_, text.c_str()) == 1, "CLIPS does not take " + text); }

  void* assert_fact(const Asked& asked) {
    void* const fact = EnvCreateFact(environment_, EnvFindDeftemplate(environment_, "transfer"));
    set_slot(fact, "key", key_of(asked.from, asked.to, asked.purpose, asked.role, asked.asset, relation_of(asked)));
    set_slot(fact, "amount", static_cast<long long>(asked.amount));
    set_slot(fact, "approvals", count_approvals(asked));
    return EnvAssert(environment_, fact);
  }

  void set_slot(void* fact, const char* name, long long value) {
    DATA_OBJECT given;
    given.type = INTEGER;
    given.value = EnvAddLong(environment_, value);
    EnvPutFactSlot(environment_, fact, name, &given);
  }

  void set_global(const char* name, long long value) {
    DATA_OBJECT given;
    given.type = INTEGER;
    given.value = EnvAddLong(environment_, value);
    EnvSetDefglobalValue(environment_, name, &given);
  }

  long long global(const char* name) {
    DATA_OBJECT found;
    EnvGetDefglobalValue(environment_, name, &found);
    return ValueToLong(found.value);
  }

  Money money_;
  void* environment_;
};

}  // namespace

std::unique_ptr<Engine> make_clips(const RuleSet& set) { return std::make_unique<Clips>(set); }

}  // namespace ringfence::bench
