// SPDX-License-Identifier: Apache-2.0
// What the peers of Node.js have in common: the rules and transfers that `decision_bench --export` wrote, the check that a peer decides them as we do, and the time that it takes.
// A peer is an object { name, load(rules) } whose load gives, or promises, a function from a transfer to allowed or not, which may be a promise too.
// node NAME.mjs FOLDER prints a line of JSON for each number of rules.
import { readFileSync } from 'node:fs';

const warm = 1, seconds = 2, repetitions = 5;

export const roles = (rule) => [0, 1, 2, 3].filter((role) => (rule.roles >> role) & 1);
export const keyOf = (each, role) => `${each.from}.${each.to}.${each.purpose}.${role}.${each.asset}.${each.other ? 1 : 0}`;
/// An external has all funds.
export const balanceOf = (external, transfer) => (external[transfer.from] ? Number.MAX_SAFE_INTEGER : transfer.balance);

const elapsed = (start) => Number(process.hrtime.bigint() - start);

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/// Nanoseconds a decision, as if each chunk had taken the median of all.
async function run(decide, transfers, chunk) {
  const times = [];
  for (let i = 0; i < transfers.length; i += chunk) {
    const end = Math.min(i + chunk, transfers.length), start = process.hrtime.bigint();
    for (let at = i; at < end; ++at) {
      const allowed = decide(transfers[at]);
      transfers[at].said = allowed instanceof Promise ? await allowed : allowed;
    }
    times.push(elapsed(start) / (end - i));
  }
  return median(times);
}

function check(name, rules, transfers) {
  const wrong = transfers.findIndex((transfer) => transfer.said !== transfer.allowed);
  if (wrong === -1) return;
  console.error(`${name} decides transfer ${wrong} of ${rules} rules otherwise than ours: ${JSON.stringify(transfers[wrong])}`);
  process.exit(3);
}

export async function measure(peer) {
  const folder = process.argv[2];
  for (const count of [12, 100, 1000, 10000]) {
    const { rules, external } = JSON.parse(readFileSync(`${folder}/rules-${count}.json`));
    const all = JSON.parse(readFileSync(`${folder}/transfers-${count}.json`));
    for (const transfer of all) transfer.balance = balanceOf(external, transfer);
    const decide = await peer.load(rules);
    for (const start = process.hrtime.bigint(); elapsed(start) < warm * 1e9; ) await run(decide, all.slice(0, 20), 20);
    const each = await run(decide, all.slice(0, 50), 5);
    const chunk = Math.max(1, Math.min(100, Math.floor(1e6 / each)));
    const transfers = all.slice(0, Math.min(all.length, Math.max(50, Math.floor((seconds * 1e9) / repetitions / each))));
    const times = [];
    for (let i = 0; i < repetitions; ++i) times.push(await run(decide, transfers, chunk));
    check(peer.name, count, transfers);
    console.log(JSON.stringify({ name: peer.name, rules: count, decisions: transfers.length, ns: median(times) }));
  }
}
