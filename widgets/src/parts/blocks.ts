// The blocks of a display that a live panel shows: pictures, tables, lines, bars, sentences. Text is only ever text.
import { h } from '../dom';
import { number } from '../numbers';
import { Plot } from './plot';
import { marked } from './marked';

export type Block = { type: string } & Record<string, any>;

const INKS = ['--ft-soft', '--ft-1', '--ft-2', '--ft-3', '--ft-4', '--ft-5'];
const DRAWN: Record<string, (block: Block, pictures: DataView[], made: string[]) => Node> = {
  gallery,
  table,
  line_chart: lines,
  histogram: bars,
  paragraph: (block) => h('p', { class: 'ft-sentence' }, block.text),
  note: (block) => h('p', { class: 'ft-sentence' }, block.text),
};

/** Draw blocks into an element, in the place of what was there; pictures of the last time are given back. */
export class Blocks {
  readonly element: HTMLElement = h('div', { class: 'ft-blocks' });
  private addresses: string[] = [];

  draw(blocks: Block[], pictures: DataView[]): void {
    const before = this.addresses;
    this.addresses = [];
    this.element.replaceChildren(...blocks.flatMap((block) => DRAWN[block.type]?.(block, pictures, this.addresses) ?? []));
    before.forEach((address) => URL.revokeObjectURL(address));
  }

  close(): void {
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
  }
}

function gallery(block: Block, pictures: DataView[], made: string[]): Node {
  const lines: HTMLElement[] = [];
  let group: string | null = null;
  (block.captions as string[]).forEach((caption, at) => {
    const address = URL.createObjectURL(new Blob([pictures[block.first + at] as unknown as ArrayBuffer], { type: 'image/png' }));
    made.push(address);
    if (block.groups[at] !== group) {
      group = block.groups[at] as string;
      lines.push(h('div', { class: 'ft-draws' }, h('p', {}, group)));
    }
    lines.at(-1)!.append(h('figure', {}, h('img', { src: address, alt: `${group} ${caption}`.trim() }), h('figcaption', {}, caption)));
  });
  return h('div', { class: 'ft-grid-of', role: 'group', 'aria-label': block.title }, h('h4', {}, block.title), ...lines);
}

function table(block: Block): Node {
  const columns = block.columns as [string, unknown[]][];
  const names = columns.map(([name]) => name);
  const rows = columns[0]?.[1].length ?? 0;
  if (!rows) return document.createTextNode('');
  const first = columns[0]![1];
  const cell = (value: unknown) => (typeof value === 'number' ? number(value) : value === null ? '' : String(value));
  const body = Array.from({ length: rows }, (_, at) => {
    const again = at > 0 && first[at] === first[at - 1];
    return h('tr', { class: again ? 'ft-again' : '' }, ...columns.map(([, values], place) => h('td', {}, ...(place === 0 && again ? [''] : marked(cell(values[at]))))));
  });
  const head = h('thead', {}, h('tr', {}, ...names.map((name) => h('th', { scope: 'col' }, name))));
  const box = h('div', { class: 'ft-scroll', tabindex: 0, role: 'group', 'aria-label': block.caption || names.join(', ') }, h('table', { class: 'ft-table ft-before' }, head, h('tbody', {}, ...body)));
  return h('div', { class: 'ft-grid-of' }, h('h4', {}, block.caption), box);
}

function lines(block: Block): Node {
  const plot = new Plot(block.title, [block.x_title, block.y_title]);
  const series = (block.series as Block[]).map((one, at) => ({ ...one, colour: block.series.length === 1 ? '--ft-1' : INKS[at % INKS.length]! }));
  const known = (x: number[], y: (number | null)[]) => {
    const kept = x.map((_, at) => at).filter((at) => y[at] !== null);
    return { x: kept.map((at) => x[at]!), y: kept.map((at) => y[at]!) };
  };
  const drawn = series.flatMap((one: any) => [
    { ...known(one.x, one.y), colour: one.colour },
    ...(['low', 'high'] as const).filter((end) => one[end]).map((end) => ({ ...known(one.x, one[end]), colour: one.colour, dash: true })),
  ]);
  const all = (axis: 'x' | 'y') => drawn.flatMap((line) => line[axis]);
  const ends = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const [low, high] = ends(all('y'));
  plot.draw(drawn, [], block.title, [ends(all('x')), [low >= 0 && low < high / 2 ? 0 : low, high === low ? low + 1 : high]]);
  const legend = series.length > 1 ? h('ul', { class: 'ft-legend' }, ...series.map((one: any) => h('li', {}, h('i', { class: 'ft-swatch', style: `--swatch: var(${one.colour})` }), one.name))) : null;
  plot.element.append(...(legend ? [legend] : []));
  return plot.element;
}

function bars(block: Block): Node {
  const counts = block.counts as number[];
  const most = Math.max(1, ...counts);
  const said = `${block.title}: ${number(block.edges[0])} – ${number(block.edges.at(-1))}`;
  const box = h('div', { class: 'ft-bins', role: 'img', 'aria-label': said }, ...counts.map((count) => h('span', { class: 'ft-bin' }, h('i', { style: `height: ${(100 * count) / most}%` }))));
  const scale = h('div', { class: 'ft-bins-ends', 'aria-hidden': 'true' }, h('span', {}, number(block.edges[0])), h('span', {}, number(block.edges.at(-1))));
  return h('figure', { class: 'ft-bins-box' }, h('figcaption', {}, block.title), box, scale);
}
