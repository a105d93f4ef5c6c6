/**
 * Owns that text is what it looks like. A program's texts may hold characters that hide something or turn the text around
 * them (terminal colours, bidi overrides, halves of characters); these are written as Python escapes instead.
 */

/** Controls other than line end and tab, what turns or hides text, and halves of surrogate pairs. */
const HIDING = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2067\\ufeff]" +
    "|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]",
  "g",
);
/** Isolates begin with the first and end with the second; the views' own sentences use them, too. */
const ISOLATES = /[\u2068\u2069]/g;

const ESCAPES: Readonly<Record<string, string>> = { "\r": "\\r" };

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  const digits = code.toString(16);
  return (
    ESCAPES[character] ?? (code < 256 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`)
  );
}

function isBalanced(text: string): boolean {
  let open = 0;
  for (const [mark] of text.matchAll(ISOLATES)) {
    open += mark === "\u2068" ? 1 : -1;
    if (open < 0) return false;
  }
  return open === 0;
}

/** The text with everything in it to be seen. Ordinary text, in whatever script, comes back as it is. */
export function visible(text: string): string {
  const plain = text.search(HIDING) < 0 ? text : text.replaceAll("\r\n", "\n").replace(HIDING, escapeOf);
  return isBalanced(plain) ? plain : plain.replace(ISOLATES, escapeOf);
}
