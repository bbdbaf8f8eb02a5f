import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Header } from '../src/contract';
import { RunFeed } from '../src/runfeed';

function frame(begin: number, steps: number[], more: Partial<Header> = {}): [Header, DataView] {
  const header = { generation: 0, begin, steps: begin + steps.length, columns: ['step', 'loss', 'unheard'], begin_others: 0, others: 0, events: [], status: {} as any, log: 0, tail: null, ...more };
  const values = Float32Array.from([...steps, ...steps.map((step) => step / 10), ...steps]);
  return [header, new DataView(values.buffer)];
}

test('frames add up, and one that is heard twice adds nothing', () => {
  const feed = new RunFeed();
  feed.take(...frame(0, [1, 2]));
  feed.take(...frame(2, [3]));
  feed.take(...frame(1, [2, 3]));
  assert.deepEqual(feed.columns.step, [1, 2, 3]);
  assert.deepEqual(feed.columns.loss.map((loss) => loss.toFixed(1)), ['0.1', '0.2', '0.3']);
  assert.equal(feed.cursor().steps, 3);
});

test('a frame after one that was missed is left, and so is asked for again', () => {
  const feed = new RunFeed();
  assert.equal(feed.take(...frame(5, [6])), false);
  feed.take(...frame(0, [1]));
  assert.equal(feed.take(...frame(2, [3])), false);
  assert.equal(feed.cursor().steps, 1);
});

test('another generation begins anew', () => {
  const feed = new RunFeed();
  feed.take(...frame(0, [1, 2, 3], { others: 1, events: [{ event: 'state' }] }));
  feed.take(...frame(0, [1], { generation: 1 }));
  assert.deepEqual(feed.columns.step, [1]);
  assert.equal(feed.events.length, 0);
});
