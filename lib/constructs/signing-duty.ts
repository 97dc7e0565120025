/** The tag of the one role that signs checkpoints of the ledger; the key denies it to whoever lacks it. */
export const signingDuty = { tag: 'orchestrator:duty', value: 'sign-checkpoints' } as const;
