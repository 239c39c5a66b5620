/** Which columns show, in their order, and how many of the first ones stay in view while the others scroll sideways. */
export interface ColumnLayout {
  ids: string[];
  pinned: number;
}

/** All columns as they are given, none pinned. */
export function defaultLayout(columns: { id: string }[]): ColumnLayout {
  return { ids: columns.map(({ id }) => id), pinned: 0 };
}

/** A layout in an address: `name,version`, with pinned columns `name|version,arch`. What names no column is dropped. */
export function parseLayout(text: string | undefined, columns: { id: string }[]): ColumnLayout | undefined {
  if (!text) return undefined;
  const known = new Set(columns.map(({ id }) => id));
  const [first, ...rest] = text.split("|").map((part) =>
    part
      .split(",")
      .map(decode)
      .filter((id) => known.delete(id)),
  );
  const others = rest.flat();
  const ids = [...first, ...others];
  if (ids.length === 0) return undefined;
  return { ids, pinned: rest.length > 0 ? first.length : 0 };
}

/** The layout's text for an address; undefined for all columns as they are given. */
export function formatLayout(
  layout: ColumnLayout | undefined,
  columns: { id: string }[],
): string | undefined {
  if (!layout) return undefined;
  const asGiven =
    columns.length === layout.ids.length && columns.every(({ id }, at) => id === layout.ids[at]);
  if (asGiven && layout.pinned === 0) return undefined;
  const ids = layout.ids.map((id) => id.replace(/[%,|]/g, encodeURIComponent));
  const pinned = ids.slice(0, layout.pinned).join(",");
  return (layout.pinned > 0 ? `${pinned}|` : "") + ids.slice(layout.pinned).join(",");
}

export function isPinned({ ids, pinned }: ColumnLayout, id: string): boolean {
  const at = ids.indexOf(id);
  return at >= 0 && at < pinned;
}

/** Shows a column as the last one, or hides it. The last column that shows stays. */
export function toggleColumn(layout: ColumnLayout, id: string, on: boolean): ColumnLayout {
  const ids = layout.ids.filter((each) => each !== id);
  if (on) return { ids: [...ids, id], pinned: layout.pinned };
  if (ids.length === 0) return layout;
  return { ids, pinned: layout.pinned - (isPinned(layout, id) ? 1 : 0) };
}

/** Pins a column behind those that are pinned already, or lets it go before those that are not. */
export function pinColumn(layout: ColumnLayout, id: string, on: boolean): ColumnLayout {
  if (isPinned(layout, id) === on) return layout;
  const ids = layout.ids.filter((each) => each !== id);
  const pinned = layout.pinned + (on ? 1 : -1);
  ids.splice(on ? layout.pinned : pinned, 0, id);
  return { ids, pinned };
}

/** Moves a column by a place; pinned columns stay among themselves, and so do the others. Undefined where it cannot go. */
export function moveColumn(layout: ColumnLayout, id: string, by: 1 | -1): ColumnLayout | undefined {
  const from = layout.ids.indexOf(id);
  const to = from + by;
  const [low, high] = isPinned(layout, id) ? [0, layout.pinned] : [layout.pinned, layout.ids.length];
  if (from < 0 || to < low || to >= high) return undefined;
  const ids = layout.ids.filter((each) => each !== id);
  ids.splice(to, 0, id);
  return { ids, pinned: layout.pinned };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone % typed by hand stands for itself
  }
}
