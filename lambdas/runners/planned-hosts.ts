import * as z from 'zod';
import { type PlannedHost, type PlanResult, plannedHost } from '../shared/contract';
import { describeIssues } from '../shared/define-step';
import { TerraformError } from '../shared/errors';
import type { PlanJson } from './plan-json';

const inventoryItem = z.object({
  name: z.string(),
  address: z.string().nullish(),
  size: z.string(),
  tags: z.record(z.string(), z.string()).nullish(),
  owner: z.string(),
  expires_at: z.string().nullish(),
});

/**
 * A module's output `inventory` as hosts.
 *
 * @throws TerraformError naming what does not fit, such as a host name that is no DNS label.
 */
export const hostsOf = (inventory: unknown): PlannedHost[] => {
  const parsed = z
    .array(inventoryItem)
    .transform((items) =>
      items.map(({ expires_at, address, tags, ...item }) => ({
        ...item,
        address: address ?? null,
        tags: tags ?? {},
        expiresAt: expires_at ?? null,
      })),
    )
    .pipe(z.array(plannedHost).max(100))
    .safeParse(inventory ?? []);
  if (!parsed.success)
    throw new TerraformError(
      `The module's output "inventory" is no list of hosts. ${describeIssues(parsed.error)}`,
    );
  const names = parsed.data.map(({ name }) => name);
  if (new Set(names).size !== names.length)
    throw new TerraformError('The module\'s output "inventory" names a host twice.');
  return parsed.data;
};

/** The hosts that a plan leads to; what is only known after the apply is `null`. */
export const plannedHosts = (plan: PlanJson): PlanResult['hosts'] => {
  const change = plan.output_changes?.inventory;
  if (!change) return [];
  const knownNames = new Set(
    (Array.isArray(change.before) ? change.before : []).map((item: { name?: unknown }) => item?.name),
  );
  if (change.after_unknown === true)
    throw new TerraformError('The module\'s output "inventory" must name its hosts before the apply.');
  return hostsOf(change.after).map((item) => ({ ...item, isNew: !knownNames.has(item.name) }));
};
