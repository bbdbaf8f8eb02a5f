// A table of any number of rows. It knows rows and columns, nothing of Jupyter.
import { h, say } from '../dom';
import type { Row } from '../rowsource';
import { Scroller } from './scroller';

const LINE = 28;
const HEAD = 34;

export interface Column {
  name: string;
  detail: string;
  number: boolean;
}

export interface RowView {
  readonly element: HTMLElement;
  readonly perLine: number;
  readonly page: number;
  draw(total: number, active: number, isChosen: (place: number) => boolean): void;
  reveal(index: number): void;
  close(): void;
}

export interface RowHost {
  at(index: number): Row | undefined;
  want(first: number, count: number, asTiles?: boolean): void;
  pick(index: number, event: MouseEvent): void;
  redraw(): void;
}

export class Table implements RowView {
  readonly element: HTMLElement;
  readonly perLine = 1;
  private scroller: Scroller;
  private rows: HTMLElement[] = [];
  private heads: HTMLElement[];
  private key = `ft-${Math.random().toString(36).slice(2)}`;

  constructor(label: string, fixed: [string, string], private columns: Column[], private host: RowHost, sort: (column: string) => void) {
    const texts = columns.filter((column) => !column.number).length;
    const widest = texts > 2 ? 260 : texts === 2 ? 400 : 620; // px; few texts may take more room
    const widths = `110px 170px ${columns.map((column) => (column.number ? '120px' : `minmax(140px, ${widest}px)`)).join(' ')}`;
    this.heads = columns.map((column) =>
      h('div', { role: 'columnheader', 'aria-sort': 'none', ...(column.number ? { class: 'ft-number' } : {}) }, h('button', { type: 'button', title: column.detail, tabindex: -1, 'data-test': `sort-${column.name}`, click: () => sort(column.name) }, column.name)),
    );
    const head = h('div', { class: 'ft-thead', role: 'row' }, ...fixed.map((name) => h('div', { role: 'columnheader' }, name)), ...this.heads);
    this.element = h('div', { class: 'ft-grid', role: 'grid', tabindex: 0, 'aria-label': label, 'data-test': 'table', style: `--ft-columns: ${widths}` }, head);
    this.scroller = new Scroller(this.element, LINE, HEAD, () => host.redraw());
  }

  get page(): number {
    return Math.max(1, this.scroller.shown - 2);
  }

  sorted(name: string, down: boolean): void {
    this.columns.forEach((column, at) => this.heads[at]!.setAttribute('aria-sort', column.name === name ? (down ? 'descending' : 'ascending') : 'none'));
  }

  draw(total: number, active: number, isChosen: (place: number) => boolean): void {
    this.scroller.resize(total);
    this.element.setAttribute('aria-rowcount', String(total + 1));
    const first = this.scroller.first();
    const shown = Math.min(this.scroller.shown, Math.max(0, total - first));
    this.host.want(first, this.scroller.shown);
    while (this.rows.length < shown) this.add();
    this.rows.forEach((row, at) => {
      row.hidden = at >= shown;
      if (at < shown) this.fill(row, first + at, active, isChosen);
    });
    const there = active >= first && active < first + shown;
    if (there) this.element.setAttribute('aria-activedescendant', `${this.key}-${active}`);
    else this.element.removeAttribute('aria-activedescendant');
  }

  reveal(index: number): void {
    this.scroller.reveal(index);
  }

  close(): void {
    this.scroller.close();
  }

  private add(): void {
    const cells = Array.from({ length: this.columns.length + 2 }, (_, at) => h('div', { role: 'gridcell', ...(at > 1 && this.columns[at - 2]!.number ? { class: 'ft-number' } : {}) }));
    const row: HTMLElement = h('div', { class: 'ft-trow', role: 'row', 'data-test': 'row', click: (event) => this.host.pick(Number(row.dataset.index), event) }, ...cells);
    this.rows.push(row);
    this.scroller.layer.append(row);
  }

  private fill(row: HTMLElement, index: number, active: number, isChosen: (place: number) => boolean): void {
    const known = this.host.at(index);
    row.dataset.index = String(index);
    row.id = `${this.key}-${index}`;
    row.setAttribute('aria-rowindex', String(index + 2));
    row.setAttribute('aria-selected', String(known !== undefined && isChosen(known.place)));
    row.classList.toggle('ft-active', index === active);
    row.classList.toggle('ft-coming', known === undefined);
    const texts = known ? [known.mark, known.id, ...known.cells] : [];
    [...row.children].forEach((cell, at) => {
      say(cell, texts[at] ?? '');
      cell.classList.toggle('ft-missing', known !== undefined && texts[at] === null);
    });
  }
}
