// How strange a row has to be to be taken: by the share of false alarms that is allowed among those that are.
import { h, say, show } from '../dom';
import { number } from '../numbers';
import { t } from '../words';

const [LEAST, MOST, USUAL] = [0.001, 0.6, 0.05]; // of false alarms

export class Threshold {
  readonly element: HTMLDetailsElement;
  private wrong: Float32Array | null = null; // for each row, the share of false alarms among those as strange
  private sorted = new Float32Array();
  private begun = false;
  private said = h('p', { class: 'ft-sentence', role: 'status', 'data-test': 'takes' });
  private slider = h('input', { type: 'range', min: 0, max: 1, step: 0.005, value: place(USUAL), 'data-test': 'threshold', input: () => this.draw() });
  private choose = h('button', { type: 'button', 'data-test': 'choose-these', click: () => this.chosen(this.taken()) }, t('chooseThese'));
  private box = h('div', { hidden: true }, h('div', { class: 'ft-controls' }, h('label', {}, t('falseShare'), this.slider), this.choose), this.said);

  constructor(
    private fetch: () => Promise<Float32Array>,
    private chosen: (places: number[]) => void,
    private changed: () => void,
    private trouble: (error: Error) => void,
  ) {
    this.element = h('details', { class: 'ft-fold', 'data-test': 'threshold-box', toggle: () => void this.open() }, h('summary', {}, t('strange')), this.box);
  }

  /** Whether a row is taken; none is while the threshold is not looked at. */
  takes(row: number): boolean {
    return this.wrong !== null && this.element.open && this.wrong[row]! <= this.share;
  }

  private get share(): number {
    return share(Number(this.slider.value));
  }

  private async open(): Promise<void> {
    if (this.wrong) this.changed();
    if (this.begun || !this.element.open) return;
    this.begun = true;
    try {
      this.wrong = await this.fetch();
      this.sorted = this.wrong.slice().sort();
      show(this.box, true);
      this.draw();
    } catch (error) {
      this.begun = false;
      this.trouble(error as Error);
    }
  }

  private draw(): void {
    const count = countUpTo(this.sorted, this.share);
    const words = `${number(100 * this.share, 2)}%`;
    this.slider.setAttribute('aria-valuetext', words);
    this.choose.disabled = count === 0;
    say(this.said, t('takes', number(count), number(this.sorted.length), number(100 * this.share, 2)));
    this.changed();
  }

  private taken(): number[] {
    const [found, most] = [[] as number[], this.share];
    this.wrong?.forEach((wrong, row) => {
      if (wrong <= most) found.push(row);
    });
    return found;
  }
}

/** How many numbers that do not fall are at most a value. */
export function countUpTo(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

// The slider goes by powers: one in a thousand is as far from one in a hundred as that from one in ten.
export function share(place: number): number {
  return LEAST * (MOST / LEAST) ** place;
}

function place(wanted: number): number {
  return Math.round(200 * (Math.log(wanted / LEAST) / Math.log(MOST / LEAST))) / 200;
}
