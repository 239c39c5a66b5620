// @vitest-environment happy-dom
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, api, listAll } from "./client";
import { ApiError } from "./problem";
import { endSession, hasSession, onSessionEnd, startSession } from "./session";

const server = setupServer();
beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(() => {
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});

const path = (route: string) => `${window.location.origin}/api/v1${route}`;
const token = (value: string) => ({ access_token: value, expires_in: 600, must_change_password: false });
const me = {
  user: { id: "1", email: "a@b.example", name: "A" },
  tenant: {},
  role: "USER",
  permissions: [],
  features: [],
};

/** Answers /me for one token only and counts the refreshes. */
function serve(valid: string, refreshed: string | null) {
  const counts = { refresh: 0, me: 0 };
  server.use(
    http.get(path("/me"), ({ request }) => {
      counts.me++;
      if (request.headers.get("Authorization") === `Bearer ${valid}`) return HttpResponse.json(me);
      return HttpResponse.json({ title: "Unauthorized", status: 401 }, { status: 401 });
    }),
    http.post(path("/auth/refresh"), () => {
      counts.refresh++;
      if (refreshed === null) return HttpResponse.json({ status: 401 }, { status: 401 });
      return HttpResponse.json(token(refreshed));
    }),
  );
  return counts;
}

describe("session", () => {
  beforeEach(() => {
    startSession(token("old"));
  });

  it("answers a 401 with one refresh and asks again", async () => {
    const counts = serve("new", "new");
    await expect(answer(api.GET("/api/v1/me"))).resolves.toMatchObject({ role: "USER" });
    expect(counts).toEqual({ refresh: 1, me: 2 });
  });

  it("refreshes once for calls at the same time", async () => {
    const counts = serve("new", "new");
    await Promise.all([1, 2, 3].map(() => answer(api.GET("/api/v1/me"))));
    expect(counts.refresh).toBe(1);
  });

  it("ends when there is nothing to refresh, and says so once", async () => {
    serve("new", null);
    const ended = vi.fn();
    const stop = onSessionEnd(ended);
    await expect(answer(api.GET("/api/v1/me"))).rejects.toMatchObject({ status: 401 });
    stop();
    expect(hasSession()).toBe(false);
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("replaces a token that is about to end before using it", async () => {
    startSession({ ...token("dying"), expires_in: 5 });
    const counts = serve("new", "new");
    await answer(api.GET("/api/v1/me"));
    expect(counts).toEqual({ refresh: 1, me: 1 });
  });

  it("puts no token in storage", () => {
    endSession();
    startSession(token("secret-token"));
    expect(JSON.stringify([{ ...localStorage }, { ...sessionStorage }])).not.toContain("secret-token");
  });
});

describe("answer", () => {
  it("turns a problem into an error with the words and fields of the server", async () => {
    startSession(token("t"));
    server.use(
      http.get(path("/me"), () =>
        HttpResponse.json(
          {
            status: 422,
            code: "invalid",
            detail: "The body is not valid.",
            request_id: "req-1",
            errors: [{ location: "body.new_password", message: "is too short" }],
          },
          { status: 422 },
        ),
      ),
    );
    const error: unknown = await answer(api.GET("/api/v1/me")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      message: "The body is not valid.",
      fields: { new_password: "is too short" },
      requestId: "req-1",
    });
  });
});

describe("listAll", () => {
  it("follows cursors to the end", async () => {
    const pages: Record<string, { items: number[] | null; next_cursor?: string }> = {
      start: { items: [1, 2], next_cursor: "b" },
      b: { items: null, next_cursor: "c" },
      c: { items: [3] },
    };
    await expect(listAll((cursor) => Promise.resolve(pages[cursor ?? "start"]))).resolves.toEqual({
      items: [1, 2, 3],
      complete: true,
    });
  });

  it("stops at its limit and says that there is more", async () => {
    const listing = await listAll(() => Promise.resolve({ items: [1], next_cursor: "again" }));
    expect(listing).toEqual({ items: new Array(10).fill(1), complete: false });
  });
});
