// The inspect panel: rows, findings, classes, one row in full, and decisions.
import type { About, InspectState, Piece, Profile, Query } from '../contract';
import { entered, h, say, show } from '../dom';
import { number } from '../numbers';
import { chat } from '../parts/chat';
import { Gallery } from '../parts/gallery';
import { Lengths } from '../parts/lengths';
import { Profiles } from '../parts/profiles';
import { Table, type RowHost, type RowView } from '../parts/table';
import { RowSource } from '../rowsource';
import { modelSource } from '../source';
import type { Ask, Source } from '../types';
import type { Model } from '../wire';
import { called, t, type Word } from '../words';

interface Edits {
  edits: string;
  file: string;
  undo: boolean;
  redo: boolean;
}

/** What stands above the rows, such as a map; it chooses and opens rows by their place. */
export interface Above {
  element: HTMLElement;
  close(): void;
}
export interface Chooser {
  choose(places: number[]): void;
  open(place: number): void;
  decide(op: string, places: number[], because: string): Promise<void>;
  undo(): Promise<void>;
  fault(error: Error): void;
}

/** Draw the panel into an element; what is returned takes it away again. */
export async function showInspect(into: HTMLElement, source: Source<InspectState>, above?: (chooser: Chooser) => Promise<Above>): Promise<() => void> {
  const about = (await source.wire.ask('about', {})).value as About & Edits;
  const chosen = new Set<number>();
  let active = 0;
  let anchor = 0;
  let opened = -1;

  const query = (): Query => ({ sort: source.get('sort'), down: source.get('down'), search: source.get('search'), label: source.get('label'), finding: source.get('finding'), among: source.get('among') });
  const rows = new RowSource(source.wire, query, about.columns.length, () => draw(), (error) => fault(error), (places, pictures) => gallery?.take(places, pictures));
  const host: RowHost = { at: (index) => rows.at(index), want: (first, count, asTiles) => rows.want(first, count, asTiles), pick, redraw: () => draw() };
  const columns = about.columns.map((column) => ({ name: column.name, detail: `${called(column.kind)}, ${called(column.role)}${column.missing ? `, ${t('missing', number(column.missing))}` : ''}`, number: column.kind === 'number' }));
  const table = new Table(t('rows'), [t('decided'), t('row')], columns, host, sort);
  const gallery = about.images ? new Gallery(t('rows'), host, async (places) => (await source.wire.ask('pictures', { places })).buffers, (error) => fault(error)) : null;
  const profiles = new Profiles(about.columns, about.rows, profile, (column) => (source.set('mode', 'table'), sort(column)), (error) => fault(error));
  const columnBox = h('div', { class: 'ft-columns', 'data-test': 'columns' }, profiles.element);
  const view = (): RowView => (source.get('mode') === 'gallery' && gallery ? gallery : table);

  const count = h('span', { class: 'ft-count', role: 'status', 'data-test': 'count' });
  const said = h('p', { class: 'ft-said-live', role: 'status', 'data-test': 'said' });
  const find = h('input', { type: 'search', 'data-test': 'find', placeholder: t('find'), 'aria-label': t('find'), value: source.get('search') });
  entered(find, () => find.value !== source.get('search') && source.set('search', find.value));
  const modes = h('div', { class: 'ft-modes', role: 'group', 'aria-label': t('rows') }, gallery && mode('gallery'), mode('table'), about.columns.length > 0 && mode('columns'));
  const findings = h('ul', { class: 'ft-findings', 'data-test': 'findings' }, ...about.findings.map(finding));
  const classes = h('ul', { class: 'ft-classes', 'data-test': 'classes' }, ...about.classes.map(bar));
  const relabel = h('select', { 'aria-label': t('newLabel'), 'data-test': 'new-label' }, ...about.classes.map((each) => h('option', { value: each.name }, each.name)));
  const undo = button('undo', () => void act('undo'));
  const redo = button('redo', () => void act('redo'));
  const accept = button('accept', () => void act('accept', { finding: source.get('finding') }));
  const standing = h('span', { class: 'ft-count', 'data-test': 'edits' });
  const detail = h('section', { class: 'ft-detail', 'data-test': 'detail', 'aria-label': t('row'), hidden: true });
  const keys = h('p', { class: 'ft-sentence' }, t('keys'));
  const decide = h(
    'div',
    { class: 'ft-actions', role: 'group', 'aria-label': t('decide') },
    button('drop', () => edit('drop')),
    button('keep', () => edit('keep')),
    about.classes.length > 0 && h('span', { class: 'ft-relabel' }, relabel, button('relabel', () => edit('relabel', relabel.value))),
    accept,
    undo,
    redo,
    standing,
  );
  const all = button('showAll', () => void among([]));
  const top = above && (await above({ choose: (places) => void among(places), open: (place) => void openPlace(place), decide: (op, places, because) => act('edit', { places, op, because }), undo: () => act('undo'), fault }));
  const stage = h('div', { class: 'ft-stage' }, table.element, gallery?.element, columnBox);
  const side = h('div', { class: 'ft-side' }, about.findings.length > 0 && h('h4', {}, t('findings')), about.findings.length > 0 && findings, about.classes.length > 0 && h('h4', {}, t('classes')), about.classes.length > 0 && classes);
  const root = h(
    'div',
    { class: 'ftkit ft-panel', 'data-test': 'inspect-panel', 'data-lm-suppress-shortcuts': 'true', role: 'region', 'aria-label': t('inspectOf', about.name) },
    h('div', { class: 'ft-controls' }, h('h3', { class: 'ft-title' }, about.name), find, modes, count, all),
    top?.element,
    h('div', { class: about.findings.length || about.classes.length ? 'ft-split' : '' }, side, h('div', {}, stage, decide, said, keys)),
    detail,
  );
  stage.addEventListener('keydown', key);
  into.append(root);

  async function profile(column: string): Promise<Profile> {
    return (await source.wire.ask('profile', { column })).value;
  }

  let measured = false;
  async function openColumns(): Promise<void> {
    if (measured) return;
    measured = true;
    await profiles.open();
    if (!about.texts) return;
    try {
      const reply = await source.wire.ask('lengths', {});
      const body = reply.buffers[0]!;
      columnBox.append(new Lengths(new Int32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)), reply.value).element);
    } catch (error) {
      fault(error as Error);
    }
  }

  function mode(name: InspectState['mode']): HTMLButtonElement {
    return h('button', { type: 'button', 'data-test': `mode-${name}`, 'data-mode': name, click: () => source.set('mode', name) }, t(name));
  }

  function button(word: Word, pressed: () => void): HTMLButtonElement {
    return h('button', { type: 'button', 'data-test': word, click: pressed }, t(word));
  }

  function finding(found: About['findings'][0], place: number): HTMLElement {
    const toggle = () => {
      const off = source.get('finding') === place;
      delete said.dataset.fault;
      say(said, off ? '' : `${found.code}: ${found.message}`);
      if (found.rows) source.set('finding', off ? -1 : place);
    };
    const text = h('span', {}, found.message);
    return h('li', {}, h('button', { type: 'button', class: `ft-finding ft-level-${found.severity}`, 'data-test': 'finding', 'aria-pressed': 'false', click: toggle }, h('b', {}, found.code), text, h('i', {}, found.rows ? number(found.rows) : '')));
  }

  function bar(each: About['classes'][0]): HTMLElement {
    const most = Math.max(1, ...about.classes.map((other) => other.rows));
    const toggle = () => source.set('label', source.get('label') === each.name ? '' : each.name);
    const fill = h('i', { class: 'ft-fill', 'aria-hidden': 'true', style: `width: ${(100 * each.rows) / most}%` });
    return h('li', {}, h('button', { type: 'button', 'data-test': 'class', 'data-name': each.name, 'aria-pressed': 'false', click: toggle }, fill, h('span', {}, each.name), h('b', {}, number(each.rows))));
  }

  function sort(column: string): void {
    const same = source.get('sort') === column;
    if (same && source.get('down')) source.set('sort', '');
    source.set('down', same && !source.get('down'));
    if (!same) source.set('sort', column);
  }

  function pick(index: number, event: MouseEvent): void {
    const row = rows.at(index);
    if (!row) return;
    if (event.shiftKey) choose(anchor, index);
    else if (event.ctrlKey || event.metaKey) toggle(row.place);
    else chosen.clear();
    if (!event.shiftKey) anchor = index;
    active = index;
    view().element.focus({ preventScroll: true });
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) void open(index);
    draw();
  }

  function toggle(place: number): void {
    if (!chosen.delete(place)) chosen.add(place);
  }

  function choose(from: number, to: number): void {
    for (let index = Math.min(from, to); index <= Math.max(from, to); index++) {
      const row = rows.at(index);
      if (row) chosen.add(row.place);
    }
  }

  function key(event: KeyboardEvent): void {
    const shown = view();
    const moves: Record<string, number> = { ArrowDown: shown.perLine, ArrowUp: -shown.perLine, PageDown: shown.page, PageUp: -shown.page, Home: -Infinity, End: Infinity };
    if (shown.perLine > 1) Object.assign(moves, { ArrowRight: 1, ArrowLeft: -1 });
    const acts: Record<string, () => void> = { d: () => edit('drop'), k: () => edit('keep'), u: () => void act('undo'), r: () => void act('redo'), Enter: () => void open(active), ' ': () => rows.at(active) && toggle(rows.at(active)!.place) };
    const move = moves[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (move === undefined && !acts[event.key])) return;
    event.preventDefault();
    if (move !== undefined) go(Math.max(0, Math.min(rows.total - 1, active + move)), event.shiftKey);
    else acts[event.key]!();
    draw();
  }

  function go(index: number, extend: boolean): void {
    if (extend) choose(active, index);
    else anchor = index;
    active = index;
    view().reveal(index);
    if (opened >= 0) void open(index);
  }

  function edit(op: string, value?: string): void {
    const here = rows.at(active);
    const places = chosen.size ? [...chosen] : here ? [here.place] : [];
    const found = source.get('finding');
    const because = found >= 0 ? about.findings[found]!.code : '';
    if (places.length) void act('edit', { places, op, because, ...(value === undefined ? {} : { value }) });
    if (!chosen.size && here) go(Math.min(rows.total - 1, active + 1), false);
    chosen.clear();
  }

  function act(ask: Ask, args: Record<string, unknown> = {}): Promise<void> {
    return source.wire.ask(ask, args).then((reply) => {
      delete said.dataset.fault;
      say(said, '');
      stand(reply.value);
      rows.clear();
      if (opened >= 0) void open(opened);
      draw();
    }, fault);
  }

  function fault(error: Error): void {
    said.dataset.fault = '';
    say(said, error.message);
  }

  function stand(now: Edits): void {
    say(standing, now.edits ? `${now.edits.replace(/[a-z]+/g, called)} · ${now.file}` : t('noEdits'));
    undo.disabled = !now.undo;
    redo.disabled = !now.redo;
  }

  /** Only these rows are seen, and all of them are chosen. */
  async function among(places: number[]): Promise<void> {
    try {
      source.set('among', (await source.wire.ask('among', { places })).value.among);
      chosen.clear();
      places.forEach((place) => chosen.add(place));
      draw();
    } catch (error) {
      fault(error as Error);
    }
  }

  async function openPlace(place: number): Promise<void> {
    try {
      const reply = await source.wire.ask('row', { place });
      drawDetail(reply.value, reply.buffers[0]);
    } catch (error) {
      fault(error as Error);
    }
  }

  async function open(index: number): Promise<void> {
    const row = rows.at(index);
    if (!row) return;
    opened = index;
    try {
      const reply = await source.wire.ask('row', { place: row.place });
      if (opened === index) drawDetail(reply.value, reply.buffers[0]);
    } catch (error) {
      fault(error as Error);
    }
  }

  function drawDetail(row: any, picture: DataView | undefined): void {
    const shut = h('button', { type: 'button', 'data-test': 'shut', click: () => { opened = -1; show(detail, false); view().element.focus(); } }, t('shut'));
    const life = [...row.findings.map((found: any) => `${found.code} ${found.message}`), ...row.edits.map((done: any) => `${called(done.op)}${done.value === undefined ? '' : ` → ${JSON.stringify(done.value)}`} · ${done.by ?? ''} ${done.at ?? ''}`)];
    const image = picture && h('img', { alt: row.id });
    if (image) {
      const address = URL.createObjectURL(new Blob([picture as unknown as ArrayBuffer], { type: 'image/png' }));
      image.addEventListener('load', () => URL.revokeObjectURL(address));
      image.src = address;
    }
    const chats = new Set(about.columns.filter((column) => row.chat && column.role === 'messages').map((column) => column.name));
    const cells = Object.entries(row.cells as Record<string, string | null>).filter(([name]) => !chats.has(name)).map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', value === null ? { class: 'ft-missing' } : {}, value ?? t('none_'))));
    detail.replaceChildren(h('header', {}, h('h4', {}, row.id), shut), h('div', { class: 'ft-row-body' }, image, h('div', {}, row.chat && chat(row.chat as Piece[]), h('table', { class: 'ft-cells' }, h('tbody', {}, ...cells)), life.length > 0 && h('ul', { class: 'ft-life' }, ...life.map((line) => h('li', {}, line))))));
    show(detail, true);
  }

  function draw(): void {
    const shown = view();
    const profiled = source.get('mode') === 'columns';
    show(table.element, shown === table && !profiled);
    if (gallery) show(gallery.element, shown === gallery && !profiled);
    show(columnBox, profiled);
    show(decide, !profiled);
    show(keys, !profiled);
    if (profiled) void openColumns();
    modes.querySelectorAll('button').forEach((each) => each.setAttribute('aria-pressed', String(each.dataset.mode === source.get('mode'))));
    active = Math.max(0, Math.min(active, rows.total - 1));
    shown.draw(rows.total, active, (place) => chosen.has(place));
    table.sorted(source.get('sort'), source.get('down'));
    say(count, chosen.size ? t('chosenOf', number(chosen.size), number(rows.total)) : t('rowsOf', number(rows.total), number(about.rows)));
    show(all, source.get('among') > 0);
    show(accept, source.get('finding') >= 0 && Boolean(about.findings[source.get('finding')]?.op));
    findings.querySelectorAll('button').forEach((each, place) => each.setAttribute('aria-pressed', String(place === source.get('finding'))));
    classes.querySelectorAll('button').forEach((each) => each.setAttribute('aria-pressed', String(each.dataset.name === source.get('label'))));
  }

  let before = JSON.stringify(query());
  let decided = source.get('decided');
  source.onChange(() => {
    const now = JSON.stringify(query());
    if (now !== before) {
      before = now;
      [active, anchor] = [0, 0];
      chosen.clear();
      view().element.scrollTop = 0;
    }
    if (decided !== source.get('decided')) void source.wire.ask('about', {}).then((reply) => stand(reply.value), fault);
    decided = source.get('decided');
    find.value = source.get('search');
    rows.clear();
    draw();
  });
  stand(about);
  rows.want(0, 50);
  draw();
  return () => {
    top?.close();
    table.close();
    gallery?.close();
    source.wire.close();
    root.remove();
  };
}

export default {
  render: ({ model, el }: { model: Model; el: HTMLElement }) => showInspect(el, modelSource<InspectState>(model)),
};
