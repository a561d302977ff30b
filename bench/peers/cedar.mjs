// SPDX-License-Identifier: Apache-2.0
// Cedar, compiled to WebAssembly by its own project: a policy for each rule and role, parsed once.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { measure, roles } from './common.mjs';

const policyOf = (rule, role) => `${rule.allows ? 'permit' : 'forbid'}(principal == Role::"${role}", action == Action::"${rule.purpose}", resource == Pair::"${rule.from}-${rule.to}")
when { context.asset == ${rule.asset} && context.other == ${rule.other} && context.amount >= ${rule.least} && (context.amount <= ${rule.most}${rule.approvals ? ` || context.approvals >= ${rule.approvals}` : ''}) };`;

await measure({
  name: 'Cedar (WebAssembly)',
  load(rules) {
    const policies = rules.flatMap((rule) => roles(rule).map((role) => policyOf(rule, role)));
    policies.push('forbid(principal, action, resource) when { context.amount > context.balance };');
    const name = `rules${rules.length}`;
    const answer = cedar.preparsePolicySet(name, { staticPolicies: policies.join('\n') });
    if (answer.type !== 'success') throw new Error(JSON.stringify(answer).slice(0, 300));
    return ({ from, to, purpose, role, asset, other, amount, balance, approvals }) => {
      const said = cedar.statefulIsAuthorized({
        principal: { type: 'Role', id: String(role) }, action: { type: 'Action', id: String(purpose) }, resource: { type: 'Pair', id: `${from}-${to}` },
        context: { asset, other, amount, balance, approvals }, entities: [], preparsedPolicySetId: name, validateRequest: false,
      });
      if (said.type !== 'success') throw new Error(JSON.stringify(said).slice(0, 300));
      return said.response.decision === 'allow';
    };
  },
});
