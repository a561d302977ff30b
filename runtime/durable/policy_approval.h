// SPDX-License-Identifier: Apache-2.0
// Who may change the policy of a journal, and their approvals (../journal.md). An approver signs the very bytes of a rule table and the block with
// which the policy that it replaces came into force: that block's digest stands for the journal, that policy and all that came before, so that an
// approval is of one change in one journal, once. Holds: a change is approved exactly when two or more different approvers have signed it and nobody else has.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "journal_chain.h"

namespace ringfence {

inline constexpr std::size_t kApproversMin = 2, kApproversMax = 64;

struct ProposedPolicy {
  Digest in_force_since{};   ///< of the block that brought the policy in force: the journal's first, or the last change
  Digest table{};            ///< digest_of all bytes of the table that shall be in force: its proof digest too
  bool operator==(const ProposedPolicy&) const = default;
};
struct ApproverSignature { PublicKey approver{}; Signature signature{}; };
struct PolicyApproval { ProposedPolicy of; ApproverSignature by; };

PolicyApproval approve(const SigningKey& approver, const ProposedPolicy&);
/// One line, the content of an approval's file.
std::string print(const PolicyApproval&);
std::optional<PolicyApproval> parse_approval(std::string_view line);

// Each in words that can follow a name and a colon; nothing when all is well.
/// They can't be the approvers of a journal: too few, too many, or one twice.
std::optional<std::string> why_not_approvers(std::span<const PublicKey>);
/// The signatures don't approve that policy.
std::optional<std::string> why_not_approved(const ProposedPolicy&, std::span<const ApproverSignature>, std::span<const PublicKey> approvers);

}  // namespace ringfence
