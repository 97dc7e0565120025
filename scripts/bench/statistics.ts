/** The value below which the given part of the samples lies (nearest rank). */
export const percentile = (samples: readonly number[], part: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
  if (value === undefined) throw new Error('There are no samples.');
  return value;
};

/** The middle sample, or the mean of the two in the middle. */
export const median = (samples: readonly number[]): number =>
  (percentile(samples, 0.5) + percentile(samples, (samples.length + 1) / (2 * samples.length))) / 2;
