import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow } from '../src/follow';
import type { Reply, Wire } from '../src/types';

Object.assign(globalThis, { window: globalThis });
const header = { generation: 0, begin: 0, steps: 0, columns: [], begin_others: 0, others: 0, events: [], status: { state: 'over' }, log: 0, tail: null };

function listening(): Wire & { waits: number[] } {
  const waits: number[] = [];
  const ask = async (_: unknown, __: unknown, wait = 0): Promise<Reply> => {
    waits.push(wait);
    return { value: header, buffers: [new DataView(new ArrayBuffer(0))] };
  };
  return { waits, ask, onPush: () => undefined, close: () => undefined };
}

const moment = (ms: number) => new Promise((go) => setTimeout(go, ms));

test('a run that is over is asked seldom, and waited for after a request', async () => {
  const wire = listening();
  const follower = follow(wire, 'leaves-1', () => undefined, () => undefined, () => true);
  await moment(150);
  assert.deepEqual(wire.waits, [0]);
  follower.attend();
  await moment(150);
  follower.close();
  assert.ok(wire.waits.length >= 3, `${wire.waits.length} questions`);
  assert.ok(wire.waits.slice(1).every((wait) => wait > 0));
});
