/**
 * Text that cannot draw anything but itself: control characters (ANSI escapes and line breaks among them),
 * bidirectional overrides, zero-width and private-use characters become `�`; longer text is cut and says so.
 *
 * @param limit characters kept
 */
export const plainText = (text: string, limit: number): string => {
  const clean = text.normalize('NFC').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return clean.length <= limit
    ? clean
    : `${clean.slice(0, limit)}… (${clean.length - limit} more characters)`;
};
