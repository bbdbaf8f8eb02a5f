// Asking for what is new, as often as it is worth: often while a run goes on and is seen, seldom else.
import { RunFeed } from './runfeed';
import type { Wire } from './types';
import { Refused } from './wire';

const EVERY = { running: 120, queued: 400, paused: 400, over: 5000, hidden: 3000, lost: 1500 };
const SILENT = 3000; // ms without an answer after which the page says so
// After a request its answer is waited for: one waiting question, of the panel that was clicked, for a moment.
const ATTEND = { for: 2500, pause: 30, wait: 0.5 }; // ms, ms, s

export interface Follower {
  feed: RunFeed;
  soon(): void;
  attend(): void;
  close(): void;
}

export function follow(wire: Wire, run: string, changed: () => void, trouble: (said: 'waiting' | 'lost' | null, fault?: string) => void, seen: () => boolean): Follower {
  const feed = new RunFeed();
  let [timer, closed, asking, until] = [0, false, false, 0];
  const attends = () => performance.now() < until;

  async function ask(): Promise<void> {
    if (asking || closed) return;
    asking = true;
    const late = window.setTimeout(() => trouble('waiting'), SILENT);
    let wait = EVERY.lost;
    try {
      const reply = await wire.ask('events', { run, cursor: feed.cursor() }, attends() ? ATTEND.wait : 0);
      if (closed) return;
      trouble(null);
      if (reply.buffers[0]) feed.take(reply.value, reply.buffers[0]);
      changed();
      wait = attends() ? ATTEND.pause : pause(feed, seen());
    } catch (error) {
      if (error instanceof Refused) trouble('lost', error.message);
      else trouble('lost');
    } finally {
      clearTimeout(late);
      asking = false;
    }
    if (!closed) timer = window.setTimeout(ask, wait);
  }

  wire.onPush((name, content, buffers) => {
    if (name === 'events' && content.run === run && buffers[0] && feed.take(content.value, buffers[0])) changed();
  });
  const soon = () => {
    clearTimeout(timer);
    void ask();
  };
  void ask();
  return {
    feed,
    soon,
    attend: () => {
      until = performance.now() + ATTEND.for;
      soon();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

function pause(feed: RunFeed, seen: boolean): number {
  if (!seen) return EVERY.hidden;
  const state = feed.status?.state;
  if (state === 'running' || state === 'queued' || state === 'paused') return EVERY[state];
  return EVERY.over;
}
