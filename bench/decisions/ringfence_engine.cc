// SPDX-License-Identifier: Apache-2.0
// Ours: the policy's text through the project's own compiler, its table, and the public functions of runtime/decide.h. What `prepare` does is what an
// embedder has: the transfer, and the values that it needs, in the order of its slots. Besides allowed or not, each decision has its reason, the deciding
// statement and the first condition that failed.
#include <vector>

#include "bench/decisions/bench.h"
#include "bench/decisions/engine.h"
#include "compiler/passes.h"
#include "runtime/decide.h"

namespace ringfence::bench {
namespace {

RuleTable table_of(const RuleSet& set) {
  const std::string text = policy_text(set);
  auto compiled = compile(text);
  demand(compiled.artefact.has_value(), render(compiled.diagnostics, "policy", text));
  auto loaded = RuleTable::load(std::move(compiled.artefact->table));
  demand(std::holds_alternative<RuleTable>(loaded), "the table does not load");
  return std::move(std::get<RuleTable>(loaded));
}

/// What Asked says, in our form. An instance has an id where its bucket is a client's.
Transfer transfer_of(const Asked& asked) {
  const auto at = [](Index bucket, std::uint64_t client) { return Instance{bucket, static_cast<std::uint8_t>(client == 0 ? 0 : 1), {client}}; };
  return {asked.purpose, at(asked.from, asked.from_client), at(asked.to, asked.to_client), asked.asset, asked.amount, {asked.person, asked.role, asked.approvals, 0, 0}};
}

class OneByOne : public Engine {
 public:
  explicit OneByOne(const RuleSet& set) : table_(table_of(set)), transfers_(kChunk), needed_(kChunk), decisions_(kChunk) {}

  void prepare(std::span<const Asked> transfers) override {
    values_.clear();
    first_value_.clear();
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      transfers_[i] = transfer_of(transfers[i]);
      first_value_.push_back(values_.size());
      for (const SlotView& slot : needs(table_, transfers_[i]).slots) values_.push_back(value_of(slot, transfers[i]));
    }
    first_value_.push_back(values_.size());
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      const std::span<const Value> values(values_.data() + first_value_[i], first_value_[i + 1] - first_value_[i]);
      allowed[i] = ringfence::decide(table_, transfers_[i], needs(table_, transfers_[i]), values).allowed();
    }
  }

  std::size_t bytes() const override { return table_.bytes().size(); }

 protected:
  static Value value_of(const SlotView& slot, const Asked& asked) {
    if (slot.kind != SlotKind::Balance) return {};
    return {slot.target == asked.from ? asked.from_balance : asked.to_balance, 0, true};
  }

  RuleTable table_;
  std::vector<Transfer> transfers_;
  std::vector<Needs> needed_;
  std::vector<Decision> decisions_;
  std::vector<Value> values_;
  std::vector<std::size_t> first_value_;
};

/// By who knows which row speaks of its transfers, and has the values of that row's slots.
class AtHand final : public OneByOne {
 public:
  explicit AtHand(const RuleSet& set) : OneByOne(set), rows_(kChunk), spans_(kChunk) {}

  void prepare(std::span<const Asked> transfers) override {
    OneByOne::prepare(transfers);
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      rows_[i] = needs(table_, transfers_[i]).row;
      spans_[i] = {values_.data() + first_value_[i], first_value_[i + 1] - first_value_[i]};
    }
  }

  void decide(std::span<const Asked> transfers, std::span<std::uint8_t> allowed) override {
    for (std::size_t i = 0; i < transfers.size(); ++i) {
      allowed[i] = ringfence::decide(table_, transfers_[i], rows_[i], spans_[i]).allowed();
    }
  }

 private:
  std::vector<Index> rows_;
  std::vector<std::span<const Value>> spans_;
};

class Many final : public OneByOne {
 public:
  using OneByOne::OneByOne;

  void decide(std::span<const Asked> asked, std::span<std::uint8_t> allowed) override {
    const std::span<const Transfer> transfers = std::span(transfers_).first(asked.size());
    needs_many(table_, transfers, needed_);
    decide_many(table_, transfers, needed_, values_, decisions_);
    for (std::size_t i = 0; i < asked.size(); ++i) allowed[i] = decisions_[i].allowed();
  }
};

}  // namespace

std::unique_ptr<Engine> make_ringfence(const RuleSet& set) { return std::make_unique<OneByOne>(set); }
std::unique_ptr<Engine> make_ringfence_at_hand(const RuleSet& set) { return std::make_unique<AtHand>(set); }
std::unique_ptr<Engine> make_ringfence_many(const RuleSet& set) { return std::make_unique<Many>(set); }

}  // namespace ringfence::bench
