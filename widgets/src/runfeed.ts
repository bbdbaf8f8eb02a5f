// A run as a page knows it: what came so far, and the cursor that asks for the rest.
import type { Column, Header, Told } from './contract';

type Event = Record<string, any>;

export class RunFeed {
  columns: Record<Column, number[]> = blank();
  events: Event[] = [];
  status: Told | null = null;
  tail = '';
  private generation = -1;
  private steps = 0;
  private log = -1;

  cursor(): Record<string, number> {
    if (this.generation < 0) return {};
    return { generation: this.generation, steps: this.steps, others: this.events.length, log: this.log };
  }

  /** Take a reply in; it may say again what is known, never leave something out. Whether anything changed. */
  take(header: Header, body: DataView): boolean {
    if (header.generation !== this.generation) {
      if (header.begin > 0 || header.begin_others > 0) return false; // the rest of what this page has missed
      this.columns = blank();
      this.events = [];
      this.steps = 0;
      this.generation = header.generation;
    }
    if (header.begin > this.steps || header.begin_others > this.events.length) return false;
    this.takeSteps(header, body);
    this.events.push(...header.events.slice(this.events.length - header.begin_others));
    this.status = header.status;
    if (header.tail !== null) this.tail = header.tail;
    this.log = header.log;
    return true;
  }

  private takeSteps(header: Header, body: DataView): void {
    const rows = header.steps - header.begin;
    const skip = this.steps - header.begin;
    header.columns.forEach((name, place) => {
      const column = this.columns[name as Column];
      if (!column) return;
      for (let row = skip; row < rows; row++) column.push(body.getFloat32((place * rows + row) * 4, true));
    });
    this.steps = Math.max(this.steps, header.steps);
  }
}

function blank(): Record<Column, number[]> {
  return { step: [], epoch: [], loss: [], learning_rate: [], rows_per_second: [], gradient_norm: [], seconds: [] };
}
