import { describe, expect, it } from "vitest";
import { scheduleText } from "./schedule-text";

describe("scheduleText", () => {
  it.each([
    [{ interval_seconds: 45 }, "every 45 s"],
    [{ interval_seconds: 600 }, "every 10 min"],
    [{ interval_seconds: 5400 }, "every 90 min"],
    [{ interval_seconds: 3600, at: "" }, "every 1 h"],
    [{ interval_seconds: 172_800 }, "every 2 d"],
    [{ interval_seconds: 86_400, at: "03:00" }, "at 03:00, the endpoint’s time"],
    [{ interval_seconds: 86_400, at: "03:00", zone: "tenant" }, "at 03:00, the tenant’s time"],
    [
      { interval_seconds: 40_000, at: "mon-fri 09:00", zone: "Europe/Berlin" },
      "at mon-fri 09:00, Europe/Berlin",
    ],
  ])("tells when %o runs", (schedule, text) => {
    expect(scheduleText(schedule)).toBe(text);
  });
});
