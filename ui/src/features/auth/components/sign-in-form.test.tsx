// @vitest-environment happy-dom
import "@/test/cleanup";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SignInForm } from "./sign-in-form";

const server = setupServer();
const login = `${window.location.origin}/api/v1/auth/login`;
beforeAll(() => {
  server.listen({ onUnhandledRequest: "error" });
});
afterEach(() => {
  server.resetHandlers();
});
afterAll(() => {
  server.close();
});

function show() {
  const onSignedIn = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignInForm onSignedIn={onSignedIn} />
    </QueryClientProvider>,
  );
  return onSignedIn;
}

async function fill(email: string, password: string) {
  await userEvent.type(screen.getByLabelText("E-mail"), email);
  await userEvent.type(screen.getByLabelText("Password"), password);
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

describe("SignInForm", () => {
  it("says beside each field what is missing, without asking the server", async () => {
    show();
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    const email = screen.getByLabelText("E-mail");
    expect(email.getAttribute("aria-invalid")).toBe("true");
    const note = document.getElementById(email.getAttribute("aria-describedby") ?? "");
    expect(note?.textContent).toBe("Enter your e-mail address.");
  });

  it("asks for the code once the server wants one, and sends it along", async () => {
    server.use(
      http.post(login, async ({ request }) => {
        const { code } = (await request.json()) as { code?: string };
        return code === "123456"
          ? HttpResponse.json({ access_token: "t", expires_in: 60, must_change_password: false })
          : HttpResponse.json(
              { code: "second_factor_required", detail: "a code is wanted" },
              { status: 401 },
            );
      }),
    );
    const onSignedIn = show();
    await fill("a@b.example", "right");
    const code = await screen.findByLabelText("Code");
    expect(screen.queryByRole("alert")).toBeNull();
    await userEvent.type(code, "123456");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await vi.waitFor(() => {
      expect(onSignedIn).toHaveBeenCalled();
    });
  });

  it("hands on that a new password is due", async () => {
    server.use(
      http.post(login, () =>
        HttpResponse.json({ access_token: "t", expires_in: 60, must_change_password: true }),
      ),
    );
    const onSignedIn = show();
    await fill("a@b.example", "one-time");
    await vi.waitFor(() => {
      expect(onSignedIn).toHaveBeenCalledWith({ email: "a@b.example", password: "one-time" }, true);
    });
  });

  it.each([
    [401, {}, "E-mail and password do not match an account."],
    [429, { "Retry-After": "600" }, "Too many attempts. Try again in 10 min."],
    [503, {}, "The database does not answer."],
  ])("explains a %d", async (status, headers, words) => {
    server.use(
      http.post(login, () =>
        HttpResponse.json({ detail: "The database does not answer." }, { status, headers }),
      ),
    );
    const onSignedIn = show();
    await fill("a@b.example", "wrong");
    expect((await screen.findByRole("alert")).textContent).toBe(words);
    expect(onSignedIn).not.toHaveBeenCalled();
  });
});
