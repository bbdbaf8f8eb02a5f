// The augment panel: steps with sliders, rows before and after, steps that were tried, and the recipe they are written into.
import type { AugmentState, Chosen, Kit, Progress, TrialFacts } from '../contract';
import { h, say, show } from '../dom';
import { Blocks } from '../parts/blocks';
import { stepCard, type Card } from '../parts/stepcard';
import { track } from '../parts/track';
import { modelSource } from '../source';
import type { Ask, Source } from '../types';
import type { Model } from '../wire';
import { isWord, t, type Word } from '../words';

const AGAIN = 400; // ms
const [SEEDS, SETTLED] = [4, 350];

interface Steps {
  steps: Chosen[];
  undo: boolean;
  redo: boolean;
  written: number;
}

/** Draw the panel into an element; what is returned takes it away again. */
export async function showAugment(into: HTMLElement, source: Source<AugmentState>): Promise<() => void> {
  const kit = (await source.wire.ask('kit', {})).value as Kit;
  const facts = new Map(kit.steps.map((step) => [step.name, step]));
  let cards: Card[] = [];
  let [previewing, waiting, closed, settle, drawn] = [false, false, false, 0, ''];
  const preview = new Blocks();
  const far = new Blocks();

  const said = h('p', { class: 'ft-said-live', role: 'status', 'data-test': 'said' });
  const list = h('ol', { class: 'ft-steps', 'data-test': 'steps' });
  const none = h('p', { class: 'ft-sentence', 'data-test': 'none' }, t('noSteps'));
  const offered = h('select', { 'aria-label': t('stepNew'), 'data-test': 'new-step' }, ...kit.steps.filter((step) => step.offered).map((step) => h('option', { value: step.name }, step.title.replaceAll('_', ' '))));
  const undo = button('undo', () => void act('undo'));
  const redo = button('redo', () => void act('redo'));
  const file = h('span', { class: 'ft-count', 'data-test': 'file' });
  const farBox = h('details', { class: 'ft-far', open: true, 'data-test': 'far' }, h('summary', {}, t('howFarRows')), far.element);
  farBox.addEventListener('toggle', () => void distance());
  const suggest = button('suggest', () => void trial(true));
  const stopping = button('stop', () => void source.wire.ask('stop', {}).catch(fault));
  const bar = h('progress', { 'aria-label': t('suggest') });
  const told = h('p', { class: 'ft-sentence', role: 'status', 'data-test': 'suggest-said' }, t('suggestAbout'));
  const trials = h('div', { 'data-test': 'trials' });
  const useAll = button('useSuggested', () => use(found.filter((one) => one.suggested).map((one) => one.step)));
  let found: TrialFacts[] = [];
  const tools = h('div', { class: 'ft-controls' }, button('draw', () => source.set('seed', source.get('seed') + SEEDS)), kit.kind !== 'series' && button('otherRows', () => source.set('sample', source.get('sample') + 1)));
  const left = h(
    'div',
    { class: 'ft-recipe' },
    h('div', { class: 'ft-actions' }, offered, button('add', () => add({ name: offered.value, parameters: { ...facts.get(offered.value)!.parameters } })), undo, redo),
    said,
    none,
    list,
    file,
  );
  const right = h('div', { class: 'ft-look', 'data-test': 'preview' }, tools, preview.element, kit.measured && farBox);
  const root = h(
    'div',
    { class: 'ftkit ft-panel', 'data-test': 'augment-panel', 'data-lm-suppress-shortcuts': 'true', role: 'region', 'aria-label': t('augmentOf', kit.name) },
    h('header', { class: 'ft-head' }, h('h3', { class: 'ft-title' }, kit.name), h('span', { class: 'ft-count' }, t('augmentation'))),
    h('div', { class: 'ft-augment' }, left, right),
    kit.measured && h('section', { class: 'ft-suggest', 'aria-label': t('suggest') }, h('div', { class: 'ft-actions' }, suggest, stopping, useAll), bar, told, trials),
  );

  function button(word: Word, pressed: () => void): HTMLButtonElement {
    return h('button', { type: 'button', 'data-test': word, click: pressed }, t(word));
  }

  function on(): Chosen[] {
    return cards.filter((card) => card.on).map(({ name, parameters }) => ({ name, parameters }));
  }

  function add(step: Chosen): void {
    cards.push({ ...step, on: true });
    drawCards();
    write();
    (list.lastElementChild?.querySelector('input') as HTMLElement | null)?.focus();
  }

  function use(steps: Chosen[]): void {
    cards = steps.map((step) => ({ ...step, on: true }));
    drawCards();
    write();
  }

  function drawCards(): void {
    const host = {
      live: () => void look(),
      done: write,
      move: (card: Card, by: number) => {
        const at = cards.indexOf(card);
        cards.splice(at, 1);
        cards.splice(at + by, 0, card);
        drawCards();
        write();
        const here = list.children[at + by]!;
        const again = here.querySelector<HTMLButtonElement>(`[data-test=step-${by < 0 ? 'up' : 'down'}]`)!;
        (again.disabled ? here.querySelector<HTMLElement>('input') : again)?.focus();
      },
      remove: (card: Card) => {
        cards = cards.filter((each) => each !== card);
        drawCards();
        write();
        offered.focus();
      },
    };
    list.replaceChildren(...cards.map((card, at) => stepCard(card, facts.get(card.name)!, host, at === 0, at === cards.length - 1)));
    show(none, cards.length === 0);
  }

  function write(): void {
    void act('write', { steps: on() });
    void look();
  }

  // What is written here is known already: only what others wrote meanwhile is fetched.
  let [pending, written] = [0, source.get('written')];
  async function act(ask: Ask, args: Record<string, unknown> = {}): Promise<void> {
    pending++;
    try {
      const now = (await source.wire.ask(ask, args)).value as Steps;
      written = Math.max(written, now.written);
      stand(now, ask !== 'write');
      calm();
    } catch (error) {
      fault(error as Error);
    } finally {
      pending--;
    }
    others();
  }

  function others(): void {
    if (!pending && source.get('written') > written) void act('steps');
  }

  /** Take in the steps of the file; those that are switched off here stay to be switched on again. */
  function stand(now: Steps, anew: boolean): void {
    undo.disabled = !now.undo;
    redo.disabled = !now.redo;
    say(file, t('writtenTo', kit.file));
    if (anew && JSON.stringify(now.steps) !== JSON.stringify(on())) {
      cards = [...now.steps.map((step) => ({ ...step, on: true })), ...cards.filter((card) => !card.on)];
      drawCards();
    }
    void look();
  }

  function calm(): void {
    delete said.dataset.fault;
    say(said, '');
  }

  function fault(error: Error): void {
    said.dataset.fault = '';
    say(said, error.message);
  }

  /** Show what the steps do; while one answer is awaited, the latest wish alone is kept. */
  async function look(): Promise<void> {
    if (previewing) {
      waiting = true;
      return;
    }
    const wish = { steps: on(), seed: source.get('seed'), sample: source.get('sample') };
    const key = JSON.stringify(wish);
    if (key === drawn) return;
    previewing = true;
    try {
      const reply = await source.wire.ask('preview', wish);
      if (!closed) preview.draw(reply.value.blocks, reply.buffers);
      drawn = key;
      if (said.dataset.fault !== undefined && said.dataset.from === 'look') calm();
    } catch (error) {
      said.dataset.from = 'look';
      fault(error as Error);
    } finally {
      previewing = false;
    }
    show(tools, cards.length > 0);
    clearTimeout(settle);
    settle = window.setTimeout(() => void distance(), SETTLED);
    if (waiting) {
      waiting = false;
      void look();
    }
  }

  let measured = '';
  async function distance(): Promise<void> {
    const steps = on();
    const key = JSON.stringify(steps);
    show(farBox, steps.length > 0);
    if (!kit.measured || !farBox.open || !steps.length || key === measured || closed) return;
    try {
      const reply = await source.wire.ask('distance', { steps });
      const now = reply.value as Progress & { blocks: any[] };
      if (JSON.stringify(on()) !== key) return;
      far.element.setAttribute('aria-busy', String(now.state === 'working'));
      if (now.state === 'working') settle = window.setTimeout(() => void distance(), AGAIN);
      else if (now.error) fault(new Error(now.error));
      else {
        measured = key;
        far.draw(now.blocks, reply.buffers);
      }
    } catch (error) {
      fault(error as Error);
    }
  }

  async function trial(begin: boolean): Promise<void> {
    if (closed) return;
    try {
      const now = (await source.wire.ask('suggest', { begin })).value as Progress & { trials: TrialFacts[] };
      const working = now.state === 'working';
      [suggest.disabled, bar.max] = [working, now.of || 1];
      if (now.of) bar.value = now.done;
      else bar.removeAttribute('value');
      show(bar, working);
      show(stopping, working);
      if (working) say(told, now.of ? t('suggestAt', now.done, now.of) : t('suggestBegin'));
      else if (now.error) say(told, now.error);
      else if (now.state === 'stopped') say(told, t('suggestStopped'));
      else if (now.state === 'done') drawTrials(now.trials);
      if (working) window.setTimeout(() => void trial(false), AGAIN);
    } catch (error) {
      fault(error as Error);
    }
    show(useAll, found.some((one) => one.suggested));
  }

  function drawTrials(now: TrialFacts[]): void {
    found = now;
    const count = now.filter((one) => one.suggested).length;
    say(told, t(count ? 'suggestDone' : 'suggestNone', count, now.length));
    const ends: [number, number] = [Math.min(-0.02, ...now.map((one) => one.low)), Math.max(0.02, ...now.map((one) => one.high))];
    const line = (one: TrialFacts) => {
      const words = named(one.step);
      const verdict = h('span', { class: `ft-verdict ft-verdict-${one.verdict.replace(' ', '-')}` }, isWord(`verdict_${one.verdict}`) ? t(`verdict_${one.verdict}` as Word) : one.verdict);
      const choose = h('button', { type: 'button', class: 'ft-small', 'aria-label': t('stepAct', t('add'), words), 'data-test': 'add-trial', click: () => add({ name: one.step.name, parameters: { ...one.step.parameters } }) }, '+');
      return h('li', { 'data-test': 'trial', ...(one.suggested ? { class: 'ft-suggested' } : {}) }, choose, h('span', {}, h('b', {}, words), h('small', {}, one.sentence)), track(one.value, one.low, one.high, 0, ends, one.verdict === 'alters' || one.verdict === 'harms'), verdict);
    };
    trials.replaceChildren(h('ul', { class: 'ft-list ft-trials', 'aria-label': t('trials') }, ...[...now].sort((a, b) => Number(b.suggested) - Number(a.suggested)).map(line)));
  }

  function named(step: Chosen): string {
    const plain = facts.get(step.name)?.parameters ?? {};
    const told = Object.entries(step.parameters).filter(([name, value]) => name !== 'p' && JSON.stringify(value) !== JSON.stringify(plain[name]));
    const values = (told.length ? told : Object.entries(step.parameters).filter(([name]) => name !== 'p')).map(([, value]) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
    return `${step.name.replaceAll('_', ' ')} ${values.join(', ')}`.trim();
  }

  source.onChange(() => {
    others();
    void look();
  });
  [bar, stopping, useAll, tools, farBox].forEach((each) => show(each, false));
  into.append(root);
  await act('steps');
  drawCards();
  if (kit.measured) void trial(false);
  return () => {
    closed = true;
    clearTimeout(settle);
    preview.close();
    source.wire.close();
    root.remove();
  };
}

export default {
  render: ({ model, el }: { model: Model; el: HTMLElement }) => showAugment(el, modelSource<AugmentState>(model)),
};
