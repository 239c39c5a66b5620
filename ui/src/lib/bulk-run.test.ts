import { describe, expect, it } from "vitest";
import { runBulk, type BulkProgress } from "./bulk-run";

describe("runBulk", () => {
  it("acts on each item once, a few at a time, and tells of each", async () => {
    const heard: BulkProgress<number>[] = [];
    let atOnce = 0;
    let most = 0;
    const acted: number[] = [];
    const items = Array.from({ length: 25 }, (_, index) => index);
    const end = await runBulk(
      items,
      async (item) => {
        most = Math.max(most, ++atOnce);
        await Promise.resolve();
        acted.push(item);
        atOnce--;
      },
      (progress) => heard.push(progress),
    );
    expect(acted.sort((a, b) => a - b)).toEqual(items);
    expect(most).toBe(4);
    expect(end).toMatchObject({ total: 25, running: false, failed: [] });
    expect(heard.map(({ done }) => done.length)).toEqual([...Array(26).keys(), 25]);
  });

  it("keeps what failed apart, with why", async () => {
    const refused = new Error("refused");
    const end = await runBulk(
      ["a", "b", "c"],
      (item) => (item === "b" ? Promise.reject(refused) : Promise.resolve()),
      () => undefined,
    );
    expect(end.done).toEqual(["a", "c"]);
    expect(end.failed).toEqual([{ item: "b", error: refused }]);
  });

  it("begins nothing more once it is stopped", async () => {
    const stop = new AbortController();
    const acted: number[] = [];
    const end = await runBulk(
      Array.from({ length: 100 }, (_, index) => index),
      async (item) => {
        acted.push(item);
        if (item === 5) stop.abort();
        await Promise.resolve();
      },
      () => undefined,
      stop.signal,
    );
    expect(acted.length).toBeLessThan(12);
    expect(end.done.length).toBe(acted.length);
  });
});
