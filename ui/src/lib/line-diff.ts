export interface DiffLine {
  sign: " " | "+" | "-";
  text: string;
  /** Line numbers before and after, from 1; null where the line is on one side only. */
  before: number | null;
  after: number | null;
}

/** Cells of the table beyond which two texts are compared as a whole: 4 million are about 16 MB. */
const largest = 4_000_000;

/** What lines were taken out and put in between two texts, by their longest common part. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = lines(before);
  const b = lines(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const middle = between(a.slice(start, a.length - tail), b.slice(start, b.length - tail));
  const signs: DiffLine["sign"][] = [
    ...new Array<" ">(start).fill(" "),
    ...middle,
    ...new Array<" ">(tail).fill(" "),
  ];
  let i = 0;
  let j = 0;
  return signs.map((sign) => {
    const text = sign === "+" ? b[j] : a[i];
    return {
      sign,
      text,
      before: sign === "+" ? null : ++i,
      after: sign === "-" ? null : ++j,
    };
  });
}

function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function between(a: string[], b: string[]): DiffLine["sign"][] {
  if (a.length * b.length > largest) {
    return [...new Array<"-">(a.length).fill("-"), ...new Array<"+">(b.length).fill("+")];
  }
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  const signs: DiffLine["sign"][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      signs.push(" ");
      i++;
      j++;
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      signs.push("-");
      i++;
    } else {
      signs.push("+");
      j++;
    }
  }
  return signs;
}
