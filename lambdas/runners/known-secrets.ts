/** Shorter texts are no secrets: hiding them would hide half of every page. */
const leastLength = 4;

/** The forms in which tools print one value: as it is, line by line, in JSON, in JSON inside JSON, in an address. */
const formsOf = (secret: string): string[] => {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    ...secret.split('\n'),
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret.toWellFormed()),
  ];
};

/** A number for the four characters from `at`, by which nearly every place is passed over at once. */
const hashAt = (text: string, at: number): number =>
  (text.charCodeAt(at) * 31 +
    text.charCodeAt(at + 1) * 1009 +
    text.charCodeAt(at + 2) * 9176 +
    text.charCodeAt(at + 3) * 40503) &
  0xffff;

/**
 * Replaces every occurrence of given secrets, in one pass however many they are: a plan of 5,000 resources can mark
 * as many values. Where occurrences overlap, all of them go.
 */
export const makeSecretReplacer = (
  secrets: Iterable<string>,
  replacement: string,
): ((text: string) => string) => {
  const forms = new Set<string>();
  for (const secret of new Set(secrets))
    for (const form of formsOf(secret)) if (form.trim().length >= leastLength) forms.add(form);
  if (forms.size === 0) return (text) => text;

  const begins = new Uint8Array(0x10000);
  const byBeginning = new Map<string, string[]>();
  for (const form of [...forms].sort((a, b) => b.length - a.length)) {
    begins[hashAt(form, 0)] = 1;
    const beginning = form.slice(0, leastLength);
    const same = byBeginning.get(beginning);
    if (same) same.push(form);
    else byBeginning.set(beginning, [form]);
  }
  const longestAt = (text: string, at: number): number =>
    byBeginning.get(text.slice(at, at + leastLength))?.find((form) => text.startsWith(form, at))?.length ?? 0;

  return (text) => {
    let clean = '';
    let kept = 0;
    let [start, end] = [-1, -1];
    for (let at = 0; at + leastLength <= text.length; at++) {
      if (begins[hashAt(text, at)] === 0) continue;
      const length = longestAt(text, at);
      if (length === 0) continue;
      if (at > end) {
        if (end > 0) {
          clean += text.slice(kept, start) + replacement;
          kept = end;
        }
        start = at;
      }
      end = Math.max(end, at + length);
    }
    return end < 0 ? text : clean + text.slice(kept, start) + replacement + text.slice(end);
  };
};
