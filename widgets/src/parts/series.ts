// Points that only grow, thinned to what a screen can show.

export interface Points {
  x: number[];
  y: (number | null)[];
}

/** The lowest and highest point of each of `places` stretches between two ends; all points where there are few. */
export function thin(points: Points, low: number, high: number, places: number): Points {
  const first = Math.max(0, lower(points.x, low) - 1);
  const last = Math.min(points.x.length, lower(points.x, high) + 2);
  if (last - first <= places * 2) return { x: points.x.slice(first, last), y: points.y.slice(first, last) };
  const out: Points = { x: [], y: [] };
  for (let place = 0; place < places; place++) {
    const begin = first + Math.floor((place * (last - first)) / places);
    const end = first + Math.floor(((place + 1) * (last - first)) / places);
    for (const at of ends(points.y, begin, end)) {
      out.x.push(points.x[at]!);
      out.y.push(points.y[at]!);
    }
  }
  return out;
}

// The lowest and highest place of each whole block of a column, worked out once: columns only grow.
const BLOCK = 64;
const blocks = new WeakMap<object, { least: number[]; most: number[] }>();

function blocksOf(y: (number | null)[]): { least: number[]; most: number[] } {
  let known = blocks.get(y);
  if (!known) blocks.set(y, (known = { least: [], most: [] }));
  for (let at = known.least.length; (at + 1) * BLOCK <= y.length; at++) {
    const [least, most] = lowestAndHighest(y, at * BLOCK, (at + 1) * BLOCK);
    known.least.push(least);
    known.most.push(most);
  }
  return known;
}

function lowestAndHighest(y: (number | null)[], begin: number, end: number, least = -1, most = -1): [number, number] {
  for (let i = begin; i < end; i++) {
    const value = y[i];
    if (value === null || value === undefined) continue;
    if (least < 0 || value < y[least]!) least = i;
    if (most < 0 || value > y[most]!) most = i;
  }
  return [least, most];
}

function ends(y: (number | null)[], begin: number, end: number): number[] {
  const [first, last] = [Math.ceil(begin / BLOCK), Math.floor(end / BLOCK)];
  let [least, most] = lowestAndHighest(y, begin, Math.min(end, first * BLOCK));
  if (first < last) {
    const known = blocksOf(y);
    for (let at = first; at < last; at++) {
      const [low, high] = [known.least[at]!, known.most[at]!];
      if (low < 0) continue;
      if (least < 0 || y[low]! < y[least]!) least = low;
      if (most < 0 || y[high]! > y[most]!) most = high;
    }
  }
  [least, most] = lowestAndHighest(y, Math.max(begin, Math.max(first, last) * BLOCK), end, least, most);
  if (least < 0) return begin < end ? [begin] : [];
  return least === most ? [least] : [Math.min(least, most), Math.max(least, most)];
}

/** The first place whose value is not below another, in numbers that do not fall. */
export function lower(x: number[], value: number): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const looked = new WeakMap<object, { upto: number; gaps: boolean }>();

/** A column whose NaNs are gaps; itself where it has none. */
export function known(values: number[]): (number | null)[] {
  const before = looked.get(values) ?? { upto: 0, gaps: false };
  for (let i = before.upto; i < values.length && !before.gaps; i++) before.gaps = Number.isNaN(values[i]);
  looked.set(values, { upto: values.length, gaps: before.gaps });
  return before.gaps ? values.map((value) => (Number.isNaN(value) ? null : value)) : values;
}

/** Exponential smoothing; `weight` is that of what came before. */
export function smoothed(y: (number | null)[], weight: number): (number | null)[] {
  let before: number | null = null;
  return y.map((value) => {
    if (value === null) return null;
    before = before === null ? value : weight * before + (1 - weight) * value;
    return before;
  });
}
