import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withEnds } from '../src/lenses/lens';
import { ticks } from '../src/parts/plot';

test('ticks are round numbers between the ends', () => {
  assert.deepEqual(ticks([0, 1]), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks([-3, 12]), [0, 5, 10]);
  assert.deepEqual(ticks([11_000, 660_000]), [200_000, 400_000, 600_000]);
  assert.ok(ticks([5, 5]).length < 12);
});

test('a value stands with its interval where it has one', () => {
  assert.equal(withEnds([0.5, 0.25, 0.75]), '0.5 (0.25 – 0.75)');
  assert.equal(withEnds([0.5]), '0.5');
  assert.equal(withEnds([0.5, null, null]), '0.5');
  assert.equal(withEnds(null), '–');
});
