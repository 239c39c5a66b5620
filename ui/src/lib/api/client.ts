import createClient from "openapi-fetch";
import { problemOf } from "./problem";
import type { paths } from "./schema";
import { authorizedFetch } from "./session";

/** Typed calls of the REST API with the session's token. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: authorizedFetch,
  // The server takes JSON only, also from calls without a body: a form of another site cannot send that.
  headers: { "Content-Type": "application/json" },
});

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of an answered call; anything but success is thrown as ApiError. */
export async function answer<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response, error);
  return data as Data;
}

/** Pages that listAll reads at most: beyond this a person filters, not scrolls. */
const pageLimit = 10;
/** The largest page the server gives. */
export const pageSize = 500;

/** Items of a list in whole, or its start when there are more pages than one reads at once. */
export interface Listing<Item> {
  items: Item[];
  complete: boolean;
}

/** Reads a keyset-paged list page by page. */
export async function listAll<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[] | null; next_cursor?: string }>,
): Promise<Listing<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < pageLimit; pages++) {
    const answered = await page(cursor);
    for (const item of answered.items ?? []) items.push(item);
    cursor = answered.next_cursor;
    if (!cursor) return { items, complete: true };
  }
  return { items, complete: false };
}

/** A list that comes whole, without pages. */
export function whole<Item>({ items }: { items: Item[] | null }): Listing<Item> {
  return { items: items ?? [], complete: true };
}

/** The pages of a list that is read as one asks for more, as one listing; undefined before the first came. */
export function pagesOf<Item>(query: {
  data: { pages: { items: Item[] | null }[] } | undefined;
  hasNextPage: boolean;
}): Listing<Item> | undefined {
  return (
    query.data && {
      items: query.data.pages.flatMap(({ items }) => items ?? []),
      complete: !query.hasNextPage,
    }
  );
}
