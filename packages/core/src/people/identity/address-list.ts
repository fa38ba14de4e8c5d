/** The address in `Name <address>`, or the text itself. */
export function addressOf(text: string): string {
  const from = text.lastIndexOf("<");
  const to = text.indexOf(">", from);
  return (from >= 0 && to > from ? text.slice(from + 1, to) : text).trim();
}

/**
 * Returns the addresses of a pasted list or CSV file, in order. Splits at lines, commas, semicolons and tabs, but not
 * inside quotation marks or angle brackets, and at spaces between addresses. Drops headings and cells without an @
 * beside one that has it. Keeps a line without any address as one, so that the caller can refuse it.
 */
export function readAddresses(text: string): string[] {
  const found: string[] = [];
  for (const [index, line] of text
    .replaceAll("\u{feff}", "")
    .split(/[\r\n]/)
    .entries()) {
    const cells = cellsOf(line).filter(Boolean);
    const addresses = cells.filter((cell) => cell.includes("@"));
    if (addresses.length > 0) found.push(...addresses.flatMap(apart));
    else if (cells.length > 0 && !(index === 0 && isHeading(cells))) found.push(cells.join(", "));
  }
  return found;
}

/** Several addresses with nothing but spaces between them; anything else is one. */
function apart(cell: string): string[] {
  const words = cell.split(/\s+/);
  return words.every((word) => /^[^<>"@]*@[^<>"]*$/.test(word)) ? words : [cell];
}

const headings = new Set(["email", "e-mail", "mail", "address", "e-mail address", "email address"]);
const isHeading = (cells: readonly string[]): boolean => cells.some((cell) => headings.has(cell.toLowerCase()));

function cellsOf(line: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let isBracketed = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "<") isBracketed = true;
    else if (!isQuoted && character === ">") isBracketed = false;
    if (!isQuoted && !isBracketed && /[,;\t]/.test(character)) {
      cells.push(unquoted(cell));
      cell = "";
    } else cell += character;
  }
  return [...cells, unquoted(cell)];
}

/** A CSV cell without its quotation marks; those of a name before an address stay, because only the address counts. */
const unquoted = (cell: string): string => {
  const text = cell.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).trim() : text;
};
