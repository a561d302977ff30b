// SPDX-License-Identifier: Apache-2.0
// See journal.h.
#include "runtime/durable/journal.h"

#include <algorithm>
#include <vector>

namespace ringfence {
namespace {

JournalError wrong(std::string message) { return {JournalError::Kind::Wrong, std::move(message)}; }

template <std::size_t kSize>
bool assign(std::array<std::uint8_t, kSize>& out, std::string_view bytes) {
  if (bytes.size() == kSize) std::copy(bytes.begin(), bytes.end(), out.begin());
  return bytes.size() == kSize;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Block block_after(const Head& before, std::string_view records, std::uint64_t record_count) {
  return {before.blocks + 1, before.records + 1, record_count, records, next_head(before, record_count, records).digest};
}

/// A head that the journal must have come by.
struct Milestone { SignedHead signed_head; std::string name; };

/// Follows the chain from its origin, block by block.
class Chain {
 public:
  Chain(const PublicKey& key, std::vector<Milestone> milestones, bool every_signature)
      : key_(key), every_signature_(every_signature), milestones_(std::move(milestones)), head_{origin(key), {}} {}

  std::optional<JournalError> check_milestones() {
    for (const Milestone& milestone : milestones_) {
      if (!is_signed_by(milestone.signed_head, key_)) return wrong(milestone.name + " is not signed by " + print_hex(key_));
      if (milestone.signed_head.head.blocks == 0 && milestone.signed_head.head != head_.head) return wrong(milestone.name + " is of another journal");
    }
    return std::nullopt;
  }

  std::variant<Block, JournalError> follow(const StoredBlock& stored) {
    const Head& before = head_.head;
    const std::string name = "block " + std::to_string(before.blocks + 1);
    if (static_cast<std::uint64_t>(stored.number) != before.blocks + 1) return wrong(name + " is missing: the next one is " + std::to_string(stored.number));
    if (static_cast<std::uint64_t>(stored.first_record) != before.records + 1 || stored.record_count < 1) return wrong(name + ": its numbers of records do not fit");
    const Block block = block_after(before, stored.records, static_cast<std::uint64_t>(stored.record_count));
    SignedHead next{{block.number, before.records + block.record_count, block.digest}, {}};
    Digest digest;
    if (!assign(digest, stored.digest) || digest != next.head.digest) return wrong(name + ": its digest does not fit");
    if (!assign(next.signature, stored.signature) || (every_signature_ && !is_signed_by(next, key_))) return wrong(name + ": it is not signed by " + print_hex(key_));
    for (const Milestone& milestone : milestones_)
      if (milestone.signed_head.head.blocks == next.head.blocks && milestone.signed_head.head != next.head) return wrong(name + ": it is another one than " + milestone.name + " says");
    head_ = next;
    return block;
  }

  std::optional<JournalError> check_end() const {
    for (const Milestone& milestone : milestones_)
      if (milestone.signed_head.head.blocks > head_.head.blocks)
        return wrong("the journal ends after block " + std::to_string(head_.head.blocks) + ", but " + milestone.name + " is of block " + std::to_string(milestone.signed_head.head.blocks));
    if (head_.head.blocks != 0 && !is_signed_by(head_, key_)) return wrong("block " + std::to_string(head_.head.blocks) + ": it is not signed by " + print_hex(key_));
    return std::nullopt;
  }

  const SignedHead& head() const noexcept { return head_; }

 private:
  PublicKey key_;
  bool every_signature_;
  std::vector<Milestone> milestones_;
  SignedHead head_;
};

std::variant<SignedHead, JournalError> read_chain(const BlockStore& store, const PublicKey& key, std::span<const SignedHead> kept, bool every_signature, const BlockVisit& visit) {
  const auto lines = store.read_heads();
  if (const auto* failed = std::get_if<JournalError>(&lines)) return *failed;
  std::vector<Milestone> milestones;
  for (const std::string& line : std::get<BlockStore::HeadLines>(lines))
    if (const auto head = parse_head(line); head && is_signed_by(*head, key)) milestones.push_back({*head, "the file `head`"});
  if (milestones.empty()) return wrong("the file `head` has no head that is signed by " + print_hex(key));
  for (const SignedHead& head : kept) milestones.push_back({head, "the head that was kept"});
  Chain chain(key, std::move(milestones), every_signature);
  if (auto failed = chain.check_milestones()) return std::move(*failed);
  auto stopped = store.read([&](const StoredBlock& stored) -> std::optional<JournalError> {
    auto followed = chain.follow(stored);
    if (auto* failed = std::get_if<JournalError>(&followed)) return std::move(*failed);
    return visit(std::get<Block>(followed));
  });
  if (stopped) return std::move(*stopped);
  if (auto failed = chain.check_end()) return std::move(*failed);
  return chain.head();
}

}  // namespace

std::variant<Journal, JournalError> Journal::open(const JournalPlace& place, const SigningKey& key, const BlockVisit& visit) {
  const PublicKey public_key = key.public_key();
  auto opened = BlockStore::open_to_append(place, {print(key.sign(origin(public_key))), std::string(as_text(public_key))});
  if (auto* failed = std::get_if<JournalError>(&opened)) return std::move(*failed);
  BlockStore& store = std::get<BlockStore>(opened);
  if (store.public_key() != as_text(public_key)) return wrong("`" + place.directory + "` was begun with another key than " + print_hex(public_key));
  const auto read = read_chain(store, public_key, {}, false, visit);
  if (const auto* failed = std::get_if<JournalError>(&read)) return *failed;
  SignedHead head = std::get<SignedHead>(read);
  if (head.head.blocks == 0) head = key.sign(head.head);
  if (auto failed = store.settle()) return std::move(*failed);
  if (auto failed = store.write_head(head.head.blocks, print(head))) return std::move(*failed);
  return Journal(std::move(store), key, head);
}

Block Journal::next_block(std::string_view records, std::uint64_t record_count) const { return block_after(head_.head, records, record_count); }

std::optional<JournalError> Journal::append(std::string_view records, std::uint64_t record_count) {
  if (broken_) return JournalError{JournalError::Kind::Unusable, "the journal could not be written before: open it again"};
  broken_ = true;   // unless all of it succeeds
  const SignedHead next = key_.sign(next_head(head_.head, record_count, records));
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  const StoredBlock block{number(next.head.blocks), number(head_.head.records + 1), number(record_count), records, as_text(next.head.digest), as_text(next.signature)};
  if (auto failed = store_.append(block)) return failed;
  if (auto failed = store_.write_head(next.head.blocks, print(next))) return failed;
  head_ = next;
  broken_ = false;
  return std::nullopt;
}

std::variant<ReadJournal, JournalError> read_journal(const JournalPlace& place, const std::optional<PublicKey>& signer, std::span<const SignedHead> kept, const BlockVisit& visit) {
  auto opened = BlockStore::open_to_read(place);
  if (auto* failed = std::get_if<JournalError>(&opened)) return std::move(*failed);
  const BlockStore& store = std::get<BlockStore>(opened);
  ReadJournal result;
  assign(result.public_key, store.public_key());
  if (signer && *signer != result.public_key) return wrong("the journal is signed by " + print_hex(result.public_key) + ", not by " + print_hex(*signer));
  const auto read = read_chain(store, result.public_key, kept, true, visit);
  if (const auto* failed = std::get_if<JournalError>(&read)) return *failed;
  result.head = std::get<SignedHead>(read);
  return result;
}

}  // namespace ringfence
