// SPDX-License-Identifier: Apache-2.0
// One record of a transfer file: well formed, its names and amounts still text. README.md has the format. The comment beside each
// shows its JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "command/instance.h"

namespace ringfence {

struct ApprovalText { std::string person; std::vector<std::string> roles; };   // {"person":"bob","roles":["treasurer"]}

/// Who asks, what was shown, and when.
struct AuthorityText {
  std::string role;                        // "by":"trader"
  std::string person;                      // "person":"alice"; the role's name when left out
  std::vector<ApprovalText> approvals;     // "approvals":[...]
  std::vector<std::string> evidence;       // "evidence":["acknowledgement"]
  std::int64_t time_ms = 0;                // "time":"2026-01-05T09:30:00Z"
};

/// An amount, its asset not looked up: "60 USDC".
struct AmountText { std::string number, asset; };

// {"id":"t1","purpose":"deposit","from":"Client.bank of alice","to":"Client.wallet of alice","amount":"60 USDC","by":..,"time":..}
struct TransferRecord {
  std::uint32_t line = 0;
  std::string id;
  std::string purpose;
  InstanceText from, to;
  AmountText amount;
  AuthorityText authority;
  std::string expect;                      // "allowed", "denied", a reason word, "id_reused"; empty: nothing is expected
};
// {"batch":"b1","transfers":[...],"expect":"allowed"}
struct BatchRecord { std::string id; std::vector<TransferRecord> transfers; std::string expect; };
// {"id":"m1","change":"Client.margin of alice, p1","to":"called","by":"risk_engine","time":...}
struct ChangeRecord { std::string id; InstanceText subject; std::string mode; AuthorityText authority; std::string expect; };
// {"fact":"maintenance","of":["alice","p1"],"value":"50 USDC","time":...}
struct FactRecord { std::string fact; std::vector<std::string> ids; std::string value; std::int64_t time_ms = 0; };
// {"holds":"Client.wallet of alice","amount":"100 USDC"}
struct HoldsRecord { InstanceText bucket; AmountText amount; };
// {"mode":"Client.margin of alice, p1","is":"called","since":"2026-01-05T09:30:00Z"}
struct ModeRecord { InstanceText subject; std::string mode; std::optional<std::int64_t> entered_ms; };

using RecordContent = std::variant<TransferRecord, BatchRecord, ChangeRecord, FactRecord, HoldsRecord, ModeRecord>;
struct Record { std::uint32_t line = 0; RecordContent content; };
/// What is wrong with a line; it is skipped.
struct BadLine { std::uint32_t line = 0; std::string message; };

}  // namespace ringfence
