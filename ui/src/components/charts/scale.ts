/** Round numbers between which a chart's values lie, with what stands on its axis. */
export function niceScale(low: number, high: number): { low: number; high: number; ticks: number[] } {
  const step = niceStep(Math.max(high - low, 1e-9) / 4);
  const from = Math.floor(low / step) * step;
  const to = Math.max(Math.ceil(high / step) * step, from + step);
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
  return { low: from, high: to, ticks };
}

/** 1, 2 or 5 times a power of ten, at least 1: scores and counts need no finer axis. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10;
  return Math.max(1, step * power);
}

/** Moves labels apart that would stand on each other, in the order of their places. */
export function spread(places: number[], least: number, low: number, high: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  let free = low;
  for (const each of order) {
    each.place = Math.max(each.place, free);
    free = each.place + least;
  }
  let limit = high;
  for (const each of order.toReversed()) {
    each.place = Math.min(each.place, limit);
    limit = each.place - least;
  }
  const moved = new Array<number>(places.length);
  for (const { place, index } of order) moved[index] = place;
  return moved;
}
