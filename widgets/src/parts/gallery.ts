// Pictures of any number of rows; each is fetched when it is seen.
import { h, say } from '../dom';
import type { RowHost, RowView } from './table';
import { Scroller } from './scroller';

const TILE = { width: 108, height: 132 };
const SIDE = 96; // px of a picture
const KEPT = 800; // pictures

export type Pictures = (places: number[]) => Promise<DataView[]>;

export class Gallery implements RowView {
  readonly element: HTMLElement;
  private scroller: Scroller;
  private tiles: { box: HTMLElement; image: HTMLImageElement; name: HTMLElement; mark: HTMLElement }[] = [];
  private known = new Map<number, string>();
  private missing: number[] = [];
  private asking = false;
  private key = `ft-${Math.random().toString(36).slice(2)}`;

  constructor(label: string, private host: RowHost, private pictures: Pictures, private trouble: (error: Error) => void) {
    this.element = h('div', { class: 'ft-gallery-live', role: 'listbox', 'aria-multiselectable': 'true', tabindex: 0, 'aria-label': label, 'data-test': 'gallery' });
    this.scroller = new Scroller(this.element, TILE.height, 0, () => host.redraw());
    this.scroller.layer.classList.add('ft-tiles-live');
  }

  get perLine(): number {
    return Math.max(1, Math.floor((this.element.clientWidth - 4) / TILE.width));
  }

  get page(): number {
    return this.perLine * Math.max(1, this.scroller.shown - 2);
  }

  draw(total: number, active: number, isChosen: (place: number) => boolean): void {
    const each = this.perLine;
    this.scroller.resize(Math.ceil(total / each));
    const first = this.scroller.first() * each;
    const shown = Math.min(this.scroller.shown * each, Math.max(0, total - first));
    this.host.want(first, this.scroller.shown * each, true);
    while (this.tiles.length < shown) this.add();
    const places: number[] = [];
    this.tiles.forEach((tile, at) => {
      tile.box.hidden = at >= shown;
      if (at >= shown) return;
      const place = this.fill(tile, first + at, total, active, isChosen);
      if (place !== undefined && !this.known.has(place)) places.push(place);
    });
    if (active >= first && active < first + shown) this.element.setAttribute('aria-activedescendant', `${this.key}-${active}`);
    else this.element.removeAttribute('aria-activedescendant');
    this.missing = places;
    void this.fetch();
  }

  /** Keep pictures of rows. */
  take(places: number[], pictures: DataView[]): void {
    places.forEach((place, at) => {
      const bytes = pictures[at];
      if (bytes && !this.known.has(place)) this.known.set(place, URL.createObjectURL(new Blob([bytes as unknown as ArrayBuffer])));
    });
    for (const [place, address] of this.known) {
      if (this.known.size <= KEPT) break;
      URL.revokeObjectURL(address);
      this.known.delete(place);
    }
  }

  reveal(index: number): void {
    this.scroller.reveal(Math.floor(index / this.perLine));
  }

  close(): void {
    this.scroller.close();
    this.known.forEach((address) => URL.revokeObjectURL(address));
    this.known.clear();
  }

  private add(): void {
    const sharp = () => image.classList.toggle('ft-small', 2 * Math.max(image.naturalWidth, image.naturalHeight) <= SIDE);
    const [image, name, mark]: [HTMLImageElement, HTMLElement, HTMLElement] = [h('img', { alt: '', draggable: 'false', load: sharp }), h('span', { class: 'ft-tile-name' }), h('b', { class: 'ft-tile-mark' })];
    const box: HTMLElement = h('div', { class: 'ft-tile', role: 'option', 'data-test': 'tile', click: (event) => this.host.pick(Number(box.dataset.index), event) }, image, name, mark);
    this.tiles.push({ box, image, name, mark });
    this.scroller.layer.append(box);
  }

  private fill({ box, image, name, mark }: (typeof this.tiles)[0], index: number, total: number, active: number, isChosen: (place: number) => boolean): number | undefined {
    const row = this.host.at(index);
    box.dataset.index = String(index);
    box.id = `${this.key}-${index}`;
    box.setAttribute('aria-posinset', String(index + 1));
    box.setAttribute('aria-setsize', String(total));
    box.setAttribute('aria-selected', String(row !== undefined && isChosen(row.place)));
    box.classList.toggle('ft-active', index === active);
    const address = row && this.known.get(row.place);
    if (address) {
      if (image.src !== address) image.src = address;
    } else image.removeAttribute('src');
    say(name, row ? row.caption : '');
    say(mark, row ? row.mark : '');
    box.dataset.there = String(Boolean(address));
    return row?.place;
  }

  private async fetch(): Promise<void> {
    if (this.asking || !this.missing.length) return;
    this.asking = true;
    const places = this.missing.slice(0, 60);
    try {
      this.take(places, await this.pictures(places));
    } catch (error) {
      this.missing = []; // scrolling asks again
      this.trouble(error as Error);
      return;
    } finally {
      this.asking = false;
    }
    this.host.redraw();
  }
}
