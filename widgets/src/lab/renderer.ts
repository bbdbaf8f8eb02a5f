// One output: first the twin, then what is live; the twin again when that ends.
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, Widget } from '@lumino/widgets';
import { MIME, type TrainState } from '../contract';
import { restSource, showRuns } from '../panels/runs';
import { showTrain } from '../panels/train';
import { pageSource } from '../source';
import type { Source } from '../types';
import { restWire, type RestWire } from '../wire';

const VIEW = 'application/vnd.jupyter.widget-view+json';

/** Write an output anew where the notebook keeps it. */
export type Keep = (model: IRenderMime.IMimeModel, data: Record<string, unknown>) => void;

export class PanelRenderer extends Panel implements IRenderMime.IRenderer {
  private live: Widget | null = null;
  private end: (() => void) | null = null;
  private seen: MutationObserver | null = null;
  private twin: IRenderMime.IRenderer | null = null;
  private model: IRenderMime.IMimeModel | null = null;

  constructor(private rendermime: IRenderMimeRegistry, private keep: Keep) {
    super();
    this.addClass('ft-output');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const same = this.end && this.twin && JSON.stringify(this.model?.data[MIME]) === JSON.stringify(model.data[MIME]);
    this.model = model;
    if (same && model.trusted) return this.twin!.renderModel(model); // the twin was renewed; what is live stays
    this.forget();
    const twin = await this.showTwin(model);
    // Only what was run here, or trusted, may ask the server or a kernel.
    if (model.trusted) void this.goLive(model, twin);
  }

  dispose(): void {
    this.forget();
    super.dispose();
  }

  private forget(): void {
    this.seen?.disconnect();
    this.end?.();
    this.end = this.seen = this.live = this.twin = null;
    [...this.widgets].forEach((widget) => widget.dispose());
  }

  private async showTwin(model: IRenderMime.IMimeModel): Promise<Widget> {
    // Without its styles, which a notebook that is not trusted loses, the picture is the better twin.
    const wanted = model.trusted ? ['text/html', 'image/png', 'text/plain'] : ['image/png', 'text/plain'];
    const mime = wanted.find((kind) => kind in model.data) ?? 'text/plain';
    const twin = this.rendermime.createRenderer(mime);
    this.addWidget(twin);
    await twin.renderModel(model);
    this.twin = twin;
    return twin;
  }

  private async goLive(model: IRenderMime.IMimeModel, twin: Widget): Promise<void> {
    const kept = model.data[MIME] as any;
    if (kept?.view === 'train' && Array.isArray(kept.runs) && (await this.followRuns(kept.runs, twin))) return;
    if (kept?.view === 'runs' && typeof kept.folder === 'string' && (await this.listRuns(kept.folder, twin))) return;
    if (VIEW in model.data) this.mountWidget(model, twin);
  }

  private async followRuns(runs: string[], twin: Widget): Promise<boolean> {
    const wire = await restWire(String(runs[0]));
    const state: TrainState = { runs: runs.map(String), x: 'step', smooth: 0 };
    const over = () => void (wire && this.renew(wire, state.runs));
    return this.mount(wire && pageSource(state, wire), (into, source) => showTrain(into, source, over), twin);
  }

  /** A notebook that is saved after the end keeps the whole curve. */
  private async renew(wire: RestWire, runs: string[]): Promise<void> {
    const twin = await wire.twin(runs).catch(() => null); // a server that cannot say leaves the notebook as it is
    const kept = this.model?.data;
    if (twin && kept && !this.isDisposed && twin['text/plain'] !== kept['text/plain']) this.keep(this.model!, { ...kept, ...twin });
  }

  private async listRuns(folder: string, twin: Widget): Promise<boolean> {
    return this.mount(await restSource({ folder, chosen: [] }), showRuns, twin);
  }

  /** Draw a view that needs no kernel; false where the server cannot answer it. */
  private mount<State>(source: Source<State> | null, draw: (into: HTMLElement, source: Source<State>) => () => void, twin: Widget): boolean {
    if (!source || this.isDisposed) return source !== null;
    this.live = new Widget();
    this.addWidget(this.live);
    this.end = draw(this.live.node, source);
    twin.hide();
    return true;
  }

  private mountWidget(model: IRenderMime.IMimeModel, twin: Widget): void {
    const live = this.rendermime.createRenderer(VIEW);
    this.live = live;
    live.hide(); // until the panel itself is in it: what a widget manager says without a model is not for the reader
    this.addWidget(live);
    const look = () => {
      const there = live.node.querySelector('.ft-panel') !== null;
      live.setHidden(!there);
      twin.setHidden(there);
    };
    this.seen = new MutationObserver(look);
    this.seen.observe(live.node, { childList: true, subtree: true });
    live.renderModel(model).then(look, () => undefined);
  }
}
