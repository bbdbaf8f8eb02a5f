import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces } from '../src/parts/marked';
import { stop } from '../src/parts/stepcard';

test('what was taken out and put in is parted from what stayed', () => {
  assert.deepEqual(pieces('很[-好-]{+毫+}吃'), [{ kind: 'same', words: '很' }, { kind: 'del', words: '好' }, { kind: 'ins', words: '毫' }, { kind: 'same', words: '吃' }]);
  assert.deepEqual(pieces('as it was [-'), [{ kind: 'same', words: 'as it was [-' }]);
  assert.deepEqual(pieces(''), [{ kind: 'same', words: '' }]);
  assert.deepEqual(pieces('a [-<b>\nx</b>-] c')[1], { kind: 'del', words: '<b>\nx</b>' });
});

test('a slider has round steps and few places', () => {
  assert.equal(stop(1), 0.005);
  assert.equal(stop(180), 1);
  assert.equal(stop(9.9), 0.05);
  for (const width of [0.02, 0.6, 3, 30, 1000]) assert.ok(width / stop(width) <= 200.5);
});
