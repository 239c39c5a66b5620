interface Notice {
  rule: string;
  read: boolean;
}

/** Notices of a rule together, in the order of each rule's youngest: a rule on many machines is one matter. */
export function groupByRule<Item extends Notice>(
  items: Item[],
): { rule: string; unread: number; items: Item[] }[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(item.rule, [...(groups.get(item.rule) ?? []), item]);
  return [...groups].map(([rule, members]) => ({
    rule,
    unread: members.filter(({ read }) => !read).length,
    items: members,
  }));
}
