// One run: what it does, how far it is, and what can be asked of it.
import type { Request, Told } from '../contract';
import { h, say, show } from '../dom';
import { bytes, duration, number } from '../numbers';
import type { RunFeed } from '../runfeed';
import { isWord, t, type Word } from '../words';

const CHANGES = ['learning_rate', 'batch_size', 'epochs'] as const satisfies readonly Request[];
const FIGURES = ['step', 'epoch', 'loss', 'rate', 'speed', 'left', 'elapsed', 'memory'] as const;
type Figure = (typeof FIGURES)[number];

export class RunCard {
  readonly element: HTMLElement;
  private state = h('span', { class: 'ft-state', 'data-test': 'state' });
  private sentence = h('p', { class: 'ft-sentence', 'data-test': 'sentence' });
  private bar = h('progress', { max: 1, value: 0 });
  private figures = Object.fromEntries(FIGURES.map((name) => [name, h('b', { 'data-test': `figure-${name}` }, '–')])) as Record<Figure, HTMLElement>;
  private said = h('p', { class: 'ft-said-live', role: 'status', 'data-test': 'said' });
  private pause = this.button('pause', () => this.ask(this.paused ? 'continue' : 'pause'));
  private stop = this.button('stop', () => this.confirmStop());
  private change = h('select', { 'data-test': 'change', 'aria-label': t('change') }, ...CHANGES.map((name) => h('option', { value: name }, t(name))));
  private value = h('input', { type: 'text', inputmode: 'decimal', size: 8, 'data-test': 'value', 'aria-label': t('newValue'), placeholder: '3e-4' });
  private actions: HTMLElement;
  private paused = false;
  private sure = 0;
  private seen = 0;
  private troubled = false;
  private asked: { request: Request; seen: number } | null = null;

  constructor(
    name: string,
    swatch: string | null,
    private send: (request: Request, value?: number) => Promise<void>,
  ) {
    this.bar.setAttribute('aria-label', t('progress', name));
    const form = h('form', { class: 'ft-rate', submit: (event) => this.askChange(event) }, this.change, this.value, h('button', { type: 'submit', 'data-test': 'set' }, t('set')));
    const others = [this.button('checkpoint', () => this.ask('checkpoint')), this.button('evaluate', () => this.ask('evaluate'))];
    this.actions = h('div', { class: 'ft-actions', role: 'group', 'aria-label': t('actions', name) }, this.pause, ...others, this.stop, form);
    const mark = swatch && h('i', { class: 'ft-swatch', style: `--swatch: var(${swatch})`, 'aria-hidden': 'true' });
    this.element = h(
      'section',
      { class: 'ft-run', 'data-test': 'run', 'aria-label': `${t('run')} ${name}` },
      h('header', {}, mark, h('h3', { class: 'ft-title', 'data-test': 'name' }, name), this.state),
      this.bar,
      h('ul', { class: 'ft-figures' }, ...FIGURES.map((key) => h('li', {}, h('span', {}, t(key)), this.figures[key]))),
      this.actions,
      this.said,
      this.sentence,
    );
  }

  draw(feed: RunFeed): void {
    const status = feed.status;
    if (!status) return;
    this.paused = status.state === 'paused';
    say(this.state, isWord(status.state) ? t(status.state) : status.state);
    this.state.dataset.state = status.state;
    say(this.pause, t(this.paused ? 'continue' : 'pause'));
    this.pause.dataset.test = this.paused ? 'continue' : 'pause';
    this.bar.value = status.steps ? status.step / status.steps : status.over ? 1 : 0;
    show(this.actions, !status.over);
    show(this.sentence, status.over || status.step === 0);
    say(this.sentence, status.sentence);
    this.fill(status, feed);
    this.settle(feed);
  }

  trouble(said: 'waiting' | 'lost' | null, fault?: string): void {
    if (said) say(this.said, fault ?? t(said));
    else if (this.troubled) say(this.said, '');
    this.troubled = said !== null;
  }

  private fill(status: Told, feed: RunFeed): void {
    const last = (name: 'loss' | 'learning_rate' | 'rows_per_second') => feed.columns[name].at(-1);
    const texts: Record<Figure, string> = {
      step: status.steps ? `${number(status.step)} / ${number(status.steps)}` : number(status.step),
      epoch: status.epochs ? `${number(status.epoch)} / ${status.epochs}` : number(status.epoch),
      loss: number(last('loss'), 4),
      rate: number(last('learning_rate')),
      speed: number(last('rows_per_second')),
      left: status.over ? '–' : duration(status.left),
      elapsed: duration(status.seconds),
      memory: bytes(status.memory),
    };
    for (const name of FIGURES) say(this.figures[name], texts[name]);
  }

  /** What was asked is said until something happens that answers it. */
  private settle(feed: RunFeed): void {
    if (this.asked && feed.events.length > this.asked.seen) {
      this.asked = null;
      say(this.said, '');
    }
    this.seen = feed.events.length;
  }

  private async ask(request: Request, value?: number): Promise<void> {
    this.asked = { request, seen: this.seen };
    say(this.said, t('asked', value === undefined ? t(request) : `${t(request)} ${value}`));
    try {
      await this.send(request, value);
    } catch (error) {
      this.asked = null;
      this.said.dataset.fault = '';
      say(this.said, (error as Error).message);
      return;
    }
    delete this.said.dataset.fault;
  }

  private askChange(event: Event): void {
    event.preventDefault();
    const value = Number(this.value.value.trim() || NaN);
    if (value > 0 && Number.isFinite(value)) {
      void this.ask(this.change.value as Request, value);
      this.value.removeAttribute('aria-invalid');
    } else {
      this.value.setAttribute('aria-invalid', 'true');
      say(this.said, t('notNumber'));
    }
  }

  private confirmStop(): void {
    if (this.sure) {
      this.unsure();
      void this.ask('stop');
      return;
    }
    say(this.stop, t('reallyStop'));
    this.stop.dataset.sure = '';
    this.sure = window.setTimeout(() => this.unsure(), 4000);
  }

  private unsure(): void {
    clearTimeout(this.sure);
    this.sure = 0;
    say(this.stop, t('stop'));
    delete this.stop.dataset.sure;
  }

  private button(word: Word, pressed: () => void): HTMLButtonElement {
    return h('button', { type: 'button', 'data-test': word, click: pressed }, t(word));
  }
}
