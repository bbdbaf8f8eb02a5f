// Tabs: one of several things is seen.
import { h } from '../dom';
import { rove, stop } from './rove';

export interface Tab {
  name: string;
  word: string;
}

export class Tabs {
  readonly element: HTMLElement;
  private buttons: HTMLElement[];
  private key = `ft-${Math.random().toString(36).slice(2)}`;

  constructor(label: string, private tabs: Tab[], chosen: (name: string) => void) {
    this.buttons = tabs.map(({ name, word }) => h('button', { type: 'button', role: 'tab', id: `${this.key}-${name}`, 'data-test': `lens-${name}`, click: () => chosen(name) }, word));
    this.element = h('div', { class: 'ft-tabs', role: 'tablist', 'aria-label': label }, ...this.buttons);
    rove(this.element, () => this.buttons);
  }

  /** Mark what is seen, and name its box by its tab. */
  show(name: string, box: HTMLElement): void {
    const at = this.tabs.findIndex((tab) => tab.name === name);
    this.buttons.forEach((button, place) => button.setAttribute('aria-selected', String(place === at)));
    stop(this.buttons, this.buttons[at]);
    box.setAttribute('role', 'tabpanel');
    box.setAttribute('aria-labelledby', `${this.key}-${name}`);
  }
}
