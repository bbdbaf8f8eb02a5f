// The runs panel: a table of runs, kept up to date; those that are chosen are followed below it.
import type { RunsState, Summary } from '../contract';
import { h, say, show, visible } from '../dom';
import { duration, number } from '../numbers';
import { sparkline } from '../parts/sparkline';
import { pageSource, modelSource } from '../source';
import type { Source } from '../types';
import { RestWire, server, type Model } from '../wire';
import { called, isWord, t } from '../words';
import { showTrain } from './train';

const EVERY = 2000;
const MOST_METRICS = 3;
type Key = 'name' | 'state' | 'data' | 'model' | 'began' | 'seconds' | `metric ${string}`;

/** Draw the panel into an element; what is returned takes it away again. */
export function showRuns(into: HTMLElement, source: Source<RunsState>): () => void {
  let runs: Summary[] = [];
  let order: { key: Key; down: boolean } = { key: 'began', down: true };
  let [timer, closed, shown] = [0, false, ''];
  let endTrain: (() => void) | null = null;
  const head = h('tr');
  const body = h('tbody');
  const said = h('p', { class: 'ft-said-live', role: 'status', 'data-test': 'said' });
  const find = h('input', { type: 'search', 'data-test': 'find', 'aria-label': t('find'), placeholder: t('find'), input: () => draw() });
  const below = h('div', { 'data-test': 'chosen' });
  const table = h('table', { class: 'ft-table' }, h('thead', {}, head), body);
  const root = h(
    'div',
    { class: 'ftkit ft-panel', 'data-test': 'runs-panel', 'data-lm-suppress-shortcuts': 'true', role: 'region', 'aria-label': t('runs') },
    h('div', { class: 'ft-controls' }, find),
    h('div', { class: 'ft-scroll', tabindex: 0, role: 'group', 'aria-label': t('runs') }, table),
    said,
    below,
  );
  into.append(root);

  async function ask(): Promise<void> {
    try {
      if (!document.hidden) {
        runs = (await source.wire.ask('runs', { folder: source.get('folder') })).value.runs;
        say(said, runs.length ? '' : t('noRuns'));
        draw();
      }
    } catch (error) {
      say(said, (error as Error).message || t('lost'));
    }
    if (!closed) timer = window.setTimeout(ask, EVERY);
  }

  function draw(): void {
    const metrics = [...new Set(runs.flatMap((run) => run.metrics.map((row) => row.name)))].slice(0, MOST_METRICS);
    const kept = runs.filter((run) => matches(run, find.value)).sort((a, b) => compare(a, b, order.key) * (order.down ? -1 : 1));
    const state = JSON.stringify([kept, order, source.get('chosen'), metrics]);
    if (state === shown) return; // a page that is read must not move
    shown = state;
    const focus = (document.activeElement as HTMLElement | null)?.dataset.key;
    head.replaceChildren(h('td', {}), ...columns(metrics).map(([key, word]) => title(key, word)), h('th', {}, t('loss')), h('th', {}, t('report')));
    body.replaceChildren(...kept.map((run) => line(run, metrics)));
    if (focus) root.querySelector<HTMLElement>(`[data-key="${CSS.escape(focus)}"]`)?.focus();
  }

  function title(key: Key, word: string): HTMLElement {
    const turned = order.key === key ? (order.down ? 'descending' : 'ascending') : 'none';
    const sort = () => {
      order = { key, down: order.key === key ? !order.down : key === 'began' || key.startsWith('metric') };
      draw();
    };
    return h('th', { 'aria-sort': turned, scope: 'col' }, h('button', { type: 'button', 'data-key': `sort ${key}`, 'data-test': `sort-${key}`, click: sort }, word));
  }

  function line(run: Summary, metrics: string[]): HTMLElement {
    const chosen = source.get('chosen').includes(run.folder);
    const choose = h('input', { type: 'checkbox', checked: chosen, 'data-key': run.folder, 'data-test': 'choose', 'aria-label': t('choose', run.name), change: () => toggle(run.folder) });
    const state = h('span', { class: 'ft-state', title: visible(run.sentence) }, isWord(run.state) ? t(run.state) : run.state);
    state.dataset.state = run.state;
    const report = run.report && run.address ? h('a', { href: run.address, target: '_blank', rel: 'noopener', 'data-test': 'report' }, t('open')) : run.report ? h('code', {}, 'report.html') : '';
    return h(
      'tr',
      { 'data-test': 'row' },
      h('td', {}, choose),
      h('th', { scope: 'row' }, run.name),
      h('td', {}, state),
      h('td', {}, run.data),
      h('td', {}, run.model),
      h('td', {}, run.began.slice(0, 16).replace('T', ' ')),
      h('td', { class: 'ft-number' }, duration(run.seconds)),
      ...metrics.map((name) => h('td', { class: 'ft-number' }, metric(run, name))),
      h('td', {}, sparkline(run.losses, `${t('loss')} ${number(run.losses.at(-1), 4)}`)),
      h('td', {}, report),
    );
  }

  function toggle(folder: string): void {
    const chosen = source.get('chosen');
    source.set('chosen', chosen.includes(folder) ? chosen.filter((other) => other !== folder) : [...chosen, folder]);
  }

  function follow(): void {
    endTrain?.();
    endTrain = null;
    const chosen = source.get('chosen');
    show(below, chosen.length > 0);
    if (chosen.length) endTrain = showTrain(below, pageSource({ runs: [...chosen], x: 'step', smooth: 0 }, { ...bound(source), close: () => undefined }));
  }

  let before = '';
  const changed = () => {
    const chosen = source.get('chosen').join('\n');
    if (chosen !== before) {
      before = chosen;
      follow();
    }
    draw();
  };
  source.onChange(changed);
  changed();
  void ask();
  return () => {
    closed = true;
    clearTimeout(timer);
    endTrain?.();
    source.wire.close();
    root.remove();
  };
}

/** The wire of the panel for a view inside it, which must not close it. */
function bound({ wire }: Source<RunsState>): Pick<Source<RunsState>['wire'], 'ask' | 'onPush'> {
  return { ask: (...asked) => wire.ask(...asked), onPush: (heard) => wire.onPush(heard) };
}

function columns(metrics: string[]): [Key, string][] {
  const fixed: [Key, string][] = [['name', t('run')], ['state', t('state')], ['data', t('data')], ['model', t('model')], ['began', t('began')], ['seconds', t('elapsed')]];
  return [...fixed, ...metrics.map((name): [Key, string] => [`metric ${name}`, called(name)])];
}

function matches(run: Summary, wanted: string): boolean {
  const text = `${run.name} ${run.state} ${run.data} ${run.model}`.toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function compare(a: Summary, b: Summary, key: Key): number {
  const value = (run: Summary) => (key.startsWith('metric ') ? (found(run, key.slice(7)) ?? -Infinity) : run[key as 'name' | 'seconds']);
  const [one, other] = [value(a), value(b)];
  return typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
}

function found(run: Summary, name: string): number | null {
  return run.metrics.find((row) => row.name === name)?.value ?? null;
}

function metric(run: Summary, name: string): string {
  const row = run.metrics.find((each) => each.name === name);
  if (!row) return '';
  return row.low === null || row.high === null ? number(row.value) : `${number(row.value)} (${number(row.low)}–${number(row.high)})`;
}

export async function restSource(state: RunsState): Promise<Source<RunsState> | null> {
  const at = server();
  const wire = at && new RestWire(at);
  try {
    await wire?.ask('runs', { folder: state.folder });
  } catch {
    return null;
  }
  return wire && pageSource(state, wire);
}

export default {
  async render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
    const rest = await restSource({ folder: model.get('folder'), chosen: [] });
    return showRuns(el, modelSource<RunsState>(model, rest?.wire));
  },
};
