// SPDX-License-Identifier: Apache-2.0
#include "bench/scale_policy.h"

#include <random>

#include <fmt/format.h>

namespace ringfence::bench {
namespace {

class Writer {
 public:
  Writer(std::size_t buckets, std::uint64_t seed) : clients_(buckets * 3 / 4), houses_(buckets - clients_), random_(seed) {}

  std::string write(std::size_t rules) {
    declare();
    rule("allow deposit Client.bank -> Client.b0 by teller");
    rule("allow withdraw Client.b0 -> Client.bank by teller when amount <= 1_000_000 USD or approved by 2 of cashier");
    rule("allow spend House.h0 -> House.suppliers by cashier");
    while (count_ < rules) random_rule(rules - count_);
    return std::move(text_);
  }

 private:
  void declare() {
    text_ = "policy \"Scale\" version \"1\"\nasset USD decimals 2\nrole teller, cashier, engine\npurpose deposit, withdraw, spend, move, fee, near\n"
            "entity Client many\nentity House\nentity Bank\nexternal Client.bank\nexternal House.suppliers\naccount Bank.clients\n"
            "fact due of Client : amount of USD from 0 to 1_000_000 USD\nfact margin of Client : amount of USD from 0 to 1_000_000 USD\n";
    for (std::size_t i = 0; i < clients_; ++i) text_ += fmt::format("bucket Client.b{} in Bank.clients\n", i);
    for (std::size_t i = 0; i < houses_; ++i) text_ += fmt::format("bucket House.h{}\n", i);
    text_ += "segregate Client from House\nsegregate each Client\nsegregate Client from House in custody\n";
  }

  void rule(const std::string& line) {
    text_ += line + "\n";
    ++count_;
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::string client() { return fmt::format("Client.b{}", below(clients_)); }
  std::string house() { return fmt::format("House.h{}", below(houses_)); }
  const char* role() { return below(2) == 0 ? "teller" : "engine"; }

  /// Guards of a move from a client's bucket read the client's facts; those of the house, the first three kinds below, read none.
  std::string guard(bool of_client) {
    switch (below(of_client ? 5 : 3)) {
      case 0: return fmt::format("amount <= {} USD", 1 + below(1'000'000));
      case 1: return fmt::format("balance(from) - amount >= {} USD and amount >= {} USD", below(1'000), 1 + below(50));
      case 2: return fmt::format("time between {:02}:00 and {:02}:30 and amount <= {}% of balance(from)", below(12), 12 + below(11), 1 + below(100));
      case 3: return "balance(from) - amount >= margin(from)";
      default: return fmt::format("amount <= due(from) or approved by {} of cashier", 1 + below(3));
    }
  }

  void random_rule(std::size_t left) {
    const std::size_t kind = below(100);
    std::string from = client(), to = client();
    if (kind < 75) {
      if (from == to) return;
      rule(fmt::format("allow move {} -> {}{} by {} {}when {}", from, kind < 5 ? "other " : "", to, role(), kind < 40 ? "passing title " : "", guard(true)));
    } else if (kind < 90) {
      rule(fmt::format("allow fee {} -> {} by {} passing title when amount <= due and {}", from, house(), role(), guard(true)));
    } else if (kind < 98 || left < 2) {
      std::string source = house(), target = house();
      if (source != target) rule(fmt::format("allow move {} -> {} by {} when {}", source, target, role(), guard(false)));
    } else {
      to = house();
      const std::size_t bound = 1 + below(1'000);
      rule(fmt::format("allow near {} -> {} by {} when amount <= {} USD", from, to, role(), bound));
      rule(fmt::format("deny near {} -> {} when amount <= {} USD because \"not without title\"", from, to, bound + below(10)));
    }
  }

  const std::size_t clients_, houses_;
  std::mt19937_64 random_;
  std::size_t count_ = 0;
  std::string text_;
};

}  // namespace

std::string scale_policy(std::size_t buckets, std::size_t rules, std::uint64_t seed) { return Writer(buckets, seed).write(rules); }

}  // namespace ringfence::bench
