// Rows by their place in the order that is shown, fetched in stretches when they are wanted.
import { tableFromIPC } from '@uwdata/flechette';
import type { Query } from './contract';
import type { Wire } from './types';

export interface Row {
  place: number; // in the view
  id: string;
  mark: string; // what was decided
  caption: string; // of its picture
  cells: (string | null)[];
}

const STRETCH = 100;
const KEPT = 60; // stretches

export class RowSource {
  total = 0;
  private stretches = new Map<number, Row[]>();
  private wanted: number[] = [];
  private asking = false;
  private age = 0;

  constructor(
    private wire: Wire,
    private query: () => Query,
    private columns: number,
    private arrived: () => void,
    private trouble: (error: Error) => void,
  ) {}

  at(index: number): Row | undefined {
    return this.stretches.get(Math.floor(index / STRETCH))?.[index % STRETCH];
  }

  /** Say which rows are seen; those that are not here are fetched, the latest wish first. */
  want(first: number, count: number): void {
    const last = Math.max(first, Math.min(first + count, this.total || first + count) - 1);
    this.wanted = [];
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
    const stretch = this.wanted.shift();
    if (stretch === undefined) return;
    const age = this.age;
    this.asking = true;
    try {
      const reply = await this.wire.ask('rows', { query: this.query(), first: stretch * STRETCH, count: STRETCH });
      if (age === this.age) this.keep(stretch, reply.value.total, reply.buffers[0]!);
    } catch (error) {
      this.wanted = [];
      this.trouble(error as Error);
    } finally {
      this.asking = false;
    }
    this.arrived();
    void this.fetch();
  }

  private keep(stretch: number, total: number, body: DataView): void {
    this.total = total;
    const table = tableFromIPC(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
    const child = (name: string): any[] => [...(table.getChild(name) ?? [])];
    const [place, id, mark, caption] = [child('place').map(Number), child('id'), child('mark'), child('caption')];
    const cells = Array.from({ length: this.columns }, (_, at) => child(`c${at}`));
    this.stretches.set(stretch, place.map((where, at) => ({ place: where, id: id[at], mark: mark[at], caption: caption[at] ?? id[at], cells: cells.map((column) => column[at] ?? null) })));
    while (this.stretches.size > KEPT) this.stretches.delete(this.stretches.keys().next().value!);
  }
}
