// The outliers panel: a map above the rows of the inspect panel.
import type { OutliersState } from '../contract';
import { h } from '../dom';
import { Scatter } from '../parts/scatter';
import { Groups } from '../parts/groups';
import { colourOf, onTheme } from '../parts/theme';
import { Threshold } from '../parts/threshold';
import { modelSource } from '../source';
import type { Source } from '../types';
import type { Model } from '../wire';
import { t } from '../words';
import { showInspect, type Above, type Chooser } from './inspect';

type Colour = [number, number, number, number];
const INKS = ['--ft-1', '--ft-2', '--ft-3', '--ft-4', '--ft-5', '--ft-6', '--ft-error', '--ft-soft'];
const [FOUND, OTHER] = [6, 7];

export async function showMap(source: Source<OutliersState>, chooser: Chooser): Promise<Above> {
  const { buffers } = await source.wire.ask('map', {});
  const [places, classes, scores] = buffers as [DataView, DataView, DataView];
  const copy = (view: DataView) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  const points = new Float32Array(copy(places));
  const labels = new Uint8Array(copy(classes));
  const score = new Float32Array(copy(scores));
  const map = new Scatter(t('map'), points, chooser.choose, chooser.open);
  const threshold = new Threshold(async () => new Float32Array(copy((await source.wire.ask('odd', {})).buffers[0]!)), chooser.choose, () => paint(), chooser.fault);
  const groups = new Groups(
    async () => (await source.wire.ask('groups', {})).value.groups,
    async (place) => await source.wire.ask('row', { place, side: 160 }),
    chooser.decide,
    chooser.undo,
    chooser.fault,
  );
  if (!map.works) return { element: h('div', {}, h('p', { class: 'ft-sentence' }, t('noWebgl')), threshold.element, groups.element), close: () => map.close() };

  const button = (word: 'pan' | 'lasso' | 'chooseSeen' | 'whole', pressed: () => void) => h('button', { type: 'button', 'data-test': word, click: pressed }, t(word));
  const mode = (lasso: boolean) => {
    map.lasso = lasso;
    lassoing.setAttribute('aria-pressed', String(lasso));
    moving.setAttribute('aria-pressed', String(!lasso));
  };
  const [moving, lassoing] = [button('pan', () => mode(false)), button('lasso', () => mode(true))];
  const colour = h('select', { 'data-test': 'colour', change: () => source.set('colour', colour.value as OutliersState['colour']) });
  for (const name of ['label', 'finding', 'score'] as const) colour.append(h('option', { value: name, selected: source.get('colour') === name }, t(name)));
  const bar = h('div', { class: 'ft-controls' }, h('div', { class: 'ft-modes', role: 'group' }, moving, lassoing), button('whole', () => map.whole()), button('chooseSeen', () => chooser.choose(map.seen())), h('label', {}, t('colourBy'), colour));
  const element = h('div', { 'data-test': 'map-box' }, bar, map.element, h('p', { class: 'ft-sentence' }, t('mapKeys')), threshold.element, groups.element);
  mode(false);

  function paint(): void {
    const by = source.get('colour');
    colour.value = by;
    const inks = new Uint8Array(labels.length);
    for (let at = 0; at < inks.length; at++) inks[at] = threshold.takes(at) ? FOUND : ink(by, labels[at]!, score[at]!);
    map.paint(inks, INKS.map((name, place) => rgba(element, name, place === OTHER && by !== 'label' ? 0.35 : 0.8)));
  }
  source.onChange(paint);
  const offTheme = onTheme(paint);
  queueMicrotask(() => requestAnimationFrame(paint)); // colours are known once it is in the page
  return {
    element,
    close: () => {
      offTheme();
      map.close();
    },
  };
}

function ink(by: OutliersState['colour'], label: number, score: number): number {
  if (by === 'label') return label === 255 ? OTHER : label % 6;
  if (by === 'finding') return score > 0 ? FOUND : OTHER;
  return score <= 0 ? OTHER : score > 0.9 ? FOUND : score > 0.5 ? 1 : 4;
}

function rgba(near: HTMLElement, name: string, alpha: number): Colour {
  const parts = colourOf(near, `var(${name})`).match(/[\d.]+/g) ?? ['128', '128', '128'];
  return [Number(parts[0]) / 255, Number(parts[1]) / 255, Number(parts[2]) / 255, alpha];
}

export default {
  render: ({ model, el }: { model: Model; el: HTMLElement }) => {
    const source = modelSource<OutliersState>(model);
    return showInspect(el, source as unknown as Source<import('../contract').InspectState>, (chooser) => showMap(source, chooser));
  },
};
