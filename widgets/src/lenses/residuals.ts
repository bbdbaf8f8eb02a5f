// Numbers: predicted against true, and how far off.
import type { Residuals } from '../contract';
import { h } from '../dom';
import { number } from '../numbers';
import { bins } from '../parts/bins';
import { Plot } from '../parts/plot';
import { t } from '../words';
import type { Bench, Lens } from './lens';

export async function residuals(bench: Bench): Promise<Lens> {
  const told = (await bench.source.wire.ask('residuals', {})).value as Residuals;
  const open = (at: number) => bench.behind('row', { place: told.places[at] }, t('behindRow', number(told.true[at]), number(told.predicted[at])));
  const plot = new Plot(t('predictedTrue'), [t('truth'), t('predicted')], open);
  const ends = extent([...told.true, ...told.predicted]);
  const dots = told.places.map((_, at) => ({ x: told.true[at]!, y: told.predicted[at]!, colour: '--ft-1', size: 2.6, faint: true }));
  plot.draw([{ x: ends, y: ends, colour: '--ft-soft', dash: true }], dots, t('predictedTrue'), [ends, ends]);
  const last = told.counts.length - 1;
  const bars = told.counts.map((rows, at) => {
    const [low, high] = [at ? number(told.edges[at]) : '−∞', at < last ? number(told.edges[at + 1]) : '∞'];
    return { rows, said: t('binOf', low, high, number(rows)), open: () => bench.behind('residual', { at }, t('behindOff', low, high)) };
  });
  const histogram = bins(t('howFar'), bars, [told.edges[0]!, told.edges.at(-1)!]);
  return { element: h('div', { class: 'ft-lens' }, plot.element, histogram) };
}

function extent(values: number[]): [number, number] {
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  const room = (high - low) * 0.03 || 1;
  return [low - room, high + room];
}
