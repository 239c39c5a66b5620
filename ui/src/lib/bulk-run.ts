/** How far an action on many items is. `done` counts those that succeeded. */
export interface BulkProgress<Item> {
  total: number;
  done: Item[];
  failed: { item: Item; error: unknown }[];
  running: boolean;
}

/** Calls that run at once: the server answers others meanwhile. */
const parallel = 4;

/**
 * Does the same to each item, some at a time. One that fails holds no other back; `report` hears of each that ended. When the
 * signal aborts, items that were not begun stay as they are.
 */
export async function runBulk<Item>(
  items: Item[],
  act: (item: Item) => Promise<unknown>,
  report: (progress: BulkProgress<Item>) => void,
  signal?: AbortSignal,
): Promise<BulkProgress<Item>> {
  let progress: BulkProgress<Item> = { total: items.length, done: [], failed: [], running: true };
  const tell = (change: Partial<BulkProgress<Item>>) => {
    progress = { ...progress, ...change };
    report(progress);
  };
  tell({});
  let next = 0;
  const work = async () => {
    while (next < items.length && !signal?.aborted) {
      const item = items[next++];
      try {
        await act(item);
        tell({ done: [...progress.done, item] });
      } catch (error) {
        tell({ failed: [...progress.failed, { item, error }] });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
  tell({ running: false });
  return progress;
}
