// @vitest-environment happy-dom
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followEvents, type Connection } from "./console-events";

/** A stream that the test writes to and ends, and that breaks off as the browser's does. */
function makeStream() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start(opened) {
      controller = opened;
    },
  });
  return {
    answer: (signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        controller.error(new DOMException("aborted", "AbortError"));
      });
      return Promise.resolve(new Response(body));
    },
    say: (...types: string[]) => {
      for (const type of types) controller.enqueue(new TextEncoder().encode(`{"type":"${type}"}\n`));
    },
    end: () => {
      controller.close();
    },
  };
}

const refused = () => Promise.reject(new TypeError("no connection"));

describe("followEvents", () => {
  let ended: AbortController;
  let wake: EventTarget;
  let reported: Connection["state"][];
  let stale: unknown[];
  let calls: number;

  /** Follows, with these answers to its requests; what is asked after the last one stays open. */
  function follow(...answers: ((signal: AbortSignal) => Promise<Response>)[]) {
    vi.stubGlobal(
      "fetch",
      ({ signal }: Request) => answers.at(calls++)?.(signal) ?? new Promise<Response>(() => undefined),
    );
    const queries = new QueryClient();
    vi.spyOn(queries, "invalidateQueries").mockImplementation((filter) => {
      stale.push(filter?.queryKey?.[1]);
      return Promise.resolve();
    });
    const report = ({ state }: Connection) => {
      reported.push(state);
    };
    void followEvents("northwind", "/api/v1/events", queries, report, wake, ended.signal);
    return vi.advanceTimersByTimeAsync(0);
  }

  beforeEach(() => {
    vi.useFakeTimers();
    ended = new AbortController();
    wake = new EventTarget();
    reported = [];
    stale = [];
    calls = 0;
  });
  afterEach(() => {
    ended.abort();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("marks as stale what an event tells, once a second, and what follows from it less often", async () => {
    const stream = makeStream();
    await follow(stream.answer);
    expect(reported).toEqual(["live"]);
    stream.say("finding", "finding", "agent", "of a later version");
    await vi.advanceTimersByTimeAsync(1000);
    expect(stale).toEqual(["findings", "agents"]);
    await vi.advanceTimersByTimeAsync(9000);
    expect(stale).toEqual(["findings", "agents", "compliance", "risk"]);
  });

  it("reads everything again after a gap, and when the server could not tell it all", async () => {
    const [first, second] = [makeStream(), makeStream()];
    await follow(first.answer, refused, second.answer);
    first.end();
    await vi.advanceTimersByTimeAsync(4000);
    expect(reported).toEqual(["live", "waiting", "waiting", "live"]);
    await vi.advanceTimersByTimeAsync(1000);
    const everything = new Set(stale);
    for (const noun of ["agents", "findings", "compliance", "risk", "alerts", "inbox", "grants"])
      expect(everything).toContain(noun);
    stale = [];
    second.say("lost");
    await vi.advanceTimersByTimeAsync(1000);
    expect(new Set(stale)).toEqual(everything);
  });

  it("tries again at once when it is woken", async () => {
    await follow(refused, refused, refused, refused, refused, makeStream().answer);
    while (calls < 5) await vi.advanceTimersByTimeAsync(500);
    // The fifth wait lasts 8 s at least.
    await vi.advanceTimersByTimeAsync(2000);
    expect(calls).toBe(5);
    wake.dispatchEvent(new Event("wake"));
    await vi.advanceTimersByTimeAsync(0);
    expect(reported.at(-1)).toBe("live");
  });

  it("takes a stream for lost that says nothing for a minute", async () => {
    const stream = makeStream();
    await follow(stream.answer);
    await vi.advanceTimersByTimeAsync(59_000);
    stream.say("alive");
    await vi.advanceTimersByTimeAsync(59_000);
    expect(reported).toEqual(["live"]);
    await vi.advanceTimersByTimeAsync(1500);
    expect(reported).toEqual(["live", "waiting"]);
  });

  it("ends with its page", async () => {
    await follow(makeStream().answer);
    ended.abort();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(calls).toBe(1);
    expect(reported).toEqual(["live"]);
  });
});
