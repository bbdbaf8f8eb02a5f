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

function ends(y: (number | null)[], begin: number, end: number): number[] {
  let [least, most] = [-1, -1];
  for (let i = begin; i < end; i++) {
    const value = y[i];
    if (value === null || value === undefined) continue;
    if (least < 0 || value < y[least]!) least = i;
    if (most < 0 || value > y[most]!) most = i;
  }
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

/** Exponential smoothing; `weight` is that of what came before. */
export function smoothed(y: (number | null)[], weight: number): (number | null)[] {
  let before: number | null = null;
  return y.map((value) => {
    if (value === null) return null;
    before = before === null ? value : weight * before + (1 - weight) * value;
    return before;
  });
}
