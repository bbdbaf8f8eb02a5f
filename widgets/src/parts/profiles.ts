// What the columns are like: one line each, with its distribution and where its cells are missing.
import type { ColumnFacts, Profile } from '../contract';
import { h } from '../dom';
import { number } from '../numbers';
import { called, t } from '../words';

export class Profiles {
  readonly element: HTMLElement;
  private body = h('tbody');
  private begun = false;

  constructor(
    private columns: ColumnFacts[],
    private rows: number,
    private fetch: (name: string) => Promise<Profile>,
    private pick: (name: string) => void,
    private trouble: (error: Error) => void,
  ) {
    const head = (['column', 'values', 'distinct', 'missingCells'] as const).map((word) => h('th', { scope: 'col', class: word === 'distinct' ? 'ft-number' : '' }, t(word)));
    const table = h('table', { class: 'ft-table ft-profiles' }, h('thead', {}, h('tr', {}, ...head)), this.body);
    this.element = h('div', { class: 'ft-scroll', tabindex: 0, role: 'group', 'aria-label': t('columns'), 'data-test': 'profiles' }, table);
  }

  /** Ask for the columns, one after the other, the first time they are seen. */
  async open(): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    const lines = this.columns.map((column) => this.line(column));
    this.body.replaceChildren(...lines.map(([line]) => line));
    for (const [at, column] of this.columns.entries()) {
      try {
        lines[at]![1](await this.fetch(column.name));
      } catch (error) {
        this.trouble(error as Error);
      }
    }
  }

  private line(column: ColumnFacts): [HTMLElement, (profile: Profile) => void] {
    const [values, distinct, missing] = [h('td'), h('td', { class: 'ft-number' }), h('td')];
    const name = h('button', { type: 'button', 'data-test': 'profile', click: () => this.pick(column.name) }, column.name);
    const line = h('tr', { 'data-test': 'profile-line' }, h('th', { scope: 'row' }, name, h('small', {}, `${called(column.kind)}, ${called(column.role)}`)), values, distinct, missing);
    const fill = (profile: Profile) => {
      line.dataset.there = '';
      values.append(...shapeOf(profile));
      distinct.append(profile.distinct ? number(profile.distinct) : '–');
      missing.append(...missingOf(profile, this.rows));
    };
    return [line, fill];
  }
}

function shapeOf(profile: Profile): HTMLElement[] {
  if (!profile.bars.length) return [h('span', {}, '–')];
  const most = Math.max(1, ...profile.bars);
  const said = (at: number) => (profile.names.length ? `${profile.names[at]}: ${number(profile.bars[at])}` : number(profile.bars[at]));
  const bars = profile.bars.map((rows, at) => h('i', { style: `height: ${rows ? Math.max(6, (100 * rows) / most) : 0}%`, title: said(at) }));
  const words = wordsOf(profile);
  return [h('div', { class: 'ft-bars', role: 'img', 'aria-label': words }, ...bars), h('small', {}, words)];
}

function wordsOf(profile: Profile): string {
  if (profile.shape === 'characters') return t('characters', profile.low, profile.high);
  if (profile.shape === 'values') return `${profile.low} – ${profile.high}`;
  return profile.names.slice(0, 3).join(', ') + (profile.distinct > 3 ? ', …' : '');
}

function missingOf(profile: Profile, rows: number): HTMLElement[] {
  if (!profile.missing) return [h('span', { class: 'ft-none' }, t('noneMissing'))];
  const share = (100 * profile.missing) / rows;
  const words = `${number(profile.missing)} (${share < 0.1 ? '< 0.1' : number(share)}%)`;
  const cells = profile.blocks.map((part) => h('i', { style: `opacity: ${part ? 0.2 + 0.8 * part : 0}` }));
  return [h('div', { class: 'ft-gaps', role: 'img', 'aria-label': t('missingWhere'), title: t('missingWhere') }, ...cells), h('small', {}, words)];
}
