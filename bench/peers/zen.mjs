// SPDX-License-Identifier: Apache-2.0
// The Zen engine: one decision table, a row for each rule and role, two where approvals can stand in for the bound. All rows that match are collected.
import { ZenEngine } from '@gorules/zen-engine';
import { keyOf, measure, roles } from './common.mjs';

function rowsOf(rules) {
  const rows = [];
  for (const rule of rules) {
    for (const role of roles(rule)) {
      const row = { key: `"${keyOf(rule, role)}"`, amount: `[${rule.least}..${rule.most}]`, approvals: '', allows: String(rule.allows) };
      rows.push({ _id: String(rows.length), ...row });
      if (rule.approvals) rows.push({ _id: String(rows.length), ...row, amount: `>= ${rule.least}`, approvals: `>= ${rule.approvals}` });
    }
  }
  return rows;
}

await measure({
  name: 'Zen engine',
  load(rules) {
    const column = (field, name) => ({ id: field, name, field, type: 'expression' });
    const content = {
      nodes: [
        { id: 'in', name: 'in', type: 'inputNode' },
        { id: 'table', name: 'table', type: 'decisionTableNode', content: { hitPolicy: 'collect', inputs: ['key', 'amount', 'approvals'].map((field) => column(field, field)), outputs: [column('allows', 'allows')], rules: rowsOf(rules) } },
        { id: 'out', name: 'out', type: 'outputNode' },
      ],
      edges: [{ id: 'a', sourceId: 'in', targetId: 'table', type: 'edge' }, { id: 'b', sourceId: 'table', targetId: 'out', type: 'edge' }],
    };
    const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify(content)));
    return async (transfer) => {
      const { result } = await decision.evaluate({ key: keyOf(transfer, transfer.role), amount: transfer.amount, approvals: transfer.approvals });
      return result.length > 0 && result.every((row) => row.allows) && transfer.amount <= transfer.balance;
    };
  },
});
