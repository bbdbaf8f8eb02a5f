// Rows that are nearly the same, side by side, one set after the other: one is kept, the others go.
import type { Group } from '../contract';
import { h, say, show } from '../dom';
import { number } from '../numbers';
import type { Reply } from '../types';
import { t } from '../words';

const SEEN = 8; // rows of a set
const CODE = 'near-duplicate';

export class Groups {
  readonly element: HTMLDetailsElement;
  private groups: Group[] = [];
  private at = 0;
  private begun = false;
  private drawn = 0;
  private count = h('span', { class: 'ft-count', role: 'status', 'data-test': 'group-count' });
  private cards = h('div', { class: 'ft-alike', 'data-test': 'alike' });
  private bar = h(
    'div',
    { class: 'ft-actions' },
    this.button('lastSet', () => this.go(-1)),
    this.button('nextSet', () => this.go(1)),
    this.button('keepAll', () => void this.keepAll()),
    this.count,
  );
  private box = h('div', { tabindex: 0, role: 'group', 'aria-label': t('alike'), 'data-test': 'groups', hidden: true }, this.bar, this.cards, h('p', { class: 'ft-sentence' }, t('alikeKeys')));
  private none = h('p', { class: 'ft-sentence', hidden: true }, t('noGroups'));

  constructor(
    private fetch: () => Promise<Group[]>,
    private row: (place: number) => Promise<Reply>,
    private decide: (op: string, places: number[], because: string) => Promise<void>,
    private undo: () => Promise<void>,
    private trouble: (error: Error) => void,
  ) {
    this.element = h('details', { class: 'ft-fold', 'data-test': 'groups-box', toggle: () => void this.open() }, h('summary', {}, t('alike')), this.box, this.none);
    this.box.addEventListener('keydown', (event) => this.key(event));
  }

  private async open(): Promise<void> {
    if (this.begun || !this.element.open) return;
    this.begun = true;
    try {
      this.groups = await this.fetch();
      show(this.box, this.groups.length > 0);
      show(this.none, this.groups.length === 0);
      await this.draw();
    } catch (error) {
      this.begun = false;
      this.trouble(error as Error);
    }
  }

  private get places(): number[] {
    const group = this.groups[this.at];
    return group ? [group.kept, ...group.copies] : [];
  }

  private async draw(): Promise<void> {
    const group = this.groups[this.at];
    if (!group) return;
    say(this.count, t('groupOf', number(this.at + 1), number(this.groups.length)));
    const turn = ++this.drawn;
    const shown = this.places.slice(0, SEEN);
    const replies = await Promise.all(shown.map((place) => this.row(place)));
    if (turn === this.drawn) this.cards.replaceChildren(...replies.map((reply, at) => this.card(reply, at, group)));
  }

  private card(reply: Reply, at: number, group: Group): HTMLElement {
    const { id, cells, edits } = reply.value as { id: string; cells: Record<string, string | null>; edits: { op: string }[] };
    const name = h('h4', { title: id }, `${at + 1}. ${id}`);
    const alike = h('small', {}, at === 0 ? t('reference') : t('same', number(100 * group.scores[at - 1]!)));
    const text = Object.entries(cells).map(([column, cell]) => `${column}: ${cell ?? t('none_')}`).join('\n');
    const keep = h('button', { type: 'button', 'data-test': 'keep-only', 'aria-label': `${t('keepOnly')}: ${id}`, click: () => void this.keep(at) }, t('keepOnly'));
    const card = h('section', { 'data-test': 'card' }, name, alike, picture(reply.buffers[0]), h('p', { tabindex: 0, role: 'group', 'aria-label': id }, text), keep);
    if (edits.length) card.dataset.mark = edits.map((edit) => edit.op).join(', ');
    return card;
  }

  /** One row stays, the others are dropped; then the next set. */
  private async keep(at: number): Promise<void> {
    const places = this.places;
    if (places[at] === undefined) return;
    await this.decide('drop', places.filter((_, other) => other !== at), CODE);
    this.go(1);
  }

  private async keepAll(): Promise<void> {
    await this.decide('keep', this.places, CODE);
    this.go(1);
  }

  private go(step: number): void {
    this.at = Math.max(0, Math.min(this.groups.length - 1, this.at + step));
    this.draw().catch(this.trouble);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
    const acts: Record<string, () => void> = { ArrowLeft: () => this.go(-1), ArrowRight: () => this.go(1), a: () => void this.keepAll(), u: () => void this.undo().then(() => this.draw()) };
    if (digit) void this.keep(digit - 1);
    else if (acts[event.key]) acts[event.key]!();
    else return;
    event.preventDefault();
  }

  private button(word: 'lastSet' | 'nextSet' | 'keepAll', pressed: () => void): HTMLButtonElement {
    return h('button', { type: 'button', 'data-test': word, click: pressed }, t(word));
  }
}

function picture(bytes: DataView | undefined): HTMLImageElement | null {
  if (!bytes) return null;
  const image = h('img', { alt: '' });
  const address = URL.createObjectURL(new Blob([bytes as unknown as ArrayBuffer], { type: 'image/png' }));
  image.addEventListener('load', () => URL.revokeObjectURL(address));
  image.src = address;
  return image;
}
