import { matchesWorkspace } from '../approval-rules/workspace-pattern';
import type { ChannelEvent, ChannelLimits, Route } from './contract';

/** An emergency or a failure: everybody is told, whatever routes say. */
export const isLoud = (event: ChannelEvent): boolean =>
  event.type === 'glass.broken' ||
  event.type === 'run.refused' ||
  event.type === 'callback.undeliverable' ||
  (event.type === 'run.ended' && event.data.outcome === 'failed');

const isOneOf = (patterns: readonly string[] | undefined, workspace: string | null): boolean =>
  !patterns || (workspace !== null && patterns.some((pattern) => matchesWorkspace(pattern, workspace)));

const fits = ({ workspaces, environments, dangers, owners }: Route['when'], event: ChannelEvent): boolean => {
  const found = 'dangers' in event.data ? (event.data.dangers ?? []) : [];
  const owner = 'owner' in event.data ? event.data.owner : null;
  return (
    isOneOf(workspaces, event.workspace) &&
    (!environments || environments.includes(event.environment)) &&
    (!dangers || dangers.some((danger) => found.includes(danger))) &&
    (!owners || (owner !== null && owners.includes(owner)))
  );
};

/** The channels that are told of an event, each once. */
export const channelsFor = (
  event: ChannelEvent,
  channels: readonly ChannelLimits[],
  routes: readonly Route[],
): string[] => {
  const routed = new Set(routes.filter(({ when }) => fits(when, event)).flatMap(({ to }) => to));
  return channels
    .filter(({ workspaces }) => isOneOf(workspaces, event.workspace))
    .filter(
      ({ name, events }) => isLoud(event) || (routed.has(name) && (!events || events.includes(event.type))),
    )
    .map(({ name }) => name);
};
