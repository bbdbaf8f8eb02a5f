// Rows by their place in the order that is shown, fetched in stretches when they are wanted.
import { tableFromIPC } from '@uwdata/flechette';
import type { Query } from './contract';
import type { Wire } from './types';
import { called } from './words';

export interface Row {
  place: number; // in the view
  id: string;
  mark: string; // what was decided
  caption: string; // of its picture
  cells: (string | null)[];
}

const STRETCH = 100;
const AT_ONCE = 4; // stretches in one answer
const KEPT = 60; // stretches

export class RowSource {
  total = 0;
  private stretches = new Map<number, Row[]>();
  private wanted: number[] = [];
  private seen: [number, number] | null = null; // of what is seen, where pictures come with the rows
  private asking = false;
  private age = 0;

  constructor(
    private wire: Wire,
    private query: () => Query,
    private columns: number,
    private arrived: () => void,
    private trouble: (error: Error) => void,
    private tiles: (places: number[], pictures: DataView[]) => void = () => {},
  ) {}

  at(index: number): Row | undefined {
    return this.stretches.get(Math.floor(index / STRETCH))?.[index % STRETCH];
  }

  /** Say which rows are seen, and whether as pictures; those that are not here are fetched, the latest wish first. */
  want(first: number, count: number, asTiles = false): void {
    const last = Math.max(first, Math.min(first + count, this.total || first + count) - 1);
    this.wanted = [];
    this.seen = asTiles ? [first, last + 1] : null;
    for (let at = Math.floor(first / STRETCH); at <= Math.floor(last / STRETCH); at++) if (!this.stretches.has(at)) this.wanted.push(at);
    void this.fetch();
  }

  /** Forget rows, because others are meant now, or something was decided about them. */
  clear(): void {
    this.age++;
    this.stretches.clear();
  }

  private async fetch(): Promise<void> {
    if (this.asking) return;
    const begin = this.wanted.shift();
    if (begin === undefined) return;
    const [end, seen, age] = [this.together(begin), this.seen, this.age];
    this.asking = true;
    try {
      const reply = await this.wire.ask('rows', { query: this.query(), first: begin * STRETCH, count: (end - begin) * STRETCH, ...(seen && { tiles: seen }) });
      if (age === this.age) this.keep(begin, end, reply.value.total, reply.buffers[0]!);
      this.tiles(reply.value.tiles, reply.buffers.slice(1));
    } catch (error) {
      this.wanted = [];
      this.trouble(error as Error);
    } finally {
      this.asking = false;
    }
    this.arrived();
    void this.fetch();
  }

  /** The end of the stretches that are wanted one after the other: they come in one answer. */
  private together(begin: number): number {
    let end = begin + 1;
    while (this.wanted[0] === end && end - begin < AT_ONCE) {
      this.wanted.shift();
      end++;
    }
    return end;
  }

  private keep(begin: number, end: number, total: number, body: DataView): void {
    this.total = total;
    const table = tableFromIPC(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
    const child = (name: string): any[] => [...(table.getChild(name) ?? [])];
    const [place, id, mark, caption] = [child('place').map(Number), child('id'), child('mark'), child('caption')];
    const cells = Array.from({ length: this.columns }, (_, at) => child(`c${at}`));
    const rows = place.map((where, at) => ({ place: where, id: id[at], mark: mark[at].replace(/^[a-z]+/, called), caption: caption[at] ?? id[at], cells: cells.map((column) => column[at] ?? null) }));
    for (let at = begin; at < end; at++) this.stretches.set(at, rows.slice((at - begin) * STRETCH, (at - begin + 1) * STRETCH));
    while (this.stretches.size > KEPT) this.stretches.delete(this.stretches.keys().next().value!);
  }
}
