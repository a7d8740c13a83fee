/**
 * Text that a peer sent, made fit for a message, a log or a terminal: no line breaks, no escape
 * sequences, no bidirectional controls, and never longer than `most` characters.
 */
export function printable(text: string, most = 200): string {
  const clipped = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return clipped.replaceAll(
    // Everything that is shown as nothing, or that changes how its neighbours are shown.
    /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}
