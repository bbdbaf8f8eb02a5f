// What was taken for what; a cell opens its rows.
import type { Matrix } from '../contract';
import { h, visible } from '../dom';
import { number } from '../numbers';
import { rove, stop } from '../parts/rove';
import { t } from '../words';
import type { Bench, Lens } from './lens';

const DARKEST = 50; // per cent of ink, so that numbers stay legible

export async function confusions(bench: Bench): Promise<Lens> {
  const told = (await bench.source.wire.ask('matrix', {})).value as Matrix;
  const cells: HTMLElement[] = [];
  const open = (cell: HTMLElement, from: string, to: string) => {
    cells.forEach((other) => other.setAttribute('aria-selected', String(other === cell)));
    bench.behind('cell', { true: from, predicted: to }, t('behindCell', from, to));
  };
  const lines = told.classes.map((from, row) => {
    const total = Math.max(1, told.counts[row]!.reduce((sum, count) => sum + count, 0));
    const made = told.classes.map((to, column) => {
      const count = told.counts[row]![column]!;
      const ink = count ? DARKEST * Math.sqrt(count / total) : 0;
      const style = `background: color-mix(in srgb, var(${row === column ? '--ft-1' : '--ft-2'}) ${ink.toFixed(0)}%, transparent)`;
      const said = visible(t('cellOf', from, to, number(count)));
      const act = () => count && open(cell, from, to);
      const press = (event: KeyboardEvent) => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          act();
        }
      };
      const cell: HTMLElement = h('td', { role: 'gridcell', 'data-test': 'cell', 'aria-label': said, 'aria-selected': 'false', title: said, style, click: act, keydown: press }, count ? number(count) : '');
      cells.push(cell);
      return cell;
    });
    return h('tr', { role: 'row' }, h('th', { role: 'rowheader', scope: 'row', title: visible(from) }, h('span', {}, from)), ...made);
  });
  const heads = told.classes.map((name) => h('th', { role: 'columnheader', scope: 'col', title: visible(name) }, h('span', {}, name)));
  const head = h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, h('td', { role: 'gridcell', class: 'ft-corner' }, t('trueDown')), ...heads));
  const longest = Math.max(...told.classes.map((name) => name.length));
  const short = longest <= 3 || (told.classes.length <= 4 && longest < 14);
  const table = h('table', { class: short ? 'ft-matrix ft-flat' : 'ft-matrix', role: 'grid', 'aria-label': t('matrix') }, head, h('tbody', { role: 'rowgroup' }, ...lines));
  rove(table, () => cells, told.classes.length);
  stop(cells, cells[0]);
  const notes = told.left_out ? h('p', { class: 'ft-sentence' }, t('leftOut', told.classes.length, told.classes.length + told.left_out)) : null;
  const pair = ([from, to, count]: string[]) => h('li', {}, h('button', { type: 'button', 'data-test': 'pair', click: () => bench.behind('cell', { true: from, predicted: to }, t('behindCell', from!, to!)) }, h('span', {}, t('pair', from!, to!)), h('b', {}, count!)));
  const pairs = told.pairs.length ? h('ul', { class: 'ft-list' }, ...told.pairs.map(pair)) : h('p', { class: 'ft-sentence' }, t('noPairs'));
  const element = h('div', { class: 'ft-lens ft-lens-wide' }, h('div', {}, h('div', { class: 'ft-scroll' }, table), notes), h('div', {}, h('h4', {}, t('pairs')), pairs));
  return { element };
}
