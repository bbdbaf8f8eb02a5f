// This run and another on the same rows.
import type { Contest, Pair } from '../contract';
import { h } from '../dom';
import { number } from '../numbers';
import { track } from '../parts/track';
import { t } from '../words';
import type { Bench, Lens } from './lens';

const PARTS = ['first', 'second', 'neither'] as const;

export async function compare(bench: Bench): Promise<Lens> {
  const { source, told } = bench;
  const runs = (await source.wire.ask('rivals', {})).value.runs as string[];
  if (!runs.length) return { element: h('p', { class: 'ft-sentence' }, t('noRivals')) };
  const other = h('select', { 'data-test': 'other', change: () => source.set('other', other.value) }, h('option', { value: '' }, t('choose_')), ...runs.map((name) => h('option', { value: name }, name)));
  const found = h('div', { class: 'ft-contest', 'data-test': 'contest', role: 'status' });
  const element = h('div', {}, h('div', { class: 'ft-controls' }, h('label', {}, t('otherRun'), other)), found);
  let drawn = '';

  async function changed(): Promise<void> {
    const name = source.get('other');
    other.value = name;
    if (name === drawn) return;
    drawn = name;
    found.replaceChildren();
    if (!name) return;
    try {
      const answer = (await source.wire.ask('contest', { other: name })).value as Contest;
      if (name === drawn) found.replaceChildren(...draw(answer, name));
    } catch (error) {
      bench.fault(error as Error);
    }
  }

  function draw(answer: Contest, name: string): HTMLElement[] {
    const words = { first: t('onlyRight', told.run), second: t('onlyRight', name), neither: t('bothWrong') };
    const parts = PARTS.filter((part) => answer.parts[part]).map((part) => h('button', { type: 'button', 'data-test': `part-${part}`, click: () => bench.behind('part', { part }, words[part]) }, h('b', {}, number(answer.parts[part])), ' ', words[part]));
    return [
      h('ul', { class: 'ft-sentences' }, ...answer.sentences.map((one) => h('li', {}, one))),
      h('h4', {}, t('difference', name, told.run)),
      h('ul', { class: 'ft-list ft-differences' }, ...answer.pairs.filter((pair) => pair.value !== null).map((pair) => difference(pair))),
      h('div', { class: 'ft-actions', role: 'group', 'aria-label': t('rows') }, ...parts),
      ...answer.notes.map((note) => h('p', { class: 'ft-sentence' }, note)),
    ];
  }

  await changed();
  return { element, changed: () => void changed() };
}

function difference(pair: Pair): HTMLElement {
  const scale = pair.points ? 100 : 1;
  const [value, low, high] = [pair.value!, pair.low ?? pair.value!, pair.high ?? pair.value!].map((each) => each * scale) as [number, number, number];
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9) * 1.15;
  return h('li', {}, h('span', {}, pair.metric), track(value, low, high, 0, [-reach, reach], pair.better === 'a'), h('b', {}, `${number(value)} (${number(low)} – ${number(high)})`));
}
