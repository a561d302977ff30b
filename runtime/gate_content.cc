// SPDX-License-Identifier: Apache-2.0
// See gate_content.h. Each content starts with a letter for its kind; every part ends where its own bytes say.
#include "runtime/gate_content.h"

#include "runtime/field_writer.h"

namespace ringfence {

void put_content(std::string& out, const GateTransfer& submitted) {
  FieldWriter fields(out);
  fields.byte('T');
  fields.transfer(submitted);
}

void put_content(std::string& out, const GateModeChange& submitted) {
  FieldWriter fields(out);
  fields.byte('M');
  fields.instance(submitted.change.subject);
  fields.index(submitted.change.to_mode);
  fields.authority(submitted.change.authority);
  fields.approvals(submitted.approvals);
  fields.flush();
}

void put_content(std::string& out, std::span<const GateTransfer> legs) {
  FieldWriter fields(out);
  fields.byte('B');
  fields.number(std::uint64_t{legs.size()});
  for (const GateTransfer& leg : legs) {
    fields.text(leg.id);
    fields.transfer(leg);
  }
  fields.flush();
}

void put_content_of_leg(std::string& out, std::string_view batch_id, std::size_t position) {
  FieldWriter fields(out);
  fields.byte('L');
  fields.text(batch_id);
  fields.number(std::uint64_t{position});
  fields.flush();
}

}  // namespace ringfence
