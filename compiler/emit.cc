// SPDX-License-Identifier: Apache-2.0
// Moves go in, the bytes of their rule table come out, as runtime/rule_table.md describes them. Equal moves give equal bytes, and
// decode(load(emit(moves))) == moves. The parts fill in the sections; this file lays them out behind the header.
#include "compiler/passes.h"

#include "compiler/emit_parts.h"

namespace ringfence {
namespace {

using format::Header;

template <class Record>
void append_section(const std::vector<Record>& records, format::SectionRecord& entry, std::vector<std::byte>& bytes) {
  bytes.resize((bytes.size() + format::kSectionAlignment - 1) / format::kSectionAlignment * format::kSectionAlignment);
  entry = {bytes.size(), records.size()};
  const auto content = std::as_bytes(std::span(records));
  bytes.insert(bytes.end(), content.begin(), content.end());
}

}  // namespace

std::vector<std::byte> emit(const Moves& moves) {
  Draft draft;
  Pools pools(draft);
  Header header{};
  header.magic = format::kMagic;
  header.version = format::kVersion;
  header.section_count = format::kSectionCount;
  header.source_digest = pools.text_ref(moves.source_digest);
  header.policy_name = pools.text_ref(moves.vocabulary.policy_name);
  header.policy_version = pools.text_ref(moves.vocabulary.policy_version);
  header.policy_cite = pools.text_ref(moves.vocabulary.policy_cite);
  emit_vocabulary(moves, draft, pools);
  emit_rows(moves, draft, pools);
  emit_lookup(moves, draft);

  std::vector<std::byte> bytes(sizeof(Header));
  std::size_t next = 0;
#define X(name, record) append_section(draft.name, header.sections[next++], bytes);
  RINGFENCE_TABLE_SECTIONS(X)
#undef X
  header.table_bytes = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof header);
  header.checksum = format::table_checksum(bytes.data(), bytes.size());
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace ringfence
