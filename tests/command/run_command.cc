// SPDX-License-Identifier: Apache-2.0
// See run_command.h.
#include "tests/command/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

namespace command_test {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "ringfence-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::permissions(path_, fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, std::string_view bytes) const {
  std::ofstream(path_ + "/" + name, std::ios::binary) << bytes;
}

std::string Folder::read(const std::string& name) const {
  std::ifstream file(path_ + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Folder::count() const { return static_cast<int>(std::distance(fs::directory_iterator(path_), {})); }

Ran Folder::run(const std::string& arguments, std::string_view input, const std::string& out_path) const {
  const Folder kept;
  kept.write("in", input);
  const std::string out = out_path.empty() ? kept.path() + "/out" : out_path;
  const std::string line = "cd '" + path_ + "' && '" RINGFENCE_COMMAND "' " + arguments + " <'" + kept.path() + "/in' >'" + out + "' 2>'" +
                           kept.path() + "/err'";
  const int status = std::system(line.c_str());
  Ran ran;
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (out_path.empty()) ran.out = kept.read("out");
  ran.err = kept.read("err");
  return ran;
}

FullDevice::FullDevice() {
  if (fs::is_character_file("/dev/full")) {
    path_ = "/dev/full";
    return;
  }
  for (const fs::path& folder : {fs::temp_directory_path(), fs::path("/dev/shm")}) {
    const std::string made = (folder / ("ringfence-full-" + std::to_string(::getpid()))).string();
    const bool is_full = ::mknod(made.c_str(), S_IFCHR | 0600, makedev(1, 7)) == 0 && [&] {
      std::ofstream file(made);
      return file.is_open() && !(file << "x").flush();
    }();
    if (is_full) {
      made_ = path_ = made;
      return;
    }
    fs::remove(made);
  }
}

FullDevice::~FullDevice() {
  std::error_code ignored;
  if (!made_.empty()) fs::remove(made_, ignored);
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t i = text.find(part); i != std::string_view::npos; i = text.find(part, i + part.size())) ++count;
  return count;
}

const char* const kPolicy = R"(policy "Small" version "1"
asset USDC decimals 2
role trader, risk_engine, treasurer
purpose deposit, allocate, release, fee, withdraw
evidence receipt
entity Client many
entity Position many
entity House
external Client.bank
bucket Client.wallet
bucket Client.margin[Position]
bucket House.fees
fact maintenance of Client.margin : amount of USDC, fresh within 10 s
fact fee_rate : ratio
mode of Client.margin : normal, called
  normal -> called by risk_engine when balance(Client.margin in USDC) < maintenance cite "margin call"  called -> normal by risk_engine
segregate each Position
segregate Client from House
allow deposit Client.bank -> Client.wallet by trader requires evidence receipt
allow allocate Client.wallet -> Client.margin by trader passing title
allow release Client.margin -> Client.wallet by trader passing title
  when mode is normal and balance(from) - amount >= maintenance
  cite "excess margin only" because "the rest is needed" notify treasurer
allow fee Client.wallet -> House.fees by risk_engine passing title when fee_rate <= 25% and amount <= 10% of balance(from)
allow withdraw Client.wallet -> Client.bank by trader when amount <= 50 USDC or approved by 2 of treasurer
deny withdraw Client.wallet -> Client.bank by trader when amount > 1_000 USDC because "never so much"
limit withdraw per Client 60 USDC per day
  unless approved by risk_engine
scenario "only what is not needed"
  given Client.wallet of alice holds 100 USDC
  allocate 60 USDC from Client.wallet of alice to Client.margin of alice, p1 by trader -> allowed
  with maintenance of alice, p1 = 50 USDC
  release 20 USDC from Client.margin of alice, p1 to Client.wallet of alice by trader -> denied by condition
  release 10 USDC from Client.margin of alice, p1 to Client.wallet of alice by trader -> allowed
)";

}  // namespace command_test
