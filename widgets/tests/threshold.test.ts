import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countUpTo, share } from '../src/parts/threshold';

test('rows up to a threshold are counted, equal ones included', () => {
  const sorted = Float32Array.from([0.25, 0.25, 0.5, 1]);
  assert.deepEqual([0.1, 0.25, 0.3, 1].map((value) => countUpTo(sorted, value)), [0, 2, 2, 4]);
  assert.equal(countUpTo(new Float32Array(), 0.5), 0);
});

test('the slider goes by powers from one in a thousand to three in five', () => {
  assert.equal(share(0), 0.001);
  assert.ok(Math.abs(share(1) - 0.6) < 1e-9);
  assert.ok(Math.abs(share(0.5) / share(0) - share(1) / share(0.5)) < 1e-6);
});
