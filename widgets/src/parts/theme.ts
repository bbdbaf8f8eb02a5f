// When the theme changes: JupyterLab and VS Code mark the body, a plain page has the system's wish.
import { h } from '../dom';

/** A colour of the stylesheet as a canvas understands it, which knows no custom properties; also in high contrast. */
export function colourOf(near: HTMLElement, css: string): string {
  const probe = h('i', { style: `color: ${css}; forced-color-adjust: none` });
  near.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

export function onTheme(changed: () => void): () => void {
  const seen = new MutationObserver(changed);
  const filter = ['data-jp-theme-light', 'data-jp-theme-name', 'class', 'data-vscode-theme-kind'];
  seen.observe(document.body, { attributes: true, attributeFilter: filter });
  const wishes = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(forced-colors: active)')];
  wishes.forEach((wish) => wish.addEventListener('change', changed));
  return () => {
    seen.disconnect();
    wishes.forEach((wish) => wish.removeEventListener('change', changed));
  };
}
