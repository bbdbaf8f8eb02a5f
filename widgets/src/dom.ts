// Elements. Text is set as text, never as markup.

type Child = Node | string | null | undefined | false;
type Props = Record<string, string | number | boolean | ((event: any) => void) | undefined>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false).map(plain));
  return element;
}

function plain(child: Node | string): Node | string {
  return typeof child === 'string' ? visible(child) : child;
}

// Controls, marks that turn the direction of text, and what has no width: a reader sees that they are there.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Set an element's text where it changed, so that a screen reader and a selection are left in peace. */
export function say(element: Element, text: string): void {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

export function show(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) element.hidden = !shown;
}

/** Call when a value was entered: left, or Enter pressed, for which JupyterLab's page gets no change event. */
export function entered<E extends HTMLInputElement>(input: E, done: () => void): E {
  input.addEventListener('change', done);
  input.addEventListener('keydown', (event) => event.key === 'Enter' && done());
  return input;
}
