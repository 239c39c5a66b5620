/** What a cell holds: SQL's NULL, a number or a text. */
export type Value = string | number | null;

/** Turns what JSON brought into a cell's value. */
export function toValue(raw: unknown): Value {
  if (raw === null || raw === undefined) return null;
  if (typeof raw === "number" || typeof raw === "string") return raw;
  if (typeof raw === "boolean") return raw ? 1 : 0;
  return JSON.stringify(raw);
}

/** A cell as text; NULL is empty. */
export function textOf(value: Value): string {
  return value === null ? "" : String(value);
}

const firstCapacity = 256;

/** One column: each different value once, and per row the number of its value. Sorting and filtering look at values, not rows. */
export class Column {
  readonly values: Value[] = [];
  private ids = new Uint32Array(firstCapacity);
  private readonly idOf = new Map<Value, number>();

  /** The value numbers of the first `length` rows. */
  idsOf(length: number): Uint32Array {
    return this.ids.subarray(0, length);
  }

  value(row: number): Value {
    return this.values[this.ids[row]];
  }

  id(row: number): number {
    return this.ids[row];
  }

  /** Takes over rows that another column encoded: values new to this one, and per row the number of its value. */
  append(from: number, values: Value[], ids: Uint32Array): void {
    for (const value of values) {
      const id = this.values.push(value) - 1;
      this.idOf.set(value, id);
    }
    ids.forEach((id, index) => {
      this.setId(from + index, id);
    });
  }

  set(row: number, value: Value): void {
    let id = this.idOf.get(value);
    if (id === undefined) {
      id = this.values.push(value) - 1;
      this.idOf.set(value, id);
    }
    this.setId(row, id);
  }

  private setId(row: number, id: number): void {
    if (row >= this.ids.length) {
      const larger = new Uint32Array(Math.max(row + 1, this.ids.length * 2));
      larger.set(this.ids);
      this.ids = larger;
    }
    this.ids[row] = id;
  }
}

/** Rows kept as columns. Rows are only ever added. */
export class ColumnStore {
  readonly columns = new Map<string, Column>();
  length = 0;

  get names(): string[] {
    return [...this.columns.keys()];
  }

  column(name: string): Column {
    const known = this.columns.get(name);
    if (known) return known;
    const column = new Column();
    for (let row = 0; row < this.length; row++) column.set(row, null);
    this.columns.set(name, column);
    return column;
  }

  /** Adds rows whose cells stand in the order of `names`; columns that they lack are NULL in them. */
  append(names: string[], rows: Value[][]): void {
    const given = names.map((name) => this.column(name));
    const absent = [...this.columns].filter(([name]) => !names.includes(name)).map(([, column]) => column);
    for (const cells of rows) {
      const row = this.length++;
      given.forEach((column, index) => {
        column.set(row, cells[index] ?? null);
      });
      for (const column of absent) column.set(row, null);
    }
  }

  /** Sets a whole column that another store encoded. */
  replace(name: string, values: Value[], ids: Uint32Array): void {
    const column = new Column();
    column.append(0, values, ids);
    this.columns.set(name, column);
  }

  value(name: string, row: number): Value {
    return this.columns.get(name)?.value(row) ?? null;
  }
}
