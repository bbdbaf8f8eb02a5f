// A small chart of points and lines between two axes; drawn anew whenever something changes.
import { h } from '../dom';
import { number } from '../numbers';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [340, 270, 50, 12, 8, 40];
const TICKS = 4;
const NEAR = 9; // of the chart's own units

export interface PlotLine {
  x: number[];
  y: number[];
  colour: string; // a custom property, such as --ft-1
  dash?: boolean;
}
export interface PlotDot {
  x: number;
  y: number;
  colour: string;
  size?: number;
  low?: number;
  high?: number;
  faint?: boolean;
}
type Ends = [number, number];

export class Plot {
  readonly element: HTMLElement;
  readonly note = h('small', {}); // below the title
  private svg = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'ft-plot', role: 'img' });
  private ends: [Ends, Ends] = [[0, 1], [0, 1]];
  private dots: PlotDot[] = [];

  constructor(title: string, private axes: [string, string], open?: (dot: number) => void) {
    this.element = h('figure', { class: 'ft-plot-box' }, h('figcaption', {}, title), this.svg as unknown as HTMLElement);
    if (!open) return;
    this.svg.classList.add('ft-opens');
    this.svg.addEventListener('click', (event) => {
      const dot = this.nearest(event as MouseEvent);
      if (dot >= 0) open(dot);
    });
  }

  draw(lines: PlotLine[], dots: PlotDot[], said: string, ends: [Ends, Ends] = [[0, 1], [0, 1]]): void {
    [this.ends, this.dots] = [ends, dots];
    this.svg.setAttribute('aria-label', said);
    this.svg.replaceChildren(...this.frame(), ...lines.map((line) => this.line(line)), ...dots.flatMap((dot) => this.dot(dot)));
  }

  private frame(): SVGElement[] {
    const [x, y] = this.ends;
    const parts: SVGElement[] = [];
    for (const value of ticks(x)) {
      const at = this.across(value);
      parts.push(svg('line', { class: 'ft-grid-line', x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }), text(short(value), at, HEIGHT - BOTTOM + 15, 'middle'));
    }
    for (const value of ticks(y)) {
      const at = this.up(value);
      parts.push(svg('line', { class: 'ft-grid-line', x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }), text(short(value), LEFT - 6, at + 4, 'end'));
    }
    const [along, upwards] = this.axes;
    const side = text(upwards, 0, 0, 'middle');
    side.setAttribute('transform', `translate(12 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)`);
    return [...parts, text(along, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, 'middle'), side];
  }

  private line({ x, y, colour, dash }: PlotLine): SVGElement {
    const points = x.map((value, at) => `${this.across(value).toFixed(1)},${this.up(y[at]!).toFixed(1)}`).join(' ');
    return svg('polyline', { points, class: dash ? 'ft-dash' : 'ft-line', style: `stroke: var(${colour})` });
  }

  private dot({ x, y, colour, size = 5, low, high, faint }: PlotDot): SVGElement[] {
    const [cx, cy] = [this.across(x), this.up(y)];
    const mark = svg('circle', { cx, cy, r: size, class: faint ? 'ft-faint' : 'ft-dot', style: `fill: var(${colour})` });
    if (low === undefined || high === undefined) return [mark];
    return [svg('line', { x1: cx, x2: cx, y1: this.up(low), y2: this.up(high), class: 'ft-line', style: `stroke: var(${colour})` }), mark];
  }

  private across(value: number): number {
    const [low, high] = this.ends[0];
    return LEFT + ((value - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT);
  }

  private up(value: number): number {
    const [low, high] = this.ends[1];
    return HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  }

  private nearest(event: MouseEvent): number {
    const box = this.svg.getBoundingClientRect();
    const scale = WIDTH / (box.width || 1);
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    let [best, least] = [-1, NEAR];
    this.dots.forEach((dot, at) => {
      const far = Math.hypot(this.across(dot.x) - x, this.up(dot.y) - y);
      if (far < least) [best, least] = [at, far];
    });
    return best;
  }
}

/** Round numbers between two ends. */
export function ticks([low, high]: Ends): number[] {
  const rough = (high - low || 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999)!;
  const out: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) out.push(Number((at * step).toPrecision(12)));
  return out;
}

function short(value: number): string {
  return Math.abs(value) >= 1e4 ? value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 }) : number(value);
}

function text(words: string, x: number, y: number, anchor: string): SVGElement {
  const made = svg('text', { x, y, 'text-anchor': anchor });
  made.textContent = words;
  return made;
}

function svg(name: string, props: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, String(value));
  return made;
}
