// One class against the rest: where to say yes, and what that costs.
import type { Curve, Rule } from '../contract';
import { entered, h, say } from '../dom';
import { number } from '../numbers';
import { Plot } from '../parts/plot';
import { t, type Word } from '../words';
import { withEnds, type Bench, type Lens } from './lens';

const STEPS = 1000;
const PARTS = ['found', 'missed', 'alarms', 'passed'] as const;
type Part = (typeof PARTS)[number];

export async function threshold(bench: Bench): Promise<Lens> {
  const { source, told } = bench;
  let curve: Curve | null = null;
  let [drawn, asked] = ['', 0];
  const roc = new Plot(t('roc'), [t('falseAlarms'), t('foundShare')]);
  const pr = new Plot(t('pr'), [t('recall'), t('precision')]);
  [roc, pr].forEach((plot) => plot.element.querySelector('figcaption')!.append(plot.note));
  const of = h('select', { 'data-test': 'of', change: () => source.set('of', of.value) }, ...told.classes.map((name) => h('option', { value: name }, name)));
  const slider = h('input', { type: 'range', min: 0, max: 1.001, step: 0.001, 'data-test': 'threshold', input: () => follow(Number(slider.value)), change: () => source.set('threshold', Number(slider.value)) });
  const shown = h('output', { 'data-test': 'threshold-value' });
  const miss = money('miss');
  const alarm = money('alarm');
  const said = h('p', { class: 'ft-sentence', role: 'status', 'data-test': 'chosen-by' });
  const best = h('button', { type: 'button', 'data-test': 'cheapest', click: () => void cheapest() }, t('cheapest'));
  const counts = Object.fromEntries(PARTS.map((part) => [part, h('b', {}, '–')])) as Record<Part, HTMLElement>;
  const quarter = (part: Part) => h('button', { type: 'button', class: `ft-part ft-part-${part}`, 'data-test': `part-${part}`, click: () => bench.behind('rule', { part }, t('behindRule', source.get('of'), t('threshold'), cut(source.get('threshold')), t(part))) }, counts[part], h('span', {}, t(part)));
  const figures = Object.fromEntries((['precision', 'recall', 'cost'] as const).map((name) => [name, h('b', { 'data-test': `figure-${name}` }, '–')])) as Record<'precision' | 'recall' | 'cost', HTMLElement>;
  const figure = (name: 'precision' | 'recall' | 'cost') => h('li', {}, h('span', {}, t(name)), figures[name]);
  const controls = h(
    'div',
    { class: 'ft-controls' },
    h('div', { class: 'ft-together' }, h('label', {}, t('ofClass'), of), h('label', { class: 'ft-slide' }, t('threshold'), slider, shown)),
    h('div', { class: 'ft-together' }, h('label', {}, t('missCost'), miss), h('label', {}, t('alarmCost'), alarm), best),
  );
  const rule = h('div', { class: 'ft-rule' }, h('div', { class: 'ft-quarters', role: 'group', 'aria-label': t('confusions') }, ...PARTS.map(quarter)), h('ul', { class: 'ft-figures' }, figure('precision'), figure('recall'), figure('cost')));
  const element = h('div', {}, controls, said, h('div', { class: 'ft-lens ft-lens-three' }, roc.element, pr.element, rule));

  function money(name: 'miss' | 'alarm'): HTMLInputElement {
    const box = h('input', { type: 'number', min: 0, step: 'any', value: source.get(name), 'data-test': name });
    const take = () => box.value.trim() && Number(box.value) >= 0 && Number(box.value) !== source.get(name) && source.set(name, Number(box.value));
    return entered(box, take);
  }

  async function cheapest(): Promise<void> {
    try {
      const found = (await source.wire.ask('cheapest', costs())).value as { threshold: number; by: string; never: boolean };
      source.set('threshold', found.threshold);
      const value = cut(found.threshold);
      say(said, found.never ? t('neverYes') : found.by === 'validation' ? t('cheapestBy', value, t('validationRows')) : t('cheapestOwn', value));
    } catch (error) {
      bench.fault(error as Error);
    }
  }

  function costs(): Record<string, unknown> {
    return { of: source.get('of'), miss: source.get('miss'), alarm: source.get('alarm') };
  }

  /** What a threshold does, by the counts that are here already. */
  function follow(value: number): void {
    if (!curve) return;
    const at = Math.max(0, Math.min(STEPS + 1, Math.round(value * STEPS)));
    const [found, taken] = [curve.found[at]!, curve.taken[at]!];
    const [missed, alarms] = [curve.positive - found, taken - found];
    const paid = (source.get('miss') * missed + source.get('alarm') * alarms) / curve.rows;
    const share = (part: number, whole: number) => (whole ? [part / whole] : null);
    draw({ threshold: value, found, missed, alarms, passed: curve.rows - curve.positive - alarms, precision: share(found, taken), recall: share(found, curve.positive), cost: [paid] });
  }

  function draw(now: Rule): void {
    if (!curve) return;
    say(shown, cut(now.threshold));
    slider.setAttribute('aria-valuetext', cut(now.threshold));
    for (const part of PARTS) say(counts[part], number(now[part]));
    for (const name of ['precision', 'recall', 'cost'] as const) say(figures[name], withEnds(now[name]));
    const others = curve.rows - curve.positive;
    const line = (name: 'roc' | 'pr') => ({ x: curve![name][0]!, y: curve![name][1]!, colour: '--ft-1' });
    const here = { colour: '--ft-2', size: 6 };
    const area = (at: number) => t('area', withEnds(curve!.areas[at]));
    roc.draw([{ x: [0, 1], y: [0, 1], colour: '--ft-soft', dash: true }, line('roc')], [{ x: others ? now.alarms / others : 0, y: now.recall?.[0] ?? 0, ...here }], `${t('roc')}: ${area(0)}`);
    pr.draw([line('pr')], now.precision ? [{ x: now.recall?.[0] ?? 0, y: now.precision[0]!, ...here }] : [], `${t('pr')}: ${area(1)}`);
    [roc, pr].forEach((plot, at) => say(plot.note, area(at)));
  }

  async function changed(): Promise<void> {
    const key = JSON.stringify([costs(), source.get('threshold')]);
    if (key === drawn) return;
    drawn = key;
    const turn = ++asked;
    [of.value, slider.value, miss.value, alarm.value] = [source.get('of'), String(source.get('threshold')), String(source.get('miss')), String(source.get('alarm'))];
    try {
      if (curve === null || element.dataset.of !== source.get('of')) {
        const name = source.get('of');
        curve = null; // that of another class says nothing of this one
        curve = (await source.wire.ask('curve', { of: name })).value as Curve;
        element.dataset.of = name;
      }
      follow(source.get('threshold'));
      const exact = await source.wire.ask('rule', { ...costs(), threshold: source.get('threshold') });
      if (turn === asked) draw(exact.value as Rule);
    } catch (error) {
      bench.fault(error as Error);
    }
  }

  await changed();
  return { element, changed: () => void changed() };
}

function cut(value: number): string {
  return value > 1 ? t('never' satisfies Word) : String(Number(value.toFixed(3)));
}
