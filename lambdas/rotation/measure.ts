import { type Print, putMetrics } from '../shared/metric';
import { rotationMetrics } from '../watch-credentials/contract';

import type { RotationEvent } from './rotation-event';

const { completed, failed, repeated, seconds } = rotationMetrics;

/** What an event counts as. One that is told again after a crash counts again. */
const countedAs = ({ type, attempt, begunAt, at }: RotationEvent) => {
  if (type === 'credential.rotation-begun') return attempt > 1 ? { ...repeated, value: 1 } : undefined;
  if (type === 'credential.rotation-promoted')
    return { ...seconds, value: Math.max(0, Date.parse(at) - Date.parse(begunAt)) / 1000 };
  if (type === 'credential.rotation-completed') return { ...completed, value: 1 };
  return type === 'credential.rotation-abandoned' || type === 'credential.rotation-rolled-back'
    ? { ...failed, value: 1 }
    : undefined;
};

/** Counts what a rotation came to; nothing of the credential is in it but its strategy. */
export const measureRotation = (print: Print, event: RotationEvent): void => {
  const counted = countedAs(event);
  if (counted) putMetrics(print, [counted], new Date(event.at), { Strategy: event.strategy });
};
