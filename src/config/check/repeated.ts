/** Every item whose key an earlier one has, with that earlier one. */
export function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => unknown,
): { item: Item; earlier: Item }[] {
  const first = new Map<unknown, Item>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    const earlier = first.get(key);
    if (earlier !== undefined) return [{ item, earlier }];
    first.set(key, item);
    return [];
  });
}
