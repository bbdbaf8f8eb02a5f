// Asks a panel's kernel by its door behind the Jupyter server, which is open while a cell runs; by comm where there is none.
import type { Ask, Reply } from './types';
import { call, CommWire, Refused, server, unpack, type Model, type Server } from './wire';
import { spoken } from './words';

const AT_ONCE = 2; // questions of a panel; a browser opens six connections to a server
const SHUT = [403, 404, 405]; // no such door, an older server's part, or not for this user

export class DoorWire extends CommWire {
  private at: Server | null;
  private door: { door: string; panel: string };
  private asking = 0;
  private queue: (() => void)[] = [];

  constructor(model: Model) {
    super(model);
    this.door = { door: model.get('_door'), panel: model.get('_twin') };
    this.at = this.door.door ? server() : null;
  }

  override async ask(name: Ask, args: Record<string, unknown>): Promise<Reply> {
    if (!this.at) return super.ask(name, args);
    if (this.asking >= AT_ONCE) await new Promise<void>((go) => this.queue.push(go));
    else this.asking++;
    try {
      return await this.knock(this.at, name, args);
    } catch (error) {
      if (!(error instanceof Refused) || !SHUT.includes(error.status)) throw error;
      this.at = null;
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.asking--;
    }
    return super.ask(name, args);
  }

  private async knock(at: Server, name: Ask, args: Record<string, unknown>): Promise<Reply> {
    const { value, buffers } = unpack(await (await call(at, 'ask', this.door, { ask: name, args, ...spoken() })).arrayBuffer());
    if (value.error !== undefined) throw new Refused(value.error);
    let from = buffers[0]!.byteOffset;
    const parts = (value.sizes as number[]).map((size) => {
      const part = new DataView(buffers[0]!.buffer, from, size);
      from += size + (-size & 7);
      return part;
    });
    return { value: value.value, buffers: parts };
  }
}
