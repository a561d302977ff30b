// SPDX-License-Identifier: Apache-2.0
// A vocabulary made by hand, for tests of passes that come after `check`: buckets that share none, one or two keys, in one order
// and in the other, with and without an account, and facts and modes of each kind of subject.
#pragma once

#include "compiler/vocabulary.h"

namespace ringfence::small {

enum Entities : Index { kClient, kPosition, kHouse };
enum Accounts : Index { kMoney, kVault };
enum Buckets : Index { kWallet, kMargin, kFees, kBank, kBook, kDesk };
enum Facts : Index { kMaintenance, kFeeDue, kRate, kPrice, kConsent };
enum Machines : Index { kMarginMode, kClientMode, kSystemMode };
enum Assets : Index { kUsdc, kEur };

inline Vocabulary vocabulary() {
  Vocabulary v;
  v.policy_name = "small";
  v.policy_version = "1";
  v.assets = {{"USDC", 6, ""}, {"EUR", 2, ""}};
  v.roles = {{"trader"}, {"risk"}, {"treasurer"}};
  v.purposes = {{"allocate"}, {"withdraw"}};
  v.evidence = {{"notice"}, {"proof"}};
  v.entities = {{"Client", true}, {"Position", true}, {"House", false}};
  v.accounts = {{"House.money", kHouse, {}, ""}, {"Client.vault", kClient, {kClient}, ""}};
  v.buckets = {
      {"Client.wallet", kClient, {kClient}, false, false, kMoney, ""},
      {"Client.margin", kClient, {kClient, kPosition}, false, false, kVault, ""},
      {"House.fees", kHouse, {}, false, false, kNone, ""},
      {"Client.bank", kClient, {kClient}, true, false, kNone, ""},
      {"Position.book", kPosition, {kPosition, kClient}, false, false, kVault, ""},
      {"House.desk", kHouse, {}, false, true, kMoney, ""},
  };
  const auto of_margin = Subject{SubjectKind::Bucket, kMargin, {kClient, kPosition}};
  const auto of_client = Subject{SubjectKind::Entity, kClient, {kClient}};
  v.facts = {
      {"maintenance", of_margin, FactType::Amount, kUsdc, 0, kAmountMax, 0, ""},
      {"fee_due", of_client, FactType::Amount, kUsdc, 0, 1000, 0, ""},
      {"rate", {}, FactType::Ratio, kNone, 0, 1'000'000, 0, ""},
      {"price", {}, FactType::Number, kNone, -20, 10, 0, ""},
      {"consent", of_client, FactType::Flag, kNone, 0, 1, 0, ""},
  };
  v.machines = {{of_margin, {"normal", "called"}}, {of_client, {"open", "closed", "frozen"}}, {{}, {"up", "down"}}};
  return v;
}

}  // namespace ringfence::small
