/** A mistake of a rule's text; line and column count from 1, and are 1 where the server names no place. */
export interface Problem {
  line: number;
  column: number;
  message: string;
}

const placed = /^[\w.-]+\.yaml:(\d+):(\d+): (.*)$/;

/** The mistakes that the server tells, one a line: `name.yaml:6:11: unknown name rowz`. A line without a place goes on with the one before. */
export function problemsOf(error: string): Problem[] {
  const problems: Problem[] = [];
  for (const line of error.split("\n")) {
    const found = placed.exec(line);
    const last = problems.at(-1);
    if (found) problems.push({ line: Number(found[1]), column: Number(found[2]), message: found[3] });
    else if (last) last.message += `\n${line}`;
    else if (line.trim() !== "") problems.push({ line: 1, column: 1, message: line });
  }
  return problems;
}
