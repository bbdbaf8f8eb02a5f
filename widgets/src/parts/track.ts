// A value with its interval, and marks to hold it against, on a line between two ends.
import { h } from '../dom';

export function track(value: number, low: number, high: number, mark: number, ends: [number, number], bad: boolean): HTMLElement {
  const at = (each: number) => `${(100 * Math.max(0, Math.min(1, (each - ends[0]) / (ends[1] - ends[0] || 1)))).toFixed(1)}%`;
  const [left, right] = [at(low), at(high)];
  return h(
    'span',
    { class: bad ? 'ft-track ft-bad' : 'ft-track', 'aria-hidden': 'true' },
    h('i', { class: 'ft-track-mark', style: `left: ${at(mark)}` }),
    h('i', { class: 'ft-track-span', style: `left: ${left}; width: calc(${right} - ${left})` }),
    h('i', { class: 'ft-track-dot', style: `left: ${at(value)}` }),
  );
}
