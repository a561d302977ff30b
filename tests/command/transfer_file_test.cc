// SPDX-License-Identifier: Apache-2.0
// Transfer files as the gate reads them: JSON Lines and CSV, good records, and every kind of bad line.
#include <catch2/catch.hpp>

#include <string>

#include "tests/command/run_command.h"

using namespace command_test;

namespace {

const std::string kDeposit = R"({"id":"t1","purpose":"deposit","from":"Client.bank of alice","to":"Client.wallet of alice","amount":"60 USDC","by":"trader","evidence":["receipt"],"time":"2026-01-05T09:30:00Z"})";

Ran gate(const std::string& transfers, const std::string& name = "t.jsonl", const std::string& more = "") {
  const Folder folder;
  folder.write("p.rf", kPolicy);
  folder.write(name, transfers);
  return folder.run("gate p.rf " + name + more);
}

std::string with(const std::string& field, const std::string& value) {   // kDeposit with one field's JSON replaced
  std::string text = kDeposit;
  const std::size_t begin = text.find("\"" + field + "\":") + field.size() + 3;
  std::size_t end = begin;
  for (int depth = 0; end < text.size() && !(depth == 0 && (text[end] == ',' || text[end] == '}')); ++end) depth += (text[end] == '[') - (text[end] == ']');
  return text.replace(begin, end - begin, value);
}

}  // namespace

TEST_CASE("a good record is decided") {
  const Ran ran = gate(kDeposit);
  CHECK(ran.code == 0);
  CHECK(ran.out == "t1  allowed  line 19: allow deposit Client.bank -> Client.wallet by trader requires evidence receipt\n");
  CHECK(ran.err == "1 allowed, 0 denied\n");
}

TEST_CASE("a bad line is reported with its number and skipped; the rest goes on") {
  struct Case { std::string line, says; };
  const Case cases[] = {
      {kDeposit.substr(0, 60), "not JSON at column"},
      {"[1,2]", "a record is an object"},
      {"7", "a record is an object"},
      {with("id", "\"a b\""), "`id` is no id"},
      {with("id", "7"), "`id` must be a text"},
      {with("id", "\"\""), "`id` is empty"},
      {with("amount", "60"), "`amount` must be a text"},
      {with("amount", "\"60\""), "`amount` must be a number and an asset"},
      {with("amount", "\"sixty USDC\""), "is no amount"},
      {with("amount", "\"1e3 USDC\""), "is no amount"},
      {with("amount", "\"0.001 USDC\""), "finer than its 2 decimals"},
      {with("amount", "\"999999999999999999999999999999999999 USDC\""), "no amount that can be held"},
      {with("from", "\"Client.bank for alice\""), "`from` must be like"},
      {with("from", "\"Client.bank of alice,\""), "`from` must be like"},
      {with("time", "\"2026-02-30T09:30:00Z\""), "`time` must be an instant"},
      {with("time", "\"2026-01-05 09:30\""), "`time` must be an instant"},
      {with("evidence", "\"receipt\""), "`evidence` must be a list"},
      {kDeposit.substr(0, kDeposit.size() - 1) + R"(,"form":"x"})", "there is no field `form` here; did you mean `from`?"},
      {kDeposit.substr(0, kDeposit.size() - 1) + R"(,"id":"t2"})", "`id` is given twice"},
      {kDeposit.substr(0, kDeposit.size() - 1) + R"(,"expect":"alowed"})", "did you mean `allowed`?"},
      {kDeposit.substr(0, kDeposit.size() - 1) + R"(,"approvals":[{"person":"bob"}]})", "there is no `roles`"},
      {R"({"batch":"b","transfers":[]})", "`transfers` must be a list of at least one"},
      {R"({"batch":"b","transfers":[)" + with("amount", "7") + "]}", "transfer 1 of batch `b`: `amount` must be a text"},
      {R"({"fact":"maintenanse","of":["alice","p1"],"value":"1 USDC","time":"2026-01-05T09:30:00Z"})", "there is no fact `maintenanse`; did you mean `maintenance`?"},
      {R"({"fact":"maintenance","of":["alice"],"value":"1 USDC","time":"2026-01-05T09:30:00Z"})", "`maintenance` has 2 keys, and 1 id is given"},
      {R"({"fact":"maintenance","of":["alice","p1"],"value":"1 EUR","time":"2026-01-05T09:30:00Z"})", "must be an amount of USDC"},
      {R"({"fact":"fee_rate","value":"many","time":"2026-01-05T09:30:00Z"})", "must be a percentage"},
      {R"({"fact":"fee_rate","value":0.25,"time":"2026-01-05T09:30:00Z"})", "`value` must be a text"},
      {R"({"holds":"Client.bank of alice","amount":"1 USDC"})", "is an external"},
      {R"({"holds":"Client.wallet of alice","amount":"-1 USDC"})", "may not overdraw"},
      {R"({"mode":"Client.margin of alice, p1","is":"clled"})", "there is no mode `clled`; did you mean `called`?"},
      {"\xFF\xFE", "not UTF-8 at byte 1"},
      {"{\"id\":\"\xC3\x28\"}", "not UTF-8 at byte 8"},
      {std::string(100, '{') , "not JSON"},
      {"{\"a\":" + std::string(50, '[') + std::string(50, ']') + "}", "nested too deeply"},
      {std::string(70'000, 'x'), "longer than 65536 bytes"},
      {std::string("{\0}", 3), "not JSON"},
  };
  for (const Case& each : cases) {
    const Ran ran = gate("\n" + each.line + "\n" + kDeposit + "\n");
    INFO(each.line.substr(0, 200) << "\n" << ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.err.find("line 2: ") == 0);
    CHECK(ran.err.find(each.says) != std::string::npos);
    CHECK(ran.err.find("1 allowed, 0 denied, 1 line skipped\n") != std::string::npos);
    CHECK(count_of(ran.out, "\n") == 1);
  }
}

TEST_CASE("a line of just the limit is read") {
  const std::string padded = kDeposit + std::string((64u << 10) - kDeposit.size(), ' ');
  CHECK(gate(padded).err == "1 allowed, 0 denied\n");
  CHECK(gate(padded + " ").code == 3);
}

TEST_CASE("line ends and a byte order mark do not matter") {
  CHECK(gate("\xEF\xBB\xBF" + kDeposit + "\r\n\r\n").err == "1 allowed, 0 denied\n");
  CHECK(gate("").code == 0);
  CHECK(gate("").err == "0 allowed, 0 denied\n");
}

TEST_CASE("unknown names and ids that do not fit are denials") {
  CHECK(gate(with("purpose", "\"deposti\"")).out ==
        "t1  denied   a name in the transfer is not one that the policy declares: there is no purpose `deposti` (did you mean `deposit`?)\n");
  CHECK(gate(with("amount", "\"60 USDT\"")).out.find("there is no asset `USDT` (did you mean `USDC`?)") != std::string::npos);
  CHECK(gate(with("evidence", "[\"receit\"]")).out.find("there is no evidence `receit`") != std::string::npos);
  CHECK(gate(with("to", "\"Client.wallet\"")).out.find("Client.wallet takes an id for each of Client, 0 given") != std::string::npos);
  CHECK(gate(with("to", "\"Client.wallet of a, b, c, d, e, f\"")).out.find("denied") != std::string::npos);
  CHECK(gate(with("amount", "\"0 USDC\"")).out.find("the amount is not between 1 and 2^96-1 minor units") != std::string::npos);
}

TEST_CASE("two unknown names under one id are other content") {
  const Ran ran = gate(with("purpose", "\"nothing\"") + "\n" + with("purpose", "\"something\"") + "\n" + with("purpose", "\"nothing\"") + "\n");
  CHECK(ran.out.find("[answered before]") != std::string::npos);
  CHECK(count_of(ran.out, "t1  error") == 1);
}

TEST_CASE("nothing that a file says reaches the terminal raw") {
  const Ran ran = gate(with("purpose", R"("\u001b[31mred")") + "\n{\"\x1b[31m\":1}\n");
  CHECK(ran.out.find('\x1b') == std::string::npos);
  CHECK(ran.err.find('\x1b') == std::string::npos);
}

TEST_CASE("CSV says the same as JSON Lines") {
  const std::string csv =
      "id,purpose,from,to,amount,by,person,approvals,evidence,time,expect,batch,fact,of,value,holds,change\n"
      ",,,,100 USDC,,,,,,,,,,,Client.wallet of alice,\n"
      "t1,deposit,Client.bank of alice,Client.wallet of alice,60 USDC,trader,alice,,receipt,2026-01-05T09:30:00Z,allowed,,,,,,\n"
      "t2,withdraw,Client.wallet of alice,Client.bank of alice,60 USDC,trader,alice,bob:treasurer;eve:risk_engine+treasurer,,2026-01-05T09:30:00Z,allowed,,,,,,\n"
      ",,,,,,,,,2026-01-05T09:31:00Z,,,maintenance,alice;p1,20 USDC,,\n"
      "t3,allocate,Client.wallet of alice,\"Client.margin of alice, p1\",30 USDC,trader,,,,2026-01-05T09:31:00Z,,b1,,,,,\n"
      "t4,release,\"Client.margin of alice, p1\",Client.wallet of alice,11 USDC,trader,,,,2026-01-05T09:31:00Z,condition,b1,,,,,\n"
      "m1,,,called,,risk_engine,,,,2026-01-05T09:31:00Z,allowed,,,,,,\"Client.margin of alice, p1\"\n";
  const Ran ran = gate(csv, "t.csv");
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  CHECK(ran.out.find("b1/t3  denied   another transfer of the same batch was denied") != std::string::npos);
  CHECK(ran.out.find("b1/t4  denied   line 21") != std::string::npos);
  CHECK(ran.err == "3 allowed, 2 denied\n");
}

TEST_CASE("a CSV batch with a bad row is left out whole") {
  const std::string row = ",allocate,Client.wallet of alice,\"Client.margin of alice, p1\",";
  const std::string csv = "id,purpose,from,to,amount,by,time,batch,holds\n,,,,100 USDC,,,,Client.wallet of alice\n"
                          "t1" + row + "30 USDC,trader,2026-01-05T09:31:00Z,b1,\n"
                          "t2" + row + "thirty,trader,2026-01-05T09:31:00Z,b1,\n"
                          "t3" + row + "30 USDC,trader,2026-01-05T09:31:00Z,b1,\n"
                          "t4" + row + "30 USDC,trader,2026-01-05T09:31:00Z,,\n";
  const Ran ran = gate(csv, "t.csv");
  INFO(ran.err);
  CHECK(count_of(ran.out, "\n") == 1);
  CHECK(ran.out.find("t4  allowed") == 0);
  CHECK(ran.err.find("line 4: `amount`") != std::string::npos);
  CHECK(ran.err.find("line 3: batch `b1` is left out whole because of line 4") != std::string::npos);
}

TEST_CASE("bad CSV: rows are skipped, a bad header ends it") {
  const Ran quote = gate("id,purpose\n\"t1,deposit\nt2\n", "t.csv");
  CHECK(quote.code == 3);
  CHECK(quote.err.find("line 2: a quote is not closed") != std::string::npos);
  CHECK(quote.err.find("line 3: 1 cells, where the header has 2 columns") != std::string::npos);
  const Ran header = gate("id,porpose\n", "t.csv");
  CHECK(header.code == 3);
  CHECK(header.err.find("line 1: there is no column `porpose`; did you mean `purpose`?") != std::string::npos);
  CHECK(gate("id,id\n", "t.csv").code == 3);
}

TEST_CASE("the format is found by the first character when the name does not say") {
  CHECK(gate("\n  " + kDeposit, "transfers").err == "1 allowed, 0 denied\n");
  const Ran csv = gate("id,purpose,from,to,amount,by,evidence,time\nt1,deposit,Client.bank of alice,Client.wallet of alice,60 USDC,trader,receipt,2026-01-05T09:30:00Z\n", "transfers");
  CHECK(csv.err == "1 allowed, 0 denied\n");
}

TEST_CASE("a file of nothing but bad lines is no transfer file") {
  std::string noise;
  for (int i = 0; i < 500; ++i) noise += "\x7F" "ELF" + std::string(1, static_cast<char>(i)) + "\n";
  const Ran ran = gate(noise, "t.jsonl");
  CHECK(ran.code == 3);
  CHECK(count_of(ran.err, "; skipped") == 100);
  CHECK(ran.err.find("has no line that can be read") != std::string::npos);
}
