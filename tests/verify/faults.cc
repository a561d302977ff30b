// SPDX-License-Identifier: Apache-2.0
// All kinds of seeded fault, and the policy that they are planted in.
#include "tests/verify/faults.h"

#include "tests/verify/fault_kinds.h"

namespace ringfence::test {

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> faults = [] {
    std::vector<Fault> all;
    for (const auto& some : {row_faults(), statement_faults(), condition_faults(), slot_faults(), transition_faults(), invariant_faults(), word_faults(), declaration_faults()})
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }();
  return faults;
}

const char* const kWorkshopPolicy = R"(policy "Workshop" version "1" cite "made up"
asset USDC decimals 2  asset EUR decimals 2
role trader, officer, cfo, clerk
purpose pay, lend, sweep
evidence slip, letter
entity Client many  entity Position many  entity House  entity Bank
external Client.bank  external Client.broker[Position]  external House.suppliers  external House.owners  external House.tax
account Bank.pool  account Bank.vault
bucket Client.wallet in Bank.pool "wallet"
bucket Client.margin[Position] in Bank.pool
bucket Client.reserve[Position] in Bank.vault
bucket House.fees in Bank.vault
bucket House.spare in Bank.vault
bucket House.advance in Bank.pool may overdraw
fact due of Client : amount of USDC from 0 to 1_000 USDC, fresh within 10 s
fact owed of Client : amount of USDC
fact orders of Client : number from -5 to 500
fact haircut of Position : ratio from 0% to 30%, fresh within 500 ms
fact consent of Client : flag
fact open_day : flag
fact until of Client : instant
fact notice of Client : duration from 1 d to 90 d
mode of Client.margin : normal, called, closed
  normal -> called by officer when balance(Client.margin in USDC) < owed and approved by cfo cite "call" notify trader
  called -> normal by officer, cfo when due = 0
  any -> closed by cfo, trader requires evidence letter because "the end"
  closed must end within 30 d, else normal cite "lapse" notify cfo
mode of Client.reserve : full, spent, lost
  full -> spent by officer, clerk
  spent -> lost by officer
  lost must end by 18:00 on the next business day of Desk, else full because "written off"
mode of House : open, shut
  open -> shut by officer
  shut must end by 09:00 on the same business day of Desk, else open
calendar Desk in "America/New_York" closed saturday, sunday from 2026 to 2026
segregate Client from House cite "apart"
segregate each Client
segregate each Position in Client.margin
segregate Client.wallet, Client.margin from House.fees, House.advance in custody
allow pay Client.bank -> Client.wallet by trader, officer, clerk
allow pay Client.margin -> Client.wallet of USDC by trader passing title then closed of Client.margin when amount <= 3 USDC
allow pay Client.wallet -> Client.bank of USDC by trader when amount <= 100 USDC and balance after(from) >= 25% of due
allow pay Client.wallet -> Client.bank of USDC by trader
  when approved by 2 of officer, cfo and orders < 10 or consent requires evidence slip
allow pay Client.wallet -> House.fees of USDC by officer passing title when amount <= due and time between 08:00 and 18:00 and consent
allow lend Client.margin[any Position] -> other Client.margin by officer
  when mode of to is normal and balance(from) >= amount and haircut(to) <= 12.5% and 3 * orders(from) >= 2 * orders(to) + 1
allow lend Client.margin -> Client.margin[other Position] of USDC by trader, clerk passing title
  when total(Client.margin[any Position]) > 50 USDC and mode of from is normal, called and (open_day or due != 0)
allow lend Client.margin -> Client.reserve of USDC by officer passing title
  when mode of Client.reserve is not lost and total after(Bank.pool) >= 5 USDC and balance(Client.reserve in EUR) = 0
allow sweep House.advance -> House.suppliers of USDC by cfo when amount <= 10 USDC or approved by officer
allow sweep Client.reserve -> Client.broker by clerk entering spent when now >= until + notice or now < 2026-01-01T12:00:00Z and not time between 08:00 and 18:00
allow sweep House.fees -> House.owners by cfo when evidence letter and not evidence slip and now < 2030-01-01T00:00:00Z
deny pay Client.wallet -> Client.bank of USDC when orders > 400 cite "too busy" because "wait" notify cfo
deny lend any Client.margin[any Position] -> Client.margin of USDC by clerk when balance(from) < 1 USDC and balance(to) > 7 USDC
deny sweep Client.reserve -> Client.broker when now <= until because "locked"
deny pay Client.wallet -> * when owed(from) > 900 USDC
floor Client.wallet >= due + 1 USDC unless consent cite "keep"
floor Client.margin >= 5 USDC
floor House.fees >= 2 USDC
invariant balance(Client.wallet in USDC) >= due unless consent cite "covered"
invariant total(Bank.pool in USDC) >= balance(Client.margin in USDC) and balance(House.fees in EUR) < 7 EUR because "counted"
limit pay per Client 500 USDC per day unless approved by cfo
limit pay in total 9_000 USDC in any 24 h
limit lend Client.margin -> any Client.margin[any Position] per Client, Position 70 USDC in any 1 h
)";

}  // namespace ringfence::test
