/**
 * Text that cannot draw anything but itself: control characters (ANSI escapes and line breaks among them),
 * bidirectional overrides, zero-width, private-use and half characters become `�`; longer text is cut and says so.
 *
 * @param limit characters kept
 */
export const plainText = (text: string, limit: number): string => {
  const clean = text.normalize('NFC').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '\ufffd');
  if (clean.length <= limit) return clean;
  const kept = clean.slice(0, limit).replace(/\p{Cs}$/u, '');
  return `${kept}… (${clean.length - kept.length} more characters)`;
};

/** Text of several lines: each line is cleaned by itself, so that no line can draw another. */
export const plainLines = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => plainText(line.replaceAll('\t', '  '), 4096))
    .join('\n');
