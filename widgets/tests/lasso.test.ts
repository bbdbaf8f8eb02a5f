import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inside } from '../src/parts/lasso';

const grid = Float32Array.from(Array.from({ length: 100 }, (_, at) => [at % 10, Math.floor(at / 10)]).flat());

test('a box holds the points in it', () => {
  assert.deepEqual(inside(grid, [0.5, 0.5, 2.5, 0.5, 2.5, 1.5, 0.5, 1.5]), [11, 12]);
});

test('what is cut out of an outline is outside', () => {
  const horseshoe = [-0.5, -0.5, 9.5, -0.5, 9.5, 9.5, 6.5, 9.5, 6.5, 2.5, 2.5, 2.5, 2.5, 9.5, -0.5, 9.5];
  const found = inside(grid, horseshoe);
  assert.equal(found.length, 100 - 4 * 7);
  assert.ok(!found.includes(55));
});

test('a line and nothing hold no point', () => {
  assert.deepEqual(inside(grid, [0, 0, 9, 9]), []);
  assert.deepEqual(inside(grid, []), []);
});

test('a million points take less than a second', () => {
  const many = Float32Array.from({ length: 2_000_000 }, (_, at) => Math.sin(at * 12.9898) * 43758.5453 % 1);
  const circle = Array.from({ length: 60 }, (_, at) => [Math.cos(at / 9.55) / 2, Math.sin(at / 9.55) / 2]).flat();
  const began = performance.now();
  assert.ok(inside(many, circle).length > 1000);
  assert.ok(performance.now() - began < 1000);
});
