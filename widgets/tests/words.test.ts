import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible } from '../src/dom';
import { bytes, duration, number } from '../src/numbers';

test('what turns or hides text is shown by its code', () => {
  assert.equal(visible('a\u202eb\u0000\u200b叶'), 'a\\u202eb\\u0000\\u200b叶');
  assert.equal(visible('<b>x</b>\n\t'), '<b>x</b>\n\t');
});

test('numbers as people read them', () => {
  assert.equal(number(1234), '1,234');
  assert.equal(number(0.00012), '1.20e-4');
  assert.equal(number(0.98765), '0.988');
  assert.equal(number(NaN), '–');
  assert.equal(duration(3725), '1 h 2 min');
  assert.equal(duration(61), '1 min 1 s');
  assert.equal(bytes(3 * 2 ** 30), '3.0 GiB');
  assert.equal(bytes(null), '–');
});
