// SPDX-License-Identifier: Apache-2.0
// `proof_bench [SPACER_SECONDS]`: what a proof costs as policies grow, beside raw Spacer on the same one-unit system, in one run. Each figure
// is the median of several runs; the verifier's is of `verify` as a whole: decode, search, certificate, and Z3's check of the certificate.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>

#include <fmt/format.h>
#include <sys/resource.h>

#include "bench/scale_policy.h"
#include "bench/spacer_baseline.h"
#include "compiler/passes.h"
#include "verify/verify.h"

namespace ringfence::bench {
namespace {

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Compared { RuleTable table; Moves moves; double compile_seconds; };

Compared compiled(const std::string& text) {
  std::optional<Compiled> made;
  const double taken = seconds([&] {
    Passed<Compiled> passed = compile(text);
    if (!passed.artefact) {
      fmt::print(stderr, "{}", render(passed.diagnostics, "scale.rf", text).substr(0, 2'000));
      std::exit(3);
    }
    made = std::move(passed.artefact);
  });
  auto loaded = RuleTable::load(std::move(made->table));
  if (!std::holds_alternative<RuleTable>(loaded)) std::exit(3);
  return {std::move(std::get<RuleTable>(loaded)), std::move(made->moves), taken};
}

std::size_t peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) / 1024;
}

/// Stops the benchmark when a fence is not proved. (Rules drawn at random need not all be able to decide.)
void require_proved(const Verdict& verdict) {
  if (std::any_of(verdict.fences.begin(), verdict.fences.end(), [](const FenceVerdict& fence) { return fence.answer != Answer::Proved; })) {
    for (const FenceVerdict& fence : verdict.fences) fmt::print(stderr, "fence {}: {} {}\n", fence.fence + 1, answer_word(fence.answer), fence.reason);
    std::exit(1);
  }
}

struct Reproof { double from_nothing, with_memory; std::size_t found, answered; };

/// The changed table from nothing, and, in turn, with a memory that has seen the proof of the table before and nothing else.
Reproof prove_again(const RuleTable& before, const RuleTable& changed, int runs) {
  std::vector<double> from_nothing, with_memory;
  Reproof made{};
  for (int i = 0; i < runs; ++i) {
    ProofMemory memory;
    VerifyOptions how;
    how.memory = &memory;
    verify(before, how);
    Verdict again, whole;
    with_memory.push_back(seconds([&] { again = verify(changed, how); }));
    from_nothing.push_back(seconds([&] { whole = verify(changed); }));
    require_proved(again);
    for (std::size_t fence = 0; fence < whole.fences.size(); ++fence)
      if (again.fences[fence].certificate != whole.fences[fence].certificate) std::exit(1);
    made.found = memory.obligations_found();
    made.answered = memory.obligations_answered();
  }
  made.from_nothing = median(from_nothing);
  made.with_memory = median(with_memory);
  return made;
}

std::size_t certificate_bytes(const Verdict& verdict) {
  std::size_t bytes = 0;
  for (const FenceVerdict& fence : verdict.fences) bytes += fence.certificate.size();
  return bytes;
}

int run(unsigned spacer_seconds) {
  struct Size { std::size_t buckets, rules; int runs; bool beside_spacer; };
  fmt::print("{:>8} {:>8} {:>10} {:>10} {:>12} {:>10} {:>14} {:>8} {:>14} {:>14} {:>8} {:>9}\n", "buckets", "rules", "compile s", "proof s", "obligations", "cert MB", "raw Spacer s",
             "ratio", "one changed s", "from nothing s", "anew", "peak MiB");
  for (const Size& size : {Size{40, 1'000, 5, true}, Size{400, 10'000, 5, true}, Size{4'000, 100'000, 1, false}}) {
    const Compared whole = compiled(scale_policy(size.buckets, size.rules));
    Verdict verdict;
    std::vector<double> times;
    for (int i = 0; i < size.runs; ++i) times.push_back(seconds([&] { verdict = verify(whole.table); }));
    require_proved(verdict);
    const double taken = median(times);
    std::uint32_t obligations = 0;
    for (const FenceVerdict& fence : verdict.fences) obligations = std::max(obligations, fence.obligations);
    const double megabytes = static_cast<double>(certificate_bytes(verdict)) / 1e6;
    const Compared changed = compiled(scale_policy(size.buckets, size.rules + 1));
    const Reproof again = prove_again(whole.table, changed.table, size.runs);
    std::string spacer = "-", ratio = "-";
    if (size.beside_spacer && spacer_seconds > 0) {
      std::string answer;
      const std::string system = horn_system(whole.moves);
      const double spent = seconds([&] { answer = ask_spacer(system, spacer_seconds * 1'000); });
      spacer = answer == "sat" ? fmt::format("{:.1f}", spent) : fmt::format("> {:.0f} ({})", spent, answer);
      ratio = fmt::format("{}{:.0f}x", answer == "sat" ? "" : "> ", spent / taken);
    }
    fmt::print("{:>8} {:>8} {:>10.2f} {:>10.3f} {:>12} {:>10.2f} {:>14} {:>8} {:>14.3f} {:>14.3f} {:>8} {:>9}\n", size.buckets, size.rules, whole.compile_seconds, taken, obligations,
               megabytes, spacer, ratio, again.with_memory, again.from_nothing, fmt::format("{}/{}", again.answered, again.found + again.answered), peak_mib());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace ringfence::bench

int main(int argc, char** argv) { return ringfence::bench::run(argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 120); }
