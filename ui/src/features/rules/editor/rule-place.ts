/** Where in a rule's text a position is, as far as an editor has to know. */
export interface Place {
  /** The key of the document that the position belongs to; "" before the first. */
  field: string;
  /** Whether a key of the document may stand here, not a value. */
  key: boolean;
  /** Whether the message's braces are open: what stands in them is an expression. */
  braces: boolean;
}

const keyLine = /^([a-z_]+)\s*:/;

/** The place of a column of a line; both count from 0. */
export function placeAt(lines: string[], line: number, column: number): Place {
  const before = lines[line].slice(0, column);
  const own = keyLine.exec(before);
  let field = own?.[1] ?? "";
  for (let at = line - 1; field === "" && at >= 0 && !/^[a-z_]*$/.test(before); at--) {
    field = keyLine.exec(lines[at])?.[1] ?? "";
  }
  return {
    field,
    key: field === "" && /^[a-z_]*$/.test(before),
    braces: before.lastIndexOf("{{") > before.lastIndexOf("}}"),
  };
}

/** Whether an expression stands at the place: in `when`, and in the braces of the message. */
export function isExpression({ field, braces }: Place): boolean {
  return field === "when" || (field === "message" && braces);
}
