// The metrics panel: how good a run is, through several lenses, above the rows behind what is chosen.
import type { InspectState, Judgement, MetricsState } from '../contract';
import { h, say, show } from '../dom';
import { calibration } from '../lenses/calibration';
import { compare } from '../lenses/compare';
import { confusions } from '../lenses/confusions';
import { withEnds, type Bench, type Lens } from '../lenses/lens';
import { residuals } from '../lenses/residuals';
import { slices } from '../lenses/slices';
import { threshold } from '../lenses/threshold';
import { number } from '../numbers';
import { Tabs } from '../parts/tabs';
import { modelSource } from '../source';
import type { Source } from '../types';
import type { Model } from '../wire';
import { called, t } from '../words';
import { showInspect } from './inspect';

const LENSES: Record<MetricsState['lens'], (bench: Bench) => Promise<Lens>> = { confusions, threshold, calibration, residuals, slices, compare };

/** Draw the panel into an element; what is returned takes it away again. */
export async function showMetrics(into: HTMLElement, source: Source<MetricsState>): Promise<() => void> {
  const told = (await source.wire.ask('judged', {})).value as Judgement;
  const made = new Map<string, Lens>();
  const said = h('p', { class: 'ft-said-live', role: 'status', 'data-test': 'lens-said' });
  const behind = h('p', { class: 'ft-behind', role: 'status', 'data-test': 'behind' });
  const box = h('div', { class: 'ft-lens-box', 'data-test': 'lens' });
  const tabs = new Tabs(t('lenses'), told.lenses.map((name) => ({ name, word: t(name as MetricsState['lens']) })), (name) => source.set('lens', name as MetricsState['lens']));
  const rows = h('div', { class: 'ft-behind-rows' });
  const figures = told.metrics.map((score) => h('li', {}, h('span', {}, called(score.name)), h('b', {}, number(score.value)), h('small', {}, withEnds([score.value, score.low, score.high]).replace(/^\S+ ?/, ''))));
  const root = h(
    'div',
    { class: 'ftkit ft-panel', 'data-test': 'metrics-panel', 'data-lm-suppress-shortcuts': 'true', role: 'region', 'aria-label': t('metricsOf', told.run) },
    h('header', { class: 'ft-head' }, h('h3', { class: 'ft-title' }, told.run), h('span', { class: 'ft-count' }, t('judgedBy', number(told.rows)))),
    figures.length > 0 && h('ul', { class: 'ft-figures ft-scores', 'data-test': 'scores' }, ...figures),
    tabs.element,
    box,
    said,
    behind,
    rows,
  );
  const bench: Bench = { source, told, behind: (what, named, words) => void open(what, named, words), fault };

  async function open(what: string, named: Record<string, unknown>, words: string): Promise<void> {
    try {
      const { among, rows: count } = (await source.wire.ask('behind', { what, ...named })).value;
      behind.dataset.among = String(among);
      source.set('among', among);
      say(behind, `${words} · ${number(count)} ${t('rows').toLowerCase()}`);
      delete said.dataset.fault;
      say(said, '');
    } catch (error) {
      fault(error as Error);
    }
  }

  function fault(error: Error): void {
    said.dataset.fault = '';
    say(said, error.message);
  }

  async function look(): Promise<void> {
    const name = source.get('lens');
    if (box.dataset.lens === name) return;
    box.dataset.lens = name;
    tabs.show(name, box);
    try {
      const lens = made.get(name) ?? (await LENSES[name](bench));
      made.set(name, lens);
      if (box.dataset.lens === name) box.replaceChildren(lens.element);
    } catch (error) {
      box.replaceChildren();
      fault(error as Error);
    }
  }

  source.onChange(() => {
    void look();
    made.get(source.get('lens'))?.changed?.();
    if (behind.dataset.among !== String(source.get('among'))) all();
  });
  function all(): void {
    behind.dataset.among = String(source.get('among'));
    say(behind, source.get('among') ? '' : t(told.classes.length ? 'behindAll' : 'behindFar'));
    show(behind, true);
  }
  all();
  into.append(root);
  await look();
  const end = await showInspect(rows, source as unknown as Source<InspectState>);
  return () => {
    end();
    root.remove();
  };
}

export default {
  render: ({ model, el }: { model: Model; el: HTMLElement }) => showMetrics(el, modelSource<MetricsState>(model)),
};
