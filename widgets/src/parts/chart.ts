// A line chart that keeps up: any number of lines, each with its own places, redrawn at most once a frame.
import uPlot from 'uplot';
import { thin, type Points } from './series';
import { colourOf } from './theme';

export interface Line {
  name: string;
  points: Points;
  colour: string; // a custom property of the stylesheet, such as --ft-1
  faint?: boolean;
  dots?: boolean;
  dash?: boolean;
}

export interface ChartOptions {
  height: number;
  said: (lines: Line[]) => string; // what a reader who does not see it is told
  format?: (value: number) => string;
}

export class Chart {
  readonly element = document.createElement('div');
  private plot: uPlot | null = null;
  private lines: Line[] = [];
  private shape = '';
  private waiting = 0;
  private size: ResizeObserver;
  private colours = new Map<string, string>();
  private zoomed: [number, number] | null = null;

  constructor(private options: ChartOptions) {
    this.element.className = 'ft-live-chart';
    this.element.setAttribute('role', 'img');
    this.size = new ResizeObserver(() => this.later());
    this.size.observe(this.element);
  }

  draw(lines: Line[]): void {
    this.lines = lines;
    this.later();
  }

  /** Take the colours of another theme. */
  recolour(): void {
    this.colours.clear();
    this.later();
  }

  close(): void {
    cancelAnimationFrame(this.waiting);
    this.size.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  private later(): void {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      this.now();
    });
  }

  private now(): void {
    const width = this.element.clientWidth;
    if (width < 40) return;
    const shape = this.lines.map((line) => `${line.name}|${line.colour}|${line.faint}|${line.dots}`).join('\n');
    if (!this.plot || shape !== this.shape) this.build(width, shape);
    if (this.plot!.width !== width) this.plot!.setSize({ width, height: this.options.height });
    this.element.setAttribute('aria-label', this.options.said(this.lines));
    this.fill(width);
  }

  private fill(width: number): void {
    const [low, high] = this.zoomed ?? extent(this.lines);
    const shown = this.lines.map((line) => thin(line.points, low, high, Math.max(100, width)));
    const tables = shown.map(({ x, y }) => [x, y] as uPlot.AlignedData);
    const data = tables.length === 1 ? tables[0]! : tables.length ? uPlot.join(tables) : ([[]] as unknown as uPlot.AlignedData);
    this.plot!.setData(data, false);
    this.plot!.batch(() => {
      this.plot!.setScale('x', { min: low, max: high > low ? high : low + 1 });
      const [least, most] = heights(shown);
      this.plot!.setScale('y', { min: least, max: most });
    });
  }

  private build(width: number, shape: string): void {
    this.plot?.destroy();
    this.shape = shape;
    const ink = (name: string) => () => this.colour(name);
    const axis = { stroke: ink('--ft-soft'), grid: { stroke: ink('--ft-grid'), width: 1 }, ticks: { show: false }, font: '12px system-ui, "Noto Sans CJK SC", sans-serif' };
    const format = this.options.format ?? String;
    this.plot = new uPlot(
      {
        width,
        height: this.options.height,
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false, setScale: false } },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: { x: { time: false, auto: false }, y: { auto: false } },
        axes: [
          { ...axis, size: 28 },
          { ...axis, size: 58, values: (_, ticks) => ticks.map(format) },
        ],
        series: [{}, ...this.lines.map((line) => this.series(line))],
        hooks: { setSelect: [(plot) => this.zoom(plot)] },
      },
      [[]] as unknown as uPlot.AlignedData,
      this.element,
    );
    this.plot.over.addEventListener('dblclick', () => {
      this.zoomed = null;
      this.later();
    });
  }

  private series(line: Line): uPlot.Series {
    return {
      label: line.name,
      stroke: () => this.colour(line.colour, line.faint ? 0.35 : 1),
      width: line.faint ? 1 : 1.8,
      spanGaps: true,
      points: line.dots ? { show: true, size: 6, fill: () => this.colour(line.colour) } : { show: false },
      ...(line.dash ? { dash: [6, 4] } : {}),
    };
  }

  private zoom(plot: uPlot): void {
    if (plot.select.width < 4) return;
    const ends = [plot.select.left, plot.select.left + plot.select.width].map((at) => plot.posToVal(at, 'x'));
    this.zoomed = [ends[0]!, ends[1]!];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.later();
  }

  private colour(name: string, share = 1): string {
    const key = `${name} ${share}`;
    let known = this.colours.get(key);
    if (!known) {
      known = colourOf(this.element, share < 1 ? `color-mix(in srgb, var(${name}) ${share * 100}%, transparent)` : `var(${name})`);
      this.colours.set(key, known);
    }
    return known;
  }
}

function heights(shown: Points[]): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (const { y } of shown) {
    for (const value of y) {
      if (value === null) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  }
  if (least > most) return [0, 1];
  const room = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
  return [least >= 0 ? Math.max(0, least - room) : least - room, most + room];
}

function extent(lines: Line[]): [number, number] {
  const ends = lines.filter((line) => line.points.x.length).map((line) => [line.points.x[0]!, line.points.x.at(-1)!]);
  if (!ends.length) return [0, 1];
  return [Math.min(...ends.map((end) => end[0]!)), Math.max(...ends.map((end) => end[1]!))];
}
