import { problemOf } from "./problem";
import { authorizedFetch } from "./session";

/** Opens a stream as a fetch answer with the Authorization header: cookies never carry one (SECURITY-MODEL.md 2.8). */
export async function openStream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const url = new URL(path, window.location.origin);
  const response = await authorizedFetch(
    new Request(url, { headers: { Accept: "application/x-ndjson" }, signal }),
  );
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  if (!response.body) throw new TypeError("the stream has no body");
  return response.body;
}

/** Cuts chunks of bytes into lines; a line may arrive in pieces. */
export class LineSplitter {
  private readonly decoder = new TextDecoder();
  private rest = "";

  /** The lines completed by this chunk, without empty ones. */
  push(chunk: Uint8Array): string[] {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split("\n");
    this.rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "");
  }
}

/** Hands each event of a stream to `receive` until it ends or `signal` aborts. */
export async function readEvents<Event>(
  stream: ReadableStream<Uint8Array>,
  receive: (event: Event) => void,
): Promise<void> {
  const splitter = new LineSplitter();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const line of splitter.push(value)) receive(JSON.parse(line) as Event);
  }
}
