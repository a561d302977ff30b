// SPDX-License-Identifier: Apache-2.0
// Random policies in which two classes of money take turns in one bucket, one for each member of an entity, and whose turn it is, is kept in
// balances of other buckets or in a mode. About half of the time some guard is weaker than it must be for the fence to hold.
#include "tests/generate/policy.h"
#include "tests/generate/random.h"

namespace ringfence::generate {
namespace {

struct Turns {
  Random random;
  bool by_owner, keyed_turns, by_mode, right;   ///< right: each guard is as it must be, whatever else varies
  std::string transit, one, two;

  explicit Turns(std::uint64_t seed) : random(seed), by_owner(random.chance(40)), keyed_turns(random.chance(85)), by_mode(random.chance(25)), right(random.chance(55)) {
    transit = by_owner ? "Client.transit" : "House.transit";
    one = !keyed_turns ? "House.one" : by_owner ? "Client.one" : "House.one";
    two = !keyed_turns ? "House.two" : by_owner ? "Client.two" : "House.two";
  }

  bool slips() { return !right && random.chance(18); }
  std::string brackets(bool keyed) const { return keyed && !by_owner ? "[Client]" : ""; }

  std::string empty(const std::string& bucket) { return "balance(" + bucket + ") " + (slips() ? "<= 1 USD" : random.chance(50) ? "= 0 USD" : "< 1 USD"); }
  std::string filled(const std::string& bucket) { return "balance(" + bucket + ") >= " + (slips() ? "0 USD" : "1 USD"); }

  /// It is the turn of the money of `one`, or of `two`.
  std::string turn(bool first) {
    if (slips()) first = !first;
    if (by_mode) return std::string("mode of Client is ") + (first ? "left" : "right") + (random.chance(30) ? " and " + filled(one) : "");
    const std::string mine = first ? one : two, theirs = first ? two : one;
    if (slips()) return filled(mine);
    return filled(mine) + " and " + empty(theirs);
  }

  std::string rule(const std::string& arrow, const std::string& guard, bool may_pass = false) {
    return "allow pay " + arrow + " by ops" + (may_pass && random.chance(8) ? " passing title" : "") + (guard.empty() ? "" : " when " + guard) + "\n";
  }

  /// What makes it the other's turn: only while the transit bucket is empty.
  std::string switches() {
    if (by_mode) {
      const std::string free = empty(transit);
      return "mode of Client: left, right\n  left -> right by ops when " + free + "\n  right -> left by ops when " + (slips() ? filled(one) : empty(transit)) + "\n";
    }
    return "";
  }

  std::string text(std::uint64_t seed) {
    std::string text = "policy \"turns " + std::to_string(seed) + "\" version \"1\"\nasset USD decimals 0\nrole ops\npurpose pay\nentity Client many\nentity Retail\nentity Pro\nentity House\n";
    const bool with_external = random.chance(25);
    if (with_external) text += "external House.suppliers\n";
    text += "bucket Retail.wallet\nbucket Pro.wallet\nbucket " + transit + brackets(true) + "\nbucket " + one + brackets(keyed_turns) + "\n";
    if (!by_mode) text += "bucket " + two + brackets(keyed_turns) + "\n";
    text += switches();
    text += std::string("segregate Retail from Pro") + (random.chance(40) ? " in custody" : "") + "\n";
    text += rule("Retail.wallet -> " + transit, turn(true)) + rule("Pro.wallet -> " + transit, turn(false));
    if (random.chance(70)) text += rule(transit + " -> Retail.wallet", turn(true), true);
    if (random.chance(70)) text += rule(transit + " -> Pro.wallet", turn(false), true);
    // A turn kept in a bucket of all members needs every member's transit empty, which no guard here asks: such policies are broken.
    if (!by_mode) text += rule(one + " -> " + two, keyed_turns ? empty(transit) : "amount <= 1 USD") + rule(two + " -> " + one, keyed_turns ? empty(transit) : "");
    if (random.chance(25)) text += rule(one + " -> Retail.wallet", keyed_turns && !slips() ? empty(transit) : "");
    if (with_external) text += rule("House.suppliers -> " + one, keyed_turns && !slips() ? empty(transit) : "");
    if (random.chance(25)) text += rule(transit + " -> " + (by_owner ? "other Client.transit" : "House.transit[other Client]"), slips() ? "" : "balance(to) = 0 USD and amount <= 1 USD");
    return text;
  }
};

}  // namespace

std::string random_turns(std::uint64_t seed) { return Turns(seed).text(seed); }

}  // namespace ringfence::generate
