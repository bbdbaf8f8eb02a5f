// A histogram whose bars are buttons.
import { h } from '../dom';
import { number } from '../numbers';
import { rove, stop } from './rove';

export interface BinBar {
  rows: number;
  said: string;
  open(): void;
}

export function bins(title: string, bars: BinBar[], ends: [number, number]): HTMLElement {
  const most = Math.max(1, ...bars.map((bar) => bar.rows));
  const buttons = bars.map(({ rows, said, open }) => {
    const fill = h('i', { style: `height: ${rows ? Math.max(2, (100 * rows) / most) : 0}%` });
    const button: HTMLButtonElement = h('button', { type: 'button', class: 'ft-bin', 'aria-label': said, title: said, 'data-test': 'bin', 'aria-pressed': 'false', click: () => pressed(button, open) }, fill);
    button.disabled = rows === 0;
    return button;
  });
  const live = () => buttons.filter((button) => !button.disabled);
  const pressed = (button: HTMLElement, open: () => void) => {
    buttons.forEach((other) => other.setAttribute('aria-pressed', String(other === button)));
    open();
  };
  const box = h('div', { class: 'ft-bins', role: 'group', 'aria-label': title }, ...buttons);
  rove(box, live);
  stop(live(), live()[0]);
  const scale = h('div', { class: 'ft-bins-ends', 'aria-hidden': 'true' }, h('span', {}, number(ends[0])), h('span', {}, number(ends[1])));
  return h('figure', { class: 'ft-bins-box' }, h('figcaption', {}, title), box, scale);
}
