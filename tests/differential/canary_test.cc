// SPDX-License-Identifier: Apache-2.0
// Tests that can fail: the harness is given a reference that reads another policy than the table was made from, one small fault at a
// time, and must notice each kind of fault. If one of these passes unnoticed, the agreement elsewhere means nothing.
#include <catch2/catch.hpp>

#include <functional>

#include "tests/differential/session.h"
#include "tests/generate/policy.h"

namespace ringfence::differential {
namespace {

struct Fault {
  const char* name;
  std::function<bool(TypedPolicy&)> plant;   ///< false: this policy has no place for it
};

bool change_comparison(Guard& guard) {
  if (guard.kind == GuardKind::Compare && guard.comparator == Comparator::LessEqual) {
    guard.comparator = Comparator::Less;
    return true;
  }
  for (Guard& part : guard.parts)
    if (change_comparison(part)) return true;
  return false;
}

bool first_rule(TypedPolicy& policy, const std::function<bool(TypedRule&)>& change) {
  for (TypedRule& rule : policy.rules)
    if (change(rule)) return true;
  return false;
}

std::vector<Fault> faults() {
  return {
      {"a deny is read as an allow", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           if (rule.effect == Effect::Allow) return false;
           rule.effect = Effect::Allow;
           return true;
         });
       }},
      {"two rules are swapped", [](TypedPolicy& policy) {
         if (policy.rules.size() < 2) return false;
         std::swap(policy.rules[0], policy.rules[1]);
         return true;
       }},
      {"a condition is lost", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           if (rule.conditions.empty()) return false;
           rule.conditions.pop_back();
           return true;
         });
       }},
      {"same is read as other", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           for (Pair& pair : rule.pairs)
             for (Match& match : pair.matches)
               if (match == Match::Same) {
                 match = Match::Other;
                 return true;
               }
           return false;
         });
       }},
      {"<= is read as <", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           for (Condition& condition : rule.conditions)
             if (change_comparison(condition.guard)) return true;
           return false;
         });
       }},
      {"a role is lost", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           rule.roles &= rule.roles - 1;
           return true;
         });
       }},
      {"a floor is one lower", [](TypedPolicy& policy) {
         if (policy.floors.empty()) return false;
         policy.floors[0].minimum.constant_numerator -= policy.floors[0].minimum.constant_denominator;
         return true;
       }},
      {"a limit is one higher", [](TypedPolicy& policy) {
         if (policy.limits.empty()) return false;
         policy.limits[0].cap.constant_numerator += policy.limits[0].cap.constant_denominator;
         return true;
       }},
      {"a day is read as 24 hours", [](TypedPolicy& policy) {
         for (TypedLimit& limit : policy.limits)
           if (limit.window_ms == 0) {
             limit.window_ms = 86'400'000;
             return true;
           }
         return false;
       }},
      {"a mode comes before a transfer where it should come after it, or the other way round", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           if (!rule.brings) return false;
           rule.brings->before = !rule.brings->before;
           return true;
         });
       }},
      {"no mode comes with a transfer", [](TypedPolicy& policy) {
         return first_rule(policy, [](TypedRule& rule) {
           if (!rule.brings) return false;
           rule.brings.reset();
           return true;
         });
       }},
      {"a transition leads elsewhere", [](TypedPolicy& policy) {
         if (policy.transitions.empty()) return false;
         TypedTransition& transition = policy.transitions[0];
         transition.from_modes = ~transition.from_modes;
         return true;
       }},
  };
}

/// The seed of the first policy on which the fault is noticed within `policies` of them; 0 when it never is.
std::uint64_t noticed_at(const Fault& fault, std::uint64_t policies) {
  for (std::uint64_t seed = 1; seed <= policies; ++seed) {
    std::string why;
    const auto loaded = load_policy(generate::random_policy(seed, {}), why);
    if (!loaded) continue;
    TypedPolicy faulty = loaded->policy;
    if (!fault.plant(faulty)) continue;
    for (std::uint64_t s = 0; s < 3; ++s) {
      Tally tally;
      Session session(faulty, loaded->table, seed * 1000 + s);
      for (int i = 0; i < 40; ++i)
        if (!session.step(tally)) return seed;
    }
  }
  return 0;
}

}  // namespace

TEST_CASE("the differential test notices every kind of planted fault") {
  for (const Fault& fault : faults()) {
    INFO(fault.name);
    CHECK(noticed_at(fault, 400) != 0);
  }
}

}  // namespace ringfence::differential
