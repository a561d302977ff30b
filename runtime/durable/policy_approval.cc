// SPDX-License-Identifier: Apache-2.0
// See policy_approval.h.
#include "runtime/durable/policy_approval.h"

#include <algorithm>

namespace ringfence {
namespace {

constexpr std::string_view kSignedWords = "ringfence policy change 1 ", kLineWords = "ringfence approval 1 ";
constexpr std::size_t kHexBytes = 64;

std::string signed_words(const ProposedPolicy& proposed) {
  std::string words(kSignedWords);
  for (const Digest* digest : {&proposed.in_force_since, &proposed.table}) words.append(reinterpret_cast<const char*>(digest->data()), digest->size());
  return words;
}

}  // namespace

PolicyApproval approve(const SigningKey& approver, const ProposedPolicy& proposed) { return {proposed, {approver.public_key(), approver.sign(signed_words(proposed))}}; }

std::string print(const PolicyApproval& approval) {
  return std::string(kLineWords) + print_hex(approval.of.in_force_since) + " " + print_hex(approval.of.table) + " " + print_hex(approval.by.approver) + " " +
         print_hex(approval.by.signature) + "\n";
}

std::optional<PolicyApproval> parse_approval(std::string_view line) {
  constexpr std::size_t kSignature = kLineWords.size() + 3 * (kHexBytes + 1);
  if (line.size() != kSignature + 2 * kHexBytes + 1 || !line.starts_with(kLineWords) || !line.ends_with('\n')) return std::nullopt;
  PolicyApproval approval;
  std::size_t at = kLineWords.size();
  for (Digest* digest : {&approval.of.in_force_since, &approval.of.table, &approval.by.approver}) {
    const auto parsed = parse_hex(line.substr(at, kHexBytes));
    if (!parsed || line[at + kHexBytes] != ' ') return std::nullopt;
    *digest = *parsed;
    at += kHexBytes + 1;
  }
  const auto signature = parse_signature(line.substr(kSignature, 2 * kHexBytes));
  if (!signature) return std::nullopt;
  approval.by.signature = *signature;
  return approval;
}

std::optional<std::string> why_not_approvers(std::span<const PublicKey> approvers) {
  if (approvers.size() < kApproversMin || approvers.size() > kApproversMax)
    return std::to_string(approvers.size()) + " approvers: there must be " + std::to_string(kApproversMin) + " to " + std::to_string(kApproversMax);
  for (std::size_t i = 0; i < approvers.size(); ++i)
    if (std::ranges::find(approvers.first(i), approvers[i]) != approvers.begin() + static_cast<std::ptrdiff_t>(i)) return print_hex(approvers[i]) + " is an approver twice";
  return std::nullopt;
}

std::optional<std::string> why_not_approved(const ProposedPolicy& proposed, std::span<const ApproverSignature> signatures, std::span<const PublicKey> approvers) {
  if (approvers.empty()) return "the journal was begun without approvers, so its policy can't be changed";
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const auto& [approver, signature] = signatures[i];
    const auto before = signatures.first(i);
    if (std::ranges::find(approvers, approver) == approvers.end()) return print_hex(approver) + " is not among the approvers";
    if (std::ranges::any_of(before, [&](const ApproverSignature& other) { return other.approver == approver; })) return print_hex(approver) + " approves twice";
    if (!is_signed_by(signed_words(proposed), signature, approver)) return "what " + print_hex(approver) + " signed is another change";
  }
  if (signatures.size() < kApproversMin) return std::to_string(signatures.size()) + " of " + std::to_string(kApproversMin) + " approvals given";
  return std::nullopt;
}

}  // namespace ringfence
