// Which points lie inside a drawn outline.

/** The places of the points inside a polygon; both are x, y, x, y, …. */
export function inside(points: Float32Array, polygon: number[]): number[] {
  const corners = polygon.length / 2;
  if (corners < 3) return [];
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < polygon.length; i += 2) {
    left = Math.min(left, polygon[i]!);
    right = Math.max(right, polygon[i]!);
    low = Math.min(low, polygon[i + 1]!);
    high = Math.max(high, polygon[i + 1]!);
  }
  const found: number[] = [];
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at]!, points[at + 1]!];
    if (x < left || x > right || y < low || y > high) continue;
    let odd = false;
    for (let i = 0, j = corners - 1; i < corners; j = i++) {
      const [xi, yi, xj, yj] = [polygon[2 * i]!, polygon[2 * i + 1]!, polygon[2 * j]!, polygon[2 * j + 1]!];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
    if (odd) found.push(at / 2);
  }
  return found;
}
