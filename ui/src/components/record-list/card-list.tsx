import type { ReactNode } from "react";

/** Cards shown on a phone; search finds the others. */
const shownAtOnce = 100;

/** A list where a table has no room: one card a record. */
export function CardList<Item>({
  items,
  idOf,
  card,
  empty,
}: {
  items: Item[];
  idOf: (item: Item) => string;
  card: (item: Item) => ReactNode;
  empty: ReactNode;
}) {
  if (items.length === 0) return <div className="min-h-0 flex-1">{empty}</div>;
  return (
    <ul className="min-h-0 flex-1 divide-y divide-border overflow-y-auto bg-surface">
      {items.slice(0, shownAtOnce).map((item) => (
        <li key={idOf(item)} className="flex flex-col gap-1 px-4 py-2.5">
          {card(item)}
        </li>
      ))}
      {items.length > shownAtOnce && (
        <li className="px-4 py-3 text-xs text-fg-muted">The first {shownAtOnce}. Search finds the others.</li>
      )}
    </ul>
  );
}

/** What stands on a card: a name with its state, and a line of facts. */
export function Card({ title, badge, facts }: { title: ReactNode; badge?: ReactNode; facts: ReactNode[] }) {
  return (
    <>
      <div className="flex items-start gap-2">
        <span className="min-w-0 flex-1 py-0.5 text-md font-[550] break-words">{title}</span>
        {badge}
      </div>
      <p className="flex flex-wrap gap-x-1.5 text-xs text-fg-muted">
        {facts.filter(Boolean).map((fact, index) => (
          <span key={index} className="flex max-w-full gap-1.5">
            {index > 0 && <span aria-hidden>·</span>}
            <span className="truncate">{fact}</span>
          </span>
        ))}
      </p>
    </>
  );
}
