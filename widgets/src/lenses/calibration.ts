// Whether stated probabilities can be believed, as stated and at the temperature that mends them.
import type { Calibration } from '../contract';
import { h, say, show } from '../dom';
import { number } from '../numbers';
import { bins } from '../parts/bins';
import { Plot } from '../parts/plot';
import { t } from '../words';
import { withEnds, type Bench, type Lens } from './lens';

const ABOUT = 0.05; // a temperature so near to 1 changes nothing that matters

export async function calibration(bench: Bench): Promise<Lens> {
  const { source } = bench;
  const plot = new Plot(t('reliability'), [t('stated'), t('right')]);
  const histogram = h('div', {});
  const [error, said] = [h('p', { class: 'ft-strong', 'data-test': 'ece' }), h('p', { class: 'ft-sentence' })];
  const mode = (mended: boolean) => h('button', { type: 'button', 'data-test': mended ? 'mended' : 'stated', click: () => source.set('mended', mended) }, t(mended ? 'mended' : 'asStated', ''));
  const modes = [mode(false), mode(true)];
  const group = h('div', { class: 'ft-modes', role: 'group', 'aria-label': t('calibration') }, ...modes);
  const element = h('div', { class: 'ft-lens' }, plot.element, h('div', { class: 'ft-stack' }, group, error, said, histogram));
  let drawn: boolean | null = null;

  async function changed(): Promise<void> {
    const mended = source.get('mended');
    if (mended === drawn) return;
    drawn = mended;
    try {
      draw((await source.wire.ask('calibration', { mended })).value as Calibration);
    } catch (fault) {
      bench.fault(fault as Error);
    }
  }

  function draw(told: Calibration): void {
    const warm = told.temperature;
    show(group, warm !== null);
    if (warm !== null) say(modes[1]!, t('mended', number(warm)));
    modes.forEach((button, at) => button.setAttribute('aria-pressed', String(told.mended === Boolean(at))));
    say(error, t('ece', withEnds(told.error)));
    say(said, t(warm === null ? 'noTemperature' : Math.abs(warm - 1) < ABOUT ? 'aboutRight' : warm > 1 ? 'tooSure' : 'notSure'));
    const most = Math.max(...told.bins.map((bin) => bin.rows));
    const dots = told.bins.map((bin) => ({ x: bin.sure, y: bin.right, low: bin.right_low, high: bin.right_high, colour: '--ft-1', size: 3 + 4 * Math.sqrt(bin.rows / most) }));
    plot.draw([{ x: [0, 1], y: [0, 1], colour: '--ft-soft', dash: true }], dots, `${t('reliability')}. ${t('ece', withEnds(told.error))}`);
    const bars = told.bins.map((bin) => ({
      rows: bin.rows,
      said: t('binOf', number(bin.low), number(bin.high), number(bin.rows)),
      open: () => bench.behind('bin', { at: bin.at }, t('behindBin', number(bin.low), number(bin.high))),
    }));
    histogram.replaceChildren(bins(t('howSure'), bars, [told.bins[0]!.low, told.bins.at(-1)!.high]));
  }

  await changed();
  return { element, changed: () => void changed() };
}
