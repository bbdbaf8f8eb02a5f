// Rows with something in common on which there are more errors than elsewhere.
import type { Progress, SliceFacts } from '../contract';
import { h, say } from '../dom';
import { number } from '../numbers';
import { track } from '../parts/track';
import { t } from '../words';
import { withEnds, type Bench, type Lens } from './lens';

const AGAIN = 400; // ms

export async function slices(bench: Bench): Promise<Lens> {
  const said = h('p', { class: 'ft-sentence', role: 'status', 'data-test': 'slices-said' }, t('slicesWait'));
  const list = h('ul', { class: 'ft-list ft-slices' });
  const element = h('div', {}, said, list);

  async function ask(): Promise<void> {
    try {
      const told = (await bench.source.wire.ask('slices', {})).value as Progress & { slices: SliceFacts[]; tried: number };
      if (told.state === 'working') window.setTimeout(() => element.isConnected && void ask(), AGAIN);
      else if (told.error) say(said, told.error);
      else draw(told.slices, told.tried);
    } catch (error) {
      bench.fault(error as Error);
    }
  }

  function draw(found: SliceFacts[], tried: number): void {
    say(said, found.length ? t('slicesFound', number(found.length), number(tried)) : t('slicesNone', number(tried)));
    const most = Math.max(...found.map((one) => one.high), 1e-12);
    list.replaceChildren(
      ...found.map((one, at) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', 'data-test': 'slice', click: () => bench.behind('slice', { at }, one.name) },
            h('span', {}, one.name, h('small', {}, t('sliceOf', number(one.rows), number(one.rest)))),
            track(one.value, one.low, one.high, one.rest, [0, most], true),
            h('b', {}, withEnds([one.value, one.low, one.high])),
          ),
        ),
      ),
    );
  }

  void ask();
  return { element };
}
