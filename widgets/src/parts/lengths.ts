// How long rows are in tokens, against a window that can be tried.
import { h, say } from '../dom';
import { number } from '../numbers';
import { t } from '../words';

const BARS = 48;
const SEEN = 0.995; // of the rows; longer ones are in the last bar

export class Lengths {
  readonly element: HTMLElement;
  private window: HTMLInputElement;
  private bars: HTMLElement[] = Array.from({ length: BARS }, () => h('i'));
  private said = h('p', { class: 'ft-sentence', role: 'status', 'data-test': 'over-window' });
  private top: number;
  private counts: number[];

  constructor(private tokens: Int32Array, told: { window: number | null; how: string; of: number }) {
    const sorted = tokens.slice().sort();
    this.top = Math.max(BARS, sorted[Math.floor(SEEN * (sorted.length - 1))] ?? 0);
    this.counts = countsOf(tokens, this.top);
    const most = Math.max(1, ...this.counts);
    this.bars.forEach((bar, at) => {
      bar.style.height = this.counts[at] ? `${Math.max(2, (100 * this.counts[at]!) / most)}%` : '0';
      bar.title = `${number(Math.round((at * this.top) / BARS))}–${number(Math.round(((at + 1) * this.top) / BARS))}: ${number(this.counts[at])}`;
    });
    this.window = h('input', { type: 'number', min: 1, step: 1, value: told.window ?? 512, 'data-test': 'window', input: () => this.draw() });
    const how = told.how ? t('countedBy', told.how) : t('estimated');
    const drawn = tokens.length < told.of ? ` ${t('drawn', number(tokens.length), number(told.of))}` : '';
    const scale = h('div', { class: 'ft-scale', 'aria-hidden': 'true' }, h('span', {}, '0'), h('span', {}, number(Math.round(this.top / 2))), h('span', {}, `≥ ${number(this.top)}`));
    this.element = h(
      'section',
      { class: 'ft-lengths', 'data-test': 'lengths', 'aria-label': t('tokenLengths') },
      h('header', {}, h('h4', {}, t('tokenLengths')), h('label', {}, t('window'), this.window)),
      h('div', { class: 'ft-bars ft-wide', role: 'img', 'aria-label': t('tokenLengths') }, ...this.bars),
      scale,
      this.said,
      h('p', { class: 'ft-sentence' }, how + drawn),
    );
    this.draw();
  }

  private draw(): void {
    const window = Number(this.window.value);
    if (!(window >= 1)) return;
    let over = 0;
    for (const length of this.tokens) if (length > window) over++;
    this.bars.forEach((bar, at) => bar.classList.toggle('ft-over', (at * this.top) / BARS >= window));
    const share = this.tokens.length ? (100 * over) / this.tokens.length : 0;
    say(this.said, t('longer', number(over), number(this.tokens.length), number(share), number(window)));
  }
}

function countsOf(tokens: Int32Array, top: number): number[] {
  const counts = new Array<number>(BARS).fill(0);
  for (const length of tokens) counts[Math.min(BARS - 1, Math.floor((length * BARS) / top))]!++;
  return counts;
}
