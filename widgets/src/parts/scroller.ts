// A scrolled box over any number of lines: only those that are seen are in the page.
import { h } from '../dom';

const TALLEST = 8_000_000; // px; browsers stop at 17 to 33 million

export class Scroller {
  readonly layer = h('div', { class: 'ft-layer', role: 'none' });
  private spacer = h('div', { class: 'ft-spacer', role: 'none' }, this.layer);
  private lines = 0;
  private waiting = 0;

  constructor(
    readonly box: HTMLElement,
    private line: number, // px
    private head: number, // px above the lines, such as a header's
    private changed: () => void,
  ) {
    box.append(this.spacer);
    box.addEventListener('scroll', () => this.later(), { passive: true });
    this.watch = new ResizeObserver(() => this.later());
    this.watch.observe(box);
  }
  private watch: ResizeObserver;

  close(): void {
    cancelAnimationFrame(this.waiting);
    this.watch.disconnect();
  }

  resize(lines: number): void {
    if (lines === this.lines) return;
    this.lines = lines;
    this.spacer.style.height = `${Math.min(TALLEST, lines * this.line)}px`;
  }

  get shown(): number {
    return Math.max(1, Math.ceil((this.box.clientHeight - this.head) / this.line) + 1);
  }

  /** The first line that is seen; the layer is put where it has to be. */
  first(): number {
    const real = this.lines * this.line;
    const inner = this.box.clientHeight - this.head;
    const reach = Math.max(1, Math.min(TALLEST, real) - inner);
    const at = real <= TALLEST ? this.box.scrollTop : Math.min(1, this.box.scrollTop / reach) * (real - inner);
    this.layer.style.transform = `translateY(${this.box.scrollTop - (at % this.line)}px)`;
    return Math.floor(at / this.line);
  }

  /** Scroll so that a line is seen. */
  reveal(line: number): void {
    const inner = this.box.clientHeight - this.head;
    const whole = Math.max(1, Math.floor(inner / this.line));
    const first = this.first();
    if (line > first && line < first + whole - 1) return;
    const wanted = (line <= first ? line : line - whole + 1) * this.line;
    const real = this.lines * this.line;
    this.box.scrollTop = real <= TALLEST ? wanted : (wanted / Math.max(1, real - inner)) * (TALLEST - inner);
    this.later();
  }

  later(): void {
    this.waiting ||= requestAnimationFrame(() => {
      this.waiting = 0;
      this.changed();
    });
  }
}
