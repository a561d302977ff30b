// SPDX-License-Identifier: Apache-2.0
// The journal: blocks of records, chained and signed, in a block store (../journal.md). Holds: what `append` returned for is on the disk; the
// file `head` names no block that is not; so whatever is cut off, exchanged or changed afterwards does not fit its number, its digest, a signature
// or that file. Who can write all files and has the key can make another journal; who keeps a head elsewhere notices.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "block_store.h"
#include "journal_chain.h"
#include "journal_error.h"

namespace ringfence {

/// Blocks and records are numbered from 1. `digest`: of the head that stands for everything up to this block.
struct Block { std::uint64_t number = 0, first_record = 0, record_count = 0; std::string_view records; Digest digest; };
using BlockVisit = std::function<std::optional<JournalError>(const Block&)>;

class Journal {
 public:
  /// Reads what is there, block by block, each checked before `visit` gets it; makes a new journal where there is none. Signs with `key`,
  /// which must be the one that the journal was begun with. Of signatures it checks those of the last block and of the file `head`: they
  /// stand for all before.
  static std::variant<Journal, JournalError> open(const JournalPlace&, const SigningKey& key, const BlockVisit& visit);
  /// One block more: on the disk when this returns nothing. After an error nothing more is written: open the journal again.
  std::optional<JournalError> append(std::string_view records, std::uint64_t record_count);
  const SignedHead& head() const noexcept { return head_; }
  PublicKey signer() const { return key_.public_key(); }
  /// What `append` would make of the records.
  Block next_block(std::string_view records, std::uint64_t record_count) const;

 private:
  Journal(BlockStore store, const SigningKey& key, const SignedHead& head) : store_(std::move(store)), key_(key), head_(head) {}
  BlockStore store_;
  SigningKey key_;
  SignedHead head_;
  bool broken_ = false;
};

struct ReadJournal { PublicKey public_key{}; SignedHead head; };
/// Reads a journal for who audits it: changes nothing, and checks the signature of every block. `kept`: heads that were kept elsewhere; the journal
/// must still have them. `signer`: whose signatures count; without one, those of whom the journal names.
std::variant<ReadJournal, JournalError> read_journal(const JournalPlace&, const std::optional<PublicKey>& signer, std::span<const SignedHead> kept, const BlockVisit& visit);

}  // namespace ringfence
