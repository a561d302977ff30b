// SPDX-License-Identifier: Apache-2.0
// CEL says whether a rule holds; it has no rule sets, so the rules that speak of a transfer are found by a Map, and their expressions are parsed once.
import { parse } from '@marcbachmann/cel-js';
import { keyOf, measure, roles } from './common.mjs';

const expressionOf = (rule) => `amount >= ${rule.least} && (amount <= ${rule.most}${rule.approvals ? ` || approvals >= ${rule.approvals}` : ''})`;

await measure({
  name: 'CEL (rules found by a Map)',
  load(rules) {
    const found = new Map();
    for (const rule of rules) {
      for (const role of roles(rule)) {
        const key = keyOf(rule, role);
        if (!found.has(key)) found.set(key, []);
        found.get(key).push({ allows: rule.allows, holds: parse(expressionOf(rule)) });
      }
    }
    return (transfer) => {
      const there = found.get(keyOf(transfer, transfer.role));
      if (there === undefined) return false;
      const context = { amount: BigInt(transfer.amount), approvals: BigInt(transfer.approvals) };
      let allowed = false;
      for (const rule of there) {
        if (!rule.holds(context)) continue;
        if (!rule.allows) return false;
        allowed = true;
      }
      return allowed && transfer.amount <= transfer.balance;
    };
  },
});
