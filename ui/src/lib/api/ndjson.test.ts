import { describe, expect, it } from "vitest";
import { LineSplitter, readEvents } from "./ndjson";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("LineSplitter", () => {
  it("joins lines and characters that arrive in pieces", () => {
    const whole = bytes('{"a":"ü"}\n\n{"b":2}\n{"c"');
    const cut = whole.indexOf(0xc3) + 1; // in the middle of ü
    const lines = new LineSplitter();
    expect(lines.push(whole.slice(0, cut))).toEqual([]);
    expect(lines.push(whole.slice(cut))).toEqual(['{"a":"ü"}', '{"b":2}']);
    expect(lines.push(bytes(":3}\n"))).toEqual(['{"c":3}']);
  });
});

describe("readEvents", () => {
  it("hands over each line's event in order", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes('{"n":1}\n{"n"'));
        controller.enqueue(bytes(":2}\n"));
        controller.close();
      },
    });
    const seen: number[] = [];
    await readEvents<{ n: number }>(stream, ({ n }) => seen.push(n));
    expect(seen).toEqual([1, 2]);
  });
});
