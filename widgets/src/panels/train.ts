// The train panel: runs followed live.
import type { TrainState } from '../contract';
import { h, say, show } from '../dom';
import { follow, type Follower } from '../follow';
import { number } from '../numbers';
import { Chart, type Line } from '../parts/chart';
import { RunCard } from '../parts/runcard';
import { known, smoothed, type Points } from '../parts/series';
import { onTheme } from '../parts/theme';
import type { RunFeed } from '../runfeed';
import { modelSource } from '../source';
import type { Source } from '../types';
import { restWire, type Model } from '../wire';
import { called, isWord, t } from '../words';

const NOT_METRICS = new Set(['event', 'time', 'step', 'epoch', 'epochs', 'steps', 'split', 'loss', 'seconds', 'n', 'rows']);
const KEPT = ['checkpoint', 'evaluation', 'changed', 'resumed', 'started', 'stage', 'note', 'state'];
const LATEST = 30;

type Charts = Record<'loss' | 'metrics' | 'rate' | 'speed', { chart: Chart; box: HTMLElement; legend: HTMLElement }>;

/** Draw the panel into an element; what is returned takes it away again. `over` is called once all runs are. */
export function showTrain(into: HTMLElement, source: Source<TrainState>, over?: () => void): () => void {
  const runs = source.get('runs');
  const names = runs.map((run) => run.split(/[/\\]/).pop() ?? run);
  const charts = makeCharts();
  const cards = runs.map((run, place) => new RunCard(names[place]!, runs.length > 1 ? colour(place) : null, (request, value) => ask(place, run, request, value)));
  const log = h('pre', { tabindex: 0, 'aria-label': t('log'), 'data-test': 'log' });
  const happened = h('ol', { class: 'ft-happened', 'data-test': 'happened' });
  const empty = h('p', { class: 'ft-sentence' }, t('none'));
  const root = h(
    'div',
    { class: 'ftkit ft-panel', 'data-test': 'train-panel', 'data-lm-suppress-shortcuts': 'true', role: 'region', 'aria-label': t('panel', names.join(', ')) },
    ...cards.map((card) => card.element),
    controls(source),
    empty,
    h('div', { class: 'ft-charts' }, ...Object.values(charts).map((each) => each.box)),
    h('details', {}, h('summary', {}, t('happened')), happened),
    h('details', { 'data-test': 'log-box' }, h('summary', {}, t('log')), log),
  );
  into.append(root);

  let [visible, ended] = [true, false];
  const watch = new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? true;
    if (visible) followers.forEach((each) => each.soon());
  });
  watch.observe(root);
  const isSeen = () => visible && !document.hidden;
  const followers: Follower[] = runs.map((run, place) =>
    follow(source.wire, run, () => draw(place), (said, fault) => cards[place]!.trouble(said, fault), isSeen),
  );
  const offTheme = onTheme(() => Object.values(charts).forEach(({ chart }) => chart.recolour()));
  source.onChange(() => drawCharts());

  async function ask(place: number, run: string, request: string, value?: number): Promise<void> {
    await source.wire.ask('control', { run, request, ...(value === undefined ? {} : { value }) });
    followers[place]!.attend();
  }
  function draw(place: number): void {
    cards[place]!.draw(followers[place]!.feed);
    if (place === 0) drawWords(followers[0]!.feed, log, happened);
    drawCharts();
    if (!ended && followers.every((each) => each.feed.status?.over)) {
      ended = true;
      over?.();
    }
  }
  function drawCharts(): void {
    const feeds = followers.map((each) => each.feed);
    show(empty, !feeds.some((feed) => feed.columns.step.length));
    const lines = linesOf(feeds, names, source);
    for (const [name, each] of Object.entries(charts) as [keyof Charts, Charts['loss']][]) {
      show(each.box, lines[name].some((line) => line.points.x.length > 0));
      each.chart.draw(lines[name]);
      drawLegend(each.legend, lines[name]);
    }
  }
  return () => {
    followers.forEach((each) => each.close());
    Object.values(charts).forEach(({ chart }) => chart.close());
    watch.disconnect();
    offTheme();
    source.wire.close();
    root.remove();
  };
}

function makeCharts(): Charts {
  const make = (word: 'loss' | 'metrics' | 'rate' | 'speed', height: number) => {
    const said = (lines: Line[]) => lines.map((line) => t('chartOf', `${t(word)} ${line.name}`, number(last(line), 4))).join('; ');
    const chart = new Chart({ height, said, format: (value) => number(value) });
    const legend = h('ul', { class: 'ft-legend' });
    const box = h('figure', { class: `ft-chart-box ft-chart-${word}`, 'data-test': `chart-${word}` }, h('figcaption', {}, t(word)), legend, chart.element);
    return { chart, legend, box };
  };
  return { loss: make('loss', 240), metrics: make('metrics', 170), rate: make('rate', 170), speed: make('speed', 170) };
}

function controls(source: Source<TrainState>): HTMLElement {
  const along = h('select', { 'data-test': 'along', change: () => source.set('x', along.value as TrainState['x']) });
  for (const name of ['step', 'epoch', 'seconds'] as const) along.append(h('option', { value: name, selected: source.get('x') === name }, t(name)));
  const smooth = h('input', { type: 'range', min: 0, max: 0.98, step: 0.02, value: source.get('smooth'), 'data-test': 'smooth', input: () => source.set('smooth', Number(smooth.value)) });
  source.onChange(() => {
    along.value = source.get('x');
    smooth.value = String(source.get('smooth'));
  });
  return h('div', { class: 'ft-controls' }, h('label', {}, t('along'), along), h('label', {}, t('smoothing'), smooth));
}

function linesOf(feeds: RunFeed[], names: string[], source: Source<TrainState>): Record<keyof Charts, Line[]> {
  const out: Record<keyof Charts, Line[]> = { loss: [], metrics: [], rate: [], speed: [] };
  const several = feeds.length > 1;
  const weight = source.get('smooth');
  feeds.forEach((feed, place) => {
    const x = feed.columns[source.get('x')];
    const name = (word: string) => (several ? `${names[place]} ${word}` : word);
    const base = several ? colour(place) : '--ft-1';
    const loss = known(feed.columns.loss);
    if (weight > 0) out.loss.push({ name: name(''), points: { x, y: loss }, colour: base, faint: true });
    out.loss.push({ name: name(t('train')), points: { x, y: weight > 0 ? smoothed(loss, weight) : loss }, colour: base });
    const measured = feed.events.filter((event) => event.event === 'evaluation');
    const places = measured.map((event) => along(feed, event, source.get('x')));
    const line = (key: string, shown: string, ink: string): Line => ({ name: name(shown), points: present(places, measured.map((event) => event[key])), colour: ink, dots: true, dash: several });
    const validation = line('loss', t('validation'), several ? base : '--ft-2');
    if (validation.points.x.length) out.loss.push(validation);
    const metrics = new Set(measured.flatMap((event) => Object.keys(event).filter((key) => !NOT_METRICS.has(key) && typeof event[key] === 'number')));
    [...metrics].slice(0, 6).forEach((key, at) => out.metrics.push(line(key, called(key), several ? base : colour(at))));
    out.rate.push({ name: name(''), points: { x, y: known(feed.columns.learning_rate) }, colour: base });
    out.speed.push({ name: name(''), points: { x, y: known(feed.columns.rows_per_second) }, colour: base });
  });
  return out;
}

function along(feed: RunFeed, event: Record<string, any>, x: TrainState['x']): number {
  if (x !== 'seconds') return Number(event[x] ?? 0);
  const began = Date.parse(feed.events[0]?.time ?? event.time);
  return (Date.parse(event.time) - began) / 1000;
}

function present(x: number[], y: unknown[]): Points {
  const kept = x.map((_, place) => place).filter((place) => typeof y[place] === 'number');
  return { x: kept.map((place) => x[place]!), y: kept.map((place) => y[place] as number) };
}

function colour(place: number): string {
  return `--ft-${(place % 6) + 1}`;
}

function last(line: Line): number | null {
  return line.points.y.at(-1) ?? null;
}

function drawLegend(legend: HTMLElement, lines: Line[]): void {
  const shown = lines.filter((line) => line.name && !line.faint);
  while (legend.children.length > shown.length) legend.lastChild?.remove();
  while (legend.children.length < shown.length) legend.append(h('li', {}, h('i', { class: 'ft-swatch' }), h('span'), h('b')));
  shown.forEach((line, place) => {
    const [swatch, name, value] = [...legend.children[place]!.children] as HTMLElement[];
    swatch!.style.setProperty('--swatch', `var(${line.colour})`);
    say(name!, line.name);
    say(value!, number(last(line), 4));
  });
}

function drawWords(feed: RunFeed, log: HTMLElement, happened: HTMLElement): void {
  if (log.textContent !== feed.tail) {
    const down = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    say(log, feed.tail);
    if (down) log.scrollTop = log.scrollHeight;
  }
  const told = feed.events.filter((event) => KEPT.includes(event.event)).slice(-LATEST).reverse();
  const key = `${feed.events.length} ${told[0]?.time ?? ''}`;
  if (happened.dataset.key === key) return;
  happened.dataset.key = key;
  happened.replaceChildren(...told.map((event) => h('li', {}, h('time', {}, String(event.time ?? '').slice(11, 19)), h('span', {}, tell(event)))));
}

function tell(event: Record<string, any>): string {
  switch (event.event) {
    case 'state':
      return isWord(event.state) ? t(event.state) : String(event.state);
    case 'note':
      return String(event.message);
    case 'changed':
      return t('event_changed', String(event.name), number(event.value));
    case 'resumed':
      return t('event_resumed', number(event.step));
    case 'stage':
      return t('event_stage', called(String(event.stage)));
    case 'checkpoint':
    case 'evaluation':
      return `${t(`event_${event.event as 'checkpoint' | 'evaluation'}`)} · ${t('step')} ${number(event.step)}`;
    default:
      return t('event_started');
  }
}

export default {
  async render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
    const rest = await restWire(model.get('runs')[0]);
    return showTrain(el, modelSource<TrainState>(model, rest ?? undefined));
  },
};
