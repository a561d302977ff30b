// SPDX-License-Identifier: Apache-2.0
// The C interface to the gate: what the caller gave is checked and put into the types of gate.h, and the answer is put back. The only exceptions are those of
// memory that runs out; they end here.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/c_asked.h"
#include "runtime/gate.h"

using namespace ringfence;
using namespace ringfence::c;

struct ringfence_gate {
  const RuleTable& table;
  Gate gate;
};

static_assert(RINGFENCE_DECIDED == static_cast<int>(Outcome::Decided) && RINGFENCE_REPEATED == static_cast<int>(Outcome::Repeated) &&
              RINGFENCE_ID_REUSED == static_cast<int>(Outcome::IdReused));

namespace {

ringfence_number c_number(Int128 number) noexcept { return {static_cast<std::uint64_t>(number), static_cast<std::int64_t>(number >> 64)}; }

Instance cpp_instance(const ringfence_instance& given) noexcept {
  Instance instance;
  take(given, instance);
  return instance;
}

template <class Work>
ringfence_status with_memory(Work work) noexcept {
  try {
    return work();
  } catch (...) {
    return RINGFENCE_NO_MEMORY;
  }
}

ringfence_status refused_unless(bool taken) noexcept { return taken ? RINGFENCE_OK : RINGFENCE_REFUSED; }

/// Whether `instance` is of something of a kind that there are `count` of and has its keys.
template <class View>
bool is_there(const Instance& instance, Index count, View view) noexcept { return instance.target < count && instance.id_count == view(instance.target).keys.size(); }

/// Its approvals are its own; those that it was made from are not kept.
ringfence_status make(const ringfence_transfer& given, std::uint32_t size, const char* id, GateTransfer& made) {
  Approvals approvals;
  if (const ringfence_status status = take(given, size, approvals, made.transfer); status != RINGFENCE_OK) return status;
  made.id = id;
  made.approvals.assign(made.transfer.authority.approvals.begin(), made.transfer.authority.approvals.end());
  made.transfer.authority.approvals = {};
  return RINGFENCE_OK;
}

/// `ids` may be null, for none at all.
ringfence_status make_all(const char* const* ids, const ringfence_transfer* transfers, std::size_t count, std::vector<GateTransfer>& made) {
  made.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (ids != nullptr && ids[i] == nullptr) return RINGFENCE_BAD_ARGUMENT;
    const ringfence_status status = make(element(transfers, transfers->size, i), transfers->size, ids == nullptr ? "" : ids[i], made[i]);
    if (status != RINGFENCE_OK) return status;
  }
  return RINGFENCE_OK;
}

void answer(const GateAnswer& given, uint32_t& outcome, ringfence_decision& decision) noexcept {
  outcome = static_cast<std::uint32_t>(given.outcome);
  write(decision, c_decision(given.outcome == Outcome::IdReused ? Decision{} : given.decision));
}

void answer_all(std::span<const GateAnswer> given, uint32_t* outcomes, ringfence_decision* decisions) noexcept {
  for (std::size_t i = 0; i < given.size(); ++i) answer(given[i], outcomes[i], element(decisions, decisions->size, i));
}

/// What `mode_of` says of a machine that there is.
template <class ModeOf>
ringfence_status answer_mode(const ringfence_gate* gate, const ringfence_instance* machine, uint32_t* mode, ModeOf mode_of) noexcept {
  if (mode == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *mode = RINGFENCE_NONE;
  if (gate == nullptr || machine == nullptr) return RINGFENCE_BAD_ARGUMENT;
  const Instance instance = cpp_instance(*machine);
  if (!is_there(instance, gate->table.machine_count(), [&](Index at) { return gate->table.machine(at); })) return RINGFENCE_BAD_ARGUMENT;
  *mode = mode_of(instance);
  return RINGFENCE_OK;
}

/// Denies before anything is looked at.
ringfence_status begin(uint32_t* outcomes, ringfence_decision* decisions, std::size_t count) noexcept {
  if (outcomes == nullptr && count != 0) return RINGFENCE_BAD_ARGUMENT;
  for (std::size_t i = 0; i < count; ++i) outcomes[i] = RINGFENCE_DECIDED;
  return deny_first(decisions, count);
}

}  // namespace

ringfence_status ringfence_gate_create(const ringfence_table* table, ringfence_gate** gate) {
  if (gate == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *gate = nullptr;
  if (table == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    *gate = new ringfence_gate{cpp(table), Gate(cpp(table))};
    return RINGFENCE_OK;
  });
}

ringfence_status ringfence_gate_reserve(ringfence_gate* gate, uint64_t transfers, uint64_t subjects) {
  if (gate == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    gate->gate.reserve(transfers, subjects);
    return RINGFENCE_OK;
  });
}

void ringfence_gate_free(ringfence_gate* gate) { delete gate; }

ringfence_status ringfence_gate_open_balance(ringfence_gate* gate, const ringfence_instance* bucket, uint32_t asset, ringfence_number balance) {
  if (gate == nullptr || bucket == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] { return refused_unless(gate->gate.open_balance(cpp_instance(*bucket), asset, cpp_number(balance))); });
}

ringfence_status ringfence_gate_open_mode(ringfence_gate* gate, const ringfence_instance* machine, uint32_t mode) {
  if (gate == nullptr || machine == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] { return refused_unless(gate->gate.open_mode(cpp_instance(*machine), mode)); });
}

ringfence_status ringfence_gate_open_mode_since(ringfence_gate* gate, const ringfence_instance* machine, uint32_t mode, int64_t entered_ms) {
  if (gate == nullptr || machine == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] { return refused_unless(gate->gate.open_mode(cpp_instance(*machine), mode, entered_ms)); });
}

ringfence_status ringfence_gate_set_fact(ringfence_gate* gate, const ringfence_instance* subject, ringfence_number number, int64_t observed_ms) {
  if (gate == nullptr || subject == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] { return refused_unless(gate->gate.set_fact(cpp_instance(*subject), cpp_number(number), observed_ms)); });
}

ringfence_status ringfence_gate_submit(ringfence_gate* gate, const char* id, const ringfence_transfer* transfer, uint32_t* outcome, ringfence_decision* decision) {
  if (const ringfence_status status = begin(outcome, decision, 1); status != RINGFENCE_OK) return status;
  if (gate == nullptr || id == nullptr || transfer == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    GateTransfer made;
    if (const ringfence_status status = make(*transfer, transfer->size, id, made); status != RINGFENCE_OK) return status;
    answer(gate->gate.submit(made), *outcome, *decision);
    return RINGFENCE_OK;
  });
}

ringfence_status ringfence_gate_submit_change(ringfence_gate* gate, const char* id, const ringfence_mode_change* change, uint32_t* outcome,
                                              ringfence_decision* decision) {
  if (const ringfence_status status = begin(outcome, decision, 1); status != RINGFENCE_OK) return status;
  if (gate == nullptr || id == nullptr || change == nullptr) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    Approvals approvals;
    GateModeChange made;
    if (const ringfence_status status = take(*change, approvals, made.change); status != RINGFENCE_OK) return status;
    made.id = id;
    made.approvals.assign(made.change.authority.approvals.begin(), made.change.authority.approvals.end());
    made.change.authority.approvals = {};
    answer(gate->gate.submit(made), *outcome, *decision);
    return RINGFENCE_OK;
  });
}

ringfence_status ringfence_gate_submit_many(ringfence_gate* gate, const char* const* ids, const ringfence_transfer* transfers, size_t count, uint32_t* outcomes,
                                            ringfence_decision* decisions) {
  if (const ringfence_status status = begin(outcomes, decisions, count); status != RINGFENCE_OK) return status;
  if (gate == nullptr || ((ids == nullptr || transfers == nullptr) && count != 0)) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    std::vector<GateTransfer> made;
    if (const ringfence_status status = make_all(ids, transfers, count, made); status != RINGFENCE_OK) return status;
    std::vector<GateAnswer> answers(count);
    gate->gate.submit_many(made, answers);
    answer_all(answers, outcomes, decisions);
    return RINGFENCE_OK;
  });
}

ringfence_status ringfence_gate_submit_batch(ringfence_gate* gate, const char* id, const char* const* ids, const ringfence_transfer* transfers, size_t count,
                                             uint32_t* outcomes, ringfence_decision* decisions) {
  if (const ringfence_status status = begin(outcomes, decisions, count); status != RINGFENCE_OK) return status;
  if (gate == nullptr || id == nullptr || (transfers == nullptr && count != 0)) return RINGFENCE_BAD_ARGUMENT;
  return with_memory([&] {
    std::vector<GateTransfer> made;
    if (const ringfence_status status = make_all(ids, transfers, count, made); status != RINGFENCE_OK) return status;
    answer_all(gate->gate.submit_batch(id, made), outcomes, decisions);
    return RINGFENCE_OK;
  });
}

ringfence_status ringfence_gate_balance(const ringfence_gate* gate, const ringfence_instance* bucket, uint32_t asset, ringfence_number* balance) {
  if (balance == nullptr) return RINGFENCE_BAD_ARGUMENT;
  *balance = {0, 0};
  if (gate == nullptr || bucket == nullptr) return RINGFENCE_BAD_ARGUMENT;
  const Instance instance = cpp_instance(*bucket);
  const bool found = is_there(instance, gate->table.bucket_count(), [&](Index at) { return gate->table.bucket(at); });
  if (!found || asset >= gate->table.asset_count()) return RINGFENCE_BAD_ARGUMENT;
  *balance = c_number(gate->gate.balance(instance, asset));
  return RINGFENCE_OK;
}

ringfence_status ringfence_gate_mode(const ringfence_gate* gate, const ringfence_instance* machine, uint32_t* mode) {
  return answer_mode(gate, machine, mode, [&](const Instance& instance) { return gate->gate.mode(instance); });
}

ringfence_status ringfence_gate_mode_at(const ringfence_gate* gate, const ringfence_instance* machine, int64_t time_ms, uint32_t* mode) {
  return answer_mode(gate, machine, mode, [&](const Instance& instance) { return gate->gate.mode(instance, time_ms); });
}
