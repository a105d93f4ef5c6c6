/** Owns splitting Python source into coloured spans, line by line. A reader's aid: it never fails, at worst it is plain. */

export type TokenKind = "keyword" | "string" | "number" | "comment" | "name" | "builtin" | "definition";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global " +
    "if import in is lambda match case nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

const BUILTINS = new Set(
  (
    "abs all any bool dict enumerate filter float frozenset input int isinstance iter len list map max min next print " +
    "range reversed round set sorted str sum super tuple type zip"
  ).split(" "),
);

const PATTERN =
  /([rbfuRBFU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))|(#[^\n]*)|(\b\d[\w.]*)|([^\W\d]\w*)|([\s\S])/gu;

/** The lines of a source as tokens. */
export function highlight(source: string): Token[][] {
  const lines: Token[][] = [[]];
  let definition = false;
  let attribute = false;
  const push = (kind: TokenKind, text: string) => {
    text.split("\n").forEach((part, i) => {
      if (i > 0) lines.push([]);
      const line = lines[lines.length - 1] as Token[];
      const last = line[line.length - 1];
      if (!part) return;
      if (last?.kind === kind && kind === "name") line[line.length - 1] = { kind, text: last.text + part };
      else line.push({ kind, text: part });
    });
  };
  for (const [text, string, comment, number, word] of source.matchAll(PATTERN)) {
    if (string) push("string", text);
    else if (comment) push("comment", text);
    else if (number) push("number", text);
    else if (word) push(definition ? "definition" : attribute ? "name" : wordKind(word), text);
    else push("name", text);
    if (text.trim()) {
      definition = word === "def" || word === "class";
      attribute = text === ".";
    }
  }
  return lines;
}

function wordKind(word: string): TokenKind {
  return KEYWORDS.has(word) ? "keyword" : BUILTINS.has(word) ? "builtin" : "name";
}

/** Cuts a line's tokens at two columns (in characters), so that what lies between can be marked. */
export function cutTokens(tokens: readonly Token[], from: number, to: number): [Token[], Token[], Token[]] {
  const parts: [Token[], Token[], Token[]] = [[], [], []];
  let at = 0;
  for (const { kind, text } of tokens) {
    const characters = Array.from(text);
    const bounds = [0, from - at, to - at, characters.length].map((n) =>
      Math.min(Math.max(n, 0), characters.length),
    );
    for (const part of [0, 1, 2] as const) {
      const piece = characters.slice(bounds[part], bounds[part + 1]).join("");
      if (piece) parts[part].push({ kind, text: piece });
    }
    at += characters.length;
  }
  return parts;
}
