import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lower, smoothed, thin } from '../src/parts/series';

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
