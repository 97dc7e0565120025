import { type Need, patience } from './life-cycle';

/** How it is for whoever uses the credential, and what to do. */
export const needWords: Readonly<Record<Need, { readonly state: string; readonly next: string }>> = {
  broken: {
    state: '✕ Nobody can sign in',
    next: 'Neither the current one nor the one before works. Follow “A lost credential” in the runbook now.',
  },
  unfit: {
    state: '⚠ Cannot be rotated',
    next: 'Correct the tags of the secret; the next run takes it up.',
  },
  'rolled-back': {
    state: '↩ Rolled back',
    next: 'Consumers have the one before, and it works. Remove the cause, then start secret-rotation.',
  },
  stuck: {
    state: '◼ Stuck',
    next: 'It did not move for longer than it may. Start secret-rotation: it goes on where this one stands.',
  },
  failed: {
    state: '✕ Last rotation failed',
    next: 'What is current still works. Remove the cause; the next run tries again.',
  },
  overdue: {
    state: '⚠ Overdue',
    next: 'Two nights passed without a rotation. Look at the last run of secret-rotation.',
  },
  storm: {
    state: '↻ Tried again and again',
    next: `More than ${patience.attempts} tries came to nothing. Remove the cause before the next one.`,
  },
};
