// SPDX-License-Identifier: Apache-2.0
// The gate in memory, for those without a ledger: it keeps balances, totals, modes, facts, limit windows and transfer ids,
// fetches what a transfer needs, decides with `decide`, and applies what is allowed. Single-threaded: one thread at a time calls
// it. Nothing is applied unless all of it is. Language reference, section 10.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decide.h"
#include "mode_in_force.h"

namespace ringfence {

/// A transfer as the gate keeps it: with its id, and owning its approvals, so that a repeat can be compared.
struct GateTransfer {
  std::string id;                  ///< chosen by the caller; the same id with the same content gets the same answer again
  Transfer transfer;               ///< its authority.approvals is set from `approvals` by the gate
  std::vector<Approval> approvals;
};
struct GateModeChange {
  std::string id;
  ModeChange change;
  std::vector<Approval> approvals;
};

enum class Outcome : std::uint8_t {
  Decided,         ///< `decision` is new; when allowed, it is applied
  Repeated,        ///< the id was seen with the same content: `decision` is the first answer, nothing is applied again
  IdReused,        ///< the id was seen with other content: an error, not a decision; nothing is recorded
};
/// Of what was first answered under an earlier policy a repeat has the reason only: its statement is in the numbers of a table that is no longer in force.
struct GateAnswer { Outcome outcome = Outcome::Decided; Decision decision; };

/// The first thing that keeps a gate from going over to another policy, in the numbers of the one in force.
struct NotCarried {
  enum class Why : std::uint8_t {
    NoBucket,         ///< `subject` holds `number` of `asset`, and there is no bucket of that name with the same keys, or it is outside
    NoAsset,          ///< `subject` holds `number` of `asset`, and there is no asset of that name with as many decimals
    MayNotOverdraw,   ///< `subject` is at `number` of `asset`, below zero, and there may not be
    NoMode,           ///< `subject` (a machine's) is in mode `number`, not the first, and there is no such mode of it
    OtherFirstMode,   ///< of the machine `subject`, whoever it is of: it begins in another mode
  };
  Why why;
  Instance subject;
  Index asset;
  Int128 number;
};

/// A change of mode that came with a transfer.
struct ModeChanged { Instance subject; Index to_mode, statement; };   ///< `subject.target`: the machine; `statement`: its transition

/// Whether the gate makes the changes of mode that come with a transfer (language reference, 10.5). Apart: only those that are submitted, as in the runs of the proof.
enum class BroughtModes : bool { Made, Apart };

class RINGFENCE_API Gate {
 public:
  /// The table must outlive the gate.
  explicit Gate(const RuleTable& table, BroughtModes = BroughtModes::Made);
  ~Gate();
  Gate(Gate&&) noexcept;

  // State from elsewhere: opening balances, modes and facts. False, and no change, when the name, ids or value is out of range,
  // or (balance and mode) once something has been applied.
  bool open_balance(const Instance& bucket, Index asset, Int128 balance);
  /// `entered_ms`: since when; a mode with a deadline needs it, any other keeps it for a policy that gives it one.
  bool open_mode(const Instance& machine, Index mode, std::optional<std::int64_t> entered_ms = std::nullopt);
  /// `subject.target` is the fact. Replaces what was known before; also after transfers have been applied. A number outside the
  /// fact's declared range is kept, so that what reads it is denied (ValueOutOfRange) and not decided on an older one; beyond
  /// +-kAmountMax it is refused.
  bool set_fact(const Instance& subject, Int128 number, std::int64_t observed_ms);

  /// For who wants transfers not to wait for memory: has the system give now 104 bytes for what will be known of each of so many more, and the records of so many more subjects of each kind that balances,
  /// modes, facts and limits are kept of (clients, say). 104 bytes do for an id of 36 characters, one key that both sides share, and no approvals; further keys take up to 16 each, approvals up to 24:
  /// who has those counts a transfer for more than one. What windows count takes memory as they fill. Changes no answer; what is not reserved is taken when it is needed, and another policy begins without.
  /// Takes the time of clearing all of it. Throws std::bad_alloc where there is not as much, and then nothing is lost.
  void reserve(std::size_t transfers, std::size_t subjects);

  /// From now on decides by `next`, which must outlive the gate as the tables before it must; what is submitted is in its numbers. Balances, modes, facts and
  /// windows are carried over to what is declared alike (policy_names.h), a mode as it is in force when the last was applied, with its time of entry; facts and windows without counterpart are dropped. An id that was used stays
  /// used: contents are compared by name. When something holds money or has left its first mode and has no counterpart, that, and nothing is changed; nor
  /// is it when memory runs out. What the new policy's proof assumes of a start is not looked at (journal.md).
  std::optional<NotCarried> change_policy(const RuleTable& next);

  // Only memory that runs out makes what follows throw; then nothing was applied and no id used up, and the same can be submitted again.
  GateAnswer submit(const GateTransfer&);
  GateAnswer submit(const GateModeChange&);
  /// Each as if it were submitted alone, in order, in somewhat less time where there is more state than the cache holds. Stops at the shorter of the spans and
  /// returns how many it answered. Where it throws, some from the beginning may have been decided and applied: submitted again, those are Repeated.
  std::size_t submit_many(std::span<const GateTransfer>, std::span<GateAnswer>);
  std::size_t submit_many(std::span<const GateTransfer* const>, std::span<GateAnswer>);   ///< the same, of transfers that lie apart
  /// All or nothing, in order, each leg on the state that the ones before leave; floors at the end. One answer a leg: where one
  /// is denied, every other is denied with Reason::Batch. The batch's id and content are compared as a whole; an id of a leg, where
  /// it has one, is used up too: seen before, the batch is IdReused, and so is whatever comes with it later. More than kBatchMax
  /// legs: the first one too many is Malformed.
  std::vector<GateAnswer> submit_batch(const std::string& id, std::span<const GateTransfer>);
  /// What the last new denial was decided on, in the order of its move's slots; empty when it read nothing. Until the next submit.
  /// For a floor in a batch: the values at the batch's end; otherwise those before the transfer.
  std::span<const Value> values_of_denial() const noexcept;

  /// The changes of mode that the last new submission brought with it (language reference, 4.8), in their order. Until the next submit; of several at once: of all.
  std::span<const ModeChanged> modes_brought() const noexcept;
  /// Those that the last new denial was decided on, and that were taken back with it. Until the next submit.
  std::span<const ModeChanged> modes_taken_back() const noexcept;

  Int128 balance(const Instance& bucket, Index asset) const;
  /// The mode in force at that time, or when the last was applied (mode_in_force.h). kNone where there is no such machine, or it can't be told.
  Index mode(const Instance& machine, std::int64_t time_ms) const;
  Index mode(const Instance& machine) const;
  KeptMode kept_mode(const Instance& machine) const;
  Int128 account_total(Index account, const Ids& ids, Index asset) const;
  /// The values that `needs` asks for, as the state stands: what submit would decide on.
  std::vector<Value> fetch(const Needs&, const Instance& from, const Instance& to, std::int64_t time_ms) const;
  struct Holding { Instance bucket; Index asset; Int128 balance; bool operator==(const Holding&) const = default; };
  /// Every balance that is not zero, by (bucket, ids, asset).
  std::vector<Holding> holdings() const;
  /// Every subject that a mode is kept for, also the first one; in no order.
  std::vector<Instance> subjects() const;

 private:
  struct RINGFENCE_LOCAL State;
  std::unique_ptr<State> state_;
};

}  // namespace ringfence
