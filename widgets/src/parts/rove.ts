// One stop for the Tab key in a group of many; arrows move inside it.

export function rove(box: HTMLElement, items: () => HTMLElement[], perLine = 1): void {
  box.addEventListener('keydown', (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const moves: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perLine, ArrowUp: -perLine, Home: -at, End: all.length - 1 - at };
    const move = moves[event.key];
    if (at < 0 || move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = all[at + move];
    if (next) stop(all, next, true);
  });
  box.addEventListener('focusin', (event) => {
    const all = items();
    if (all.includes(event.target as HTMLElement)) stop(all, event.target as HTMLElement, false);
  });
}

/** The item that Tab comes to. */
export function stop(all: HTMLElement[], one: HTMLElement | undefined, focus = false): void {
  all.forEach((each) => (each.tabIndex = each === one ? 0 : -1));
  if (focus) one?.focus();
}
