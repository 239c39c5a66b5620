/** What a problem+json body says, read defensively: a proxy may answer with anything. */
interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  request_id?: string;
  errors?: { location?: string; message?: string }[] | null;
}

/** ApiError is a refused or failed call: the status, the server's words and the field each complaint belongs to. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly requestId: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The answer's error as ApiError. `body` is what was decoded of it, if anything. */
export function problemOf(response: Response, body: unknown): ApiError {
  const problem: Problem = typeof body === "object" && body !== null ? body : {};
  const fields: Record<string, string> = {};
  for (const { location, message } of problem.errors ?? []) {
    const field = location?.split(".").at(-1);
    if (field && message) fields[field] = message;
  }
  const retryAfter = Number(response.headers.get("Retry-After"));
  return new ApiError(
    response.status,
    problem.code ?? "",
    problem.detail || problem.title || `The server answered ${response.status}.`,
    fields,
    problem.request_id ?? response.headers.get("X-Request-Id"),
    retryAfter > 0 ? retryAfter : null,
  );
}

/** One sentence for a person about any failure of a call. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "No connection to the server.";
  return error instanceof Error ? error.message : "Something unexpected happened.";
}
