// SPDX-License-Identifier: Apache-2.0
// casbin: a policy line for each rule and role, one matcher, a deny over every allow.
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { keyOf, measure, roles } from './common.mjs';

const model = `
[request_definition]
r = key, amount, approvals, balance
[policy_definition]
p = key, least, most, needed, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.key == p.key && r.amount >= p.least && (r.amount <= p.most || r.approvals >= p.needed) && r.amount <= r.balance
`;

await measure({
  name: 'casbin',
  async load(rules) {
    const lines = rules.flatMap((rule) => roles(rule).map((role) => `p, k${keyOf(rule, role)}, ${rule.least}, ${rule.most}, ${rule.approvals || 99}, ${rule.allows ? 'allow' : 'deny'}`));
    const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(lines.join('\n')));
    return (transfer) => enforcer.enforceSync(`k${keyOf(transfer, transfer.role)}`, transfer.amount, transfer.approvals, transfer.balance);
  },
});
