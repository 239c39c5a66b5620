import { ColumnStore, type Value } from "./column-store";

/** Items as columns: what a list page sorts and filters by. */
export function storeOf<Item>(items: Item[], fields: Record<string, (item: Item) => Value>): ColumnStore {
  const store = new ColumnStore();
  const names = Object.keys(fields);
  for (const name of names) store.column(name);
  store.append(
    names,
    items.map((item) => names.map((name) => fields[name](item))),
  );
  return store;
}
