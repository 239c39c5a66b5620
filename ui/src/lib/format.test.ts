import { describe, expect, it } from "vitest";
import { ago, bytes, cutPath, duration } from "./format";

describe("ago", () => {
  const now = new Date("2026-11-14T12:00:00Z");
  it.each([
    ["2026-11-14T12:00:03Z", "now"],
    ["2026-11-14T11:59:30Z", "30 sec ago"],
    ["2026-11-14T11:57:00Z", "3 min ago"],
    ["2026-11-14T07:00:00Z", "5 hr ago"],
    ["2026-11-12T12:00:00Z", "2 days ago"],
    ["2026-11-01T12:00:00Z", "Nov 1"],
    ["2026-11-15T12:00:00Z", "in 1 day"],
  ])("%s is %s", (time, words) => {
    expect(ago(new Date(time), now)).toBe(words);
  });
});

describe("duration", () => {
  it.each([
    [38.2, "38 ms"],
    [4200, "4.2 s"],
    [185_000, "3 min"],
  ])("%d is %s", (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});

describe("cutPath", () => {
  it("keeps what fits", () => {
    expect(cutPath("/usr/sbin/nginx", 20)).toBe("/usr/sbin/nginx");
  });

  it("cuts in the middle and keeps the file's name", () => {
    const path = "/usr/lib/jvm/java-21-openjdk-amd64/very/deep/folder/bin/java";
    const cut = cutPath(path, 32);
    expect(cut.length).toBeLessThanOrEqual(32);
    expect(cut.startsWith("/usr/")).toBe(true);
    expect(cut.endsWith("/bin/java")).toBe(true);
    expect(cut).toContain("…");
  });
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [812, "812 B"],
    [999.6, "1 kB"],
    [1_100_000, "1.1 MB"],
    [18_400_000_000, "18 GB"],
    [2e18, "2,000 PB"],
  ])("%d is %s", (count, text) => {
    expect(bytes(count)).toBe(text);
  });
});
