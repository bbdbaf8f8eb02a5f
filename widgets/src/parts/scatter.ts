// A map of up to millions of points: moved, zoomed, lassoed. It knows points and colours, nothing of Jupyter.
import { h } from '../dom';
import { inside } from './lasso';

const VERTEX = `#version 300 es
in vec2 place; in float ink; uniform vec2 middle; uniform vec2 scale; uniform float size; uniform vec4 inks[8]; out vec4 colour;
void main() { gl_Position = vec4((place - middle) * scale, 0.0, 1.0); gl_PointSize = size; colour = inks[int(ink)]; }`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec4 colour; out vec4 shown;
void main() { if (length(gl_PointCoord - 0.5) > 0.5) discard; shown = colour; }`;
const HEIGHT = 340;
const NEAR = 8; // px

export class Scatter {
  readonly element: HTMLElement;
  lasso = false;
  private canvas = h('canvas');
  private outline = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
  private gl: WebGL2RenderingContext | null;
  private program: WebGLProgram | null = null;
  private inkBuffer: WebGLBuffer | null = null;
  private middle: [number, number] = [0, 0];
  private zoom = 1; // px for a unit
  private placed = false;
  private waiting = 0;
  private size: ResizeObserver;

  constructor(label: string, private points: Float32Array, private chosen: (places: number[]) => void, private opened: (place: number) => void) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.append(this.outline);
    this.element = h('div', { class: 'ft-map', tabindex: 0, role: 'application', 'aria-label': label, 'data-test': 'map' }, this.canvas, svg);
    this.gl = this.canvas.getContext('webgl2', { antialias: true, premultipliedAlpha: false, preserveDrawingBuffer: true });
    if (this.gl) this.prepare(this.gl);
    this.element.addEventListener('pointerdown', (event) => this.grab(event));
    this.element.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.size = new ResizeObserver(() => (this.placed ? this.later() : this.whole()));
    this.size.observe(this.element);
  }

  get works(): boolean {
    return this.gl !== null;
  }

  /** Colour the points: a place among eight inks each. */
  paint(inks: Uint8Array, colours: [number, number, number, number][]): void {
    const gl = this.gl;
    if (!gl || !this.program) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.inkBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, inks, gl.STATIC_DRAW);
    gl.uniform4fv(gl.getUniformLocation(this.program, 'inks'), colours.flat());
    this.later();
  }

  /** Show all points. */
  whole(): void {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 0; at < this.points.length; at += 2) {
      left = Math.min(left, this.points[at]!);
      right = Math.max(right, this.points[at]!);
      low = Math.min(low, this.points[at + 1]!);
      high = Math.max(high, this.points[at + 1]!);
    }
    if (left > right || !this.element.clientWidth) return;
    this.placed = true;
    this.middle = [(left + right) / 2, (low + high) / 2];
    this.zoom = 0.92 * Math.min(this.element.clientWidth / (right - left || 1), HEIGHT / (high - low || 1));
    this.later();
  }

  /** The places of the points that are seen. */
  seen(): number[] {
    const [x, y] = [this.element.clientWidth / 2 / this.zoom, HEIGHT / 2 / this.zoom];
    const [a, b] = this.middle;
    return inside(this.points, [a - x, b - y, a + x, b - y, a + x, b + y, a - x, b + y]);
  }

  close(): void {
    cancelAnimationFrame(this.waiting);
    this.size.disconnect();
    this.gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private prepare(gl: WebGL2RenderingContext): void {
    const program = gl.createProgram()!;
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(kind)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    this.program = program;
    this.attribute(gl, 'place', 2, gl.FLOAT, this.points);
    this.inkBuffer = this.attribute(gl, 'ink', 1, gl.UNSIGNED_BYTE, new Uint8Array(this.points.length / 2));
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  }

  private attribute(gl: WebGL2RenderingContext, name: string, width: number, type: number, values: Float32Array | Uint8Array): WebGLBuffer {
    const buffer = gl.createBuffer()!;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const at = gl.getAttribLocation(this.program!, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, width, type, false, 0, 0);
    return buffer;
  }

  private later(): void {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  private draw(): void {
    const gl = this.gl;
    const [width, ratio] = [this.element.clientWidth, devicePixelRatio || 1];
    if (!gl || !width || !this.program) return;
    const [w, hgt] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== hgt) Object.assign(this.canvas, { width: w, height: hgt });
    gl.viewport(0, 0, w, hgt);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const at = (name: string) => gl.getUniformLocation(this.program!, name);
    gl.uniform2f(at('middle'), ...this.middle);
    gl.uniform2f(at('scale'), (2 * this.zoom) / width, (2 * this.zoom) / HEIGHT);
    const count = this.points.length / 2;
    gl.uniform1f(at('size'), ratio * (count > 100_000 ? 2 : count > 5000 ? 4 : 6));
    gl.drawArrays(gl.POINTS, 0, count);
  }

  private toMap(event: MouseEvent): [number, number] {
    const box = this.element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - box.width / 2, box.top + HEIGHT / 2 - event.clientY];
    return [this.middle[0] + x / this.zoom, this.middle[1] + y / this.zoom];
  }

  private grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.focus({ preventScroll: true });
    this.element.setPointerCapture(event.pointerId);
    const [lasso, began] = [this.lasso !== event.shiftKey, [event.clientX, event.clientY] as const];
    const outline: number[] = [];
    const box = this.element.getBoundingClientRect();
    const drawn: string[] = [];
    let last: [number, number] = [event.clientX, event.clientY];
    const move = (now: PointerEvent) => {
      if (lasso) {
        outline.push(...this.toMap(now));
        drawn.push(`${now.clientX - box.left},${now.clientY - box.top}`);
        this.outline.setAttribute('points', drawn.join(' '));
      } else {
        this.middle = [this.middle[0] - (now.clientX - last[0]) / this.zoom, this.middle[1] + (now.clientY - last[1]) / this.zoom];
        last = [now.clientX, now.clientY];
        this.later();
      }
    };
    const end = (now: PointerEvent) => {
      this.element.removeEventListener('pointermove', move);
      this.outline.removeAttribute('points');
      if (Math.hypot(now.clientX - began[0], now.clientY - began[1]) < 4 && outline.length < 12) this.click(now);
      else if (lasso) this.chosen(inside(this.points, outline));
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('pointerup', end, { once: true });
  }

  private click(event: MouseEvent): void {
    const [x, y] = this.toMap(event);
    let [best, where] = [(NEAR / this.zoom) ** 2, -1];
    for (let at = 0; at < this.points.length; at += 2) {
      const far = (this.points[at]! - x) ** 2 + (this.points[at + 1]! - y) ** 2;
      if (far < best) [best, where] = [far, at / 2];
    }
    if (where >= 0) this.opened(where);
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 300), this.toMap(event));
  }

  private zoomBy(factor: number, about: [number, number]): void {
    this.middle = [about[0] + (this.middle[0] - about[0]) / factor, about[1] + (this.middle[1] - about[1]) / factor];
    this.zoom *= factor;
    this.later();
  }

  private key(event: KeyboardEvent): void {
    const step = 40 / this.zoom;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const move = moves[event.key];
    if (move) this.middle = [this.middle[0] + move[0], this.middle[1] + move[1]];
    else if (event.key === '+' || event.key === '=') this.zoomBy(1.3, this.middle);
    else if (event.key === '-') this.zoomBy(1 / 1.3, this.middle);
    else return;
    event.preventDefault();
    this.later();
  }
}
