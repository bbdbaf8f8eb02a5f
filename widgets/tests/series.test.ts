import assert from 'node:assert/strict';
import { test } from 'node:test';
import { known, lower, smoothed, thin } from '../src/parts/series';

const x = Array.from({ length: 50_000 }, (_, place) => place);

test('thinning keeps the lowest and the highest point of every stretch', () => {
  const y: (number | null)[] = x.map(() => 1);
  y[31_234] = 9;
  y[31_240] = -9;
  const shown = thin({ x, y }, 0, 50_000, 500);
  assert.ok(shown.x.length <= 1000);
  assert.ok(shown.y.includes(9) && shown.y.includes(-9));
  assert.ok(shown.x.every((value, place) => place === 0 || value > shown.x[place - 1]!));
});

test('few points, and a zoomed stretch, are shown as they are', () => {
  const y = x.map((value) => value * 2);
  assert.deepEqual(thin({ x: [1, 2], y: [3, null] }, 0, 9, 100), { x: [1, 2], y: [3, null] });
  const zoomed = thin({ x, y }, 100, 110, 500);
  assert.ok(zoomed.x[0]! <= 100 && zoomed.x.at(-1)! >= 110 && zoomed.x.length < 20);
});

test('a stretch without a value takes a place of its own', () => {
  const y = x.map((value) => (value < 25_000 ? null : 1));
  assert.equal(thin({ x, y }, 0, 50_000, 100).y[0], null);
});

test('places are found by halves', () => {
  assert.equal(lower([1, 3, 3, 5], 3), 1);
  assert.equal(lower([1, 3], 9), 2);
});

test('smoothing begins at the first value and passes over gaps', () => {
  assert.deepEqual(smoothed([null, 4, null, 0], 0.5), [null, 4, null, 2]);
});

test('a column that grows is thinned as one that was there at once, gaps included', () => {
  const whole = Array.from({ length: 5000 }, (_, at) => (at % 97 === 0 ? null : Math.sin(at * at)));
  const grown: (number | null)[] = [];
  const x = whole.map((_, at) => at);
  for (let at = 0; at < whole.length; at += 333) {
    grown.push(...whole.slice(at, at + 333));
    thin({ x: x.slice(0, grown.length), y: grown }, 0, grown.length, 10);
  }
  for (const [low, high, places] of [[0, 4999, 13], [100, 4200, 7], [63, 4097, 5]] as const) {
    const shown = thin({ x, y: grown }, low, high, places);
    const seen = whole.slice(Math.max(0, low - 1), high + 2).filter((value) => value !== null);
    assert.equal(Math.min(...shown.y.map((value) => value ?? Infinity)), Math.min(...seen));
    assert.equal(Math.max(...shown.y.map((value) => value ?? -Infinity)), Math.max(...seen));
  }
});

test('NaNs are gaps, also those that come later', () => {
  const values = [1, 2];
  assert.equal(known(values), values);
  values.push(NaN, 3);
  assert.deepEqual(known(values), [1, 2, null, 3]);
});
