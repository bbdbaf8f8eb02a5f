// How a view asks: by a comm of the kernel, or by the Jupyter server, which answers while the kernel is busy or gone.
import type { Ask, Reply, Wire } from './types';
import { spoken } from './words';

/** An answer that is an error; `status` where a server gave it. */
export class Refused extends Error {
  constructor(message: string, readonly status = 0) {
    super(message);
  }
}

interface Model {
  get(name: string): any;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, heard: (...given: any[]) => void): void;
  off(event: string, heard: (...given: any[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}
export type { Model };

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

export class CommWire implements Wire {
  private last = 0;
  private waiting = new Map<number, Waiting>();
  private pushed: ((name: string, content: any, buffers: DataView[]) => void)[] = [];

  constructor(private model: Model) {
    model.on('msg:custom', this.hear);
  }

  ask(name: Ask, args: Record<string, unknown>): Promise<Reply> {
    const rid = ++this.last; // a number: kernels remember messages by a string "id" for ever
    return new Promise((resolve, reject) => {
      this.waiting.set(rid, { resolve, reject });
      this.model.send({ rid, ask: name, args, ...spoken() });
    });
  }

  onPush(heard: (name: string, content: any, buffers: DataView[]) => void): void {
    this.pushed.push(heard);
  }

  close(): void {
    this.model.off('msg:custom', this.hear);
    this.waiting.clear();
  }

  private hear = (content: any, buffers: DataView[]): void => {
    if (content?.push) return this.pushed.forEach((heard) => heard(content.push, content, buffers));
    const asked = this.waiting.get(content?.rid);
    if (!asked) return;
    this.waiting.delete(content.rid);
    if (content.error !== undefined) asked.reject(new Refused(content.error));
    else asked.resolve({ value: content.value, buffers });
  };
}

export interface Server {
  base: string;
  token: string;
}

/** The Jupyter server the page came from, if it did. */
export function server(): Server | null {
  const kept = document.getElementById('jupyter-config-data');
  if (!kept?.textContent) return null;
  try {
    const page = JSON.parse(kept.textContent);
    return { base: new URL(page.baseUrl ?? '/', location.href).href, token: page.token ?? '' };
  } catch {
    return null;
  }
}

export class RestWire implements Wire {
  constructor(private at: Server) {}

  async ask(name: Ask, args: Record<string, any>, wait = 0): Promise<Reply> {
    if (name === 'events') return this.events(args.run, args.cursor, wait);
    if (name === 'control') return this.json('control', { run: args.run }, { request: args.request, value: args.value });
    if (name === 'runs') return this.json('runs', { folder: args.folder });
    throw new Refused(`the server cannot be asked '${name}'.`);
  }

  onPush(): void {}
  close(): void {}

  /** What a notebook keeps of some runs, by MIME type. */
  async twin(runs: string[]): Promise<Record<string, string>> {
    return (await call(this.at, 'twin', { run: runs })).json();
  }

  private async events(run: string, cursor: Record<string, number>, wait: number): Promise<Reply> {
    return unpack(await (await call(this.at, 'events', { run, wait, ...cursor, ...spoken() })).arrayBuffer());
  }

  private async json(path: string, query: Record<string, string>, body?: unknown): Promise<Reply> {
    return { value: await (await call(this.at, path, query, body)).json(), buffers: [] };
  }
}

/** Ask the server's part of ftkit. */
export async function call(at: Server, path: string, query: Record<string, unknown>, body?: unknown): Promise<Response> {
  const address = new URL(`ftkit/${path}`, at.base);
  for (const [name, value] of Object.entries(query)) for (const each of [value].flat()) address.searchParams.append(name, String(each));
  const headers: Record<string, string> = {};
  if (at.token) headers.Authorization = `token ${at.token}`;
  const cookie = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
  if (cookie?.[1]) headers['X-XSRFToken'] = cookie[1];
  const method = body === undefined ? 'GET' : 'POST';
  const said = body === undefined ? null : JSON.stringify(body);
  const reply = await fetch(address, { method, headers, body: said, credentials: 'same-origin', cache: 'no-store' });
  if (reply.ok) return reply;
  const fault = await reply.json().catch(() => ({}));
  throw new Refused(fault.message ?? `${reply.status} ${reply.statusText}`, reply.status);
}

/** A header of JSON, and what comes after it. */
export function unpack(bytes: ArrayBuffer): Reply {
  const length = new DataView(bytes).getUint32(0, true);
  const value = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  return { value, buffers: [new DataView(bytes, 4 + length)] };
}

/** The server's wire where the server has ftkit and the run is below its folder; null elsewhere. */
export async function restWire(run: string): Promise<RestWire | null> {
  const at = server();
  if (!at) return null;
  const wire = new RestWire(at);
  try {
    await wire.ask('events', { run, cursor: { steps: 0 } });
    return wire;
  } catch {
    return null;
  }
}
