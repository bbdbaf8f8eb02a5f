// A chat, and what of it a model learns to say.
import type { Piece } from '../contract';
import { h } from '../dom';
import { t, type Word } from '../words';

export function chat(pieces: Piece[]): HTMLElement {
  const kinds: [string, Word, boolean][] = [
    ['ft-trained', 'trainedOn', pieces.some((piece) => piece.trained && !piece.cut)],
    ['ft-context', 'onlyRead', pieces.some((piece) => !piece.trained && !piece.cut)],
    ['ft-cut', 'cutOff', pieces.some((piece) => piece.cut)],
  ];
  const legend = h('ul', { class: 'ft-legend' }, ...kinds.filter(([, , there]) => there).map(([kind, word]) => h('li', {}, h('span', { class: kind }, t(word)))));
  const written = pieces.some((piece) => piece.role) ? pieces.map(turn) : [h('div', { class: 'ft-written' }, ...pieces.map(run))];
  return h('div', { class: 'ft-chat', 'data-test': 'chat' }, legend, ...written);
}

function run(piece: Piece): HTMLElement {
  return h('span', { class: kindOf(piece), 'data-test': 'piece' }, piece.text);
}

function turn(piece: Piece): HTMLElement {
  return h('div', { class: 'ft-turn', 'data-role': piece.role }, h('b', {}, piece.role), h('div', { class: 'ft-written' }, run(piece)));
}

function kindOf(piece: Piece): string {
  return piece.cut ? 'ft-cut' : piece.trained ? 'ft-trained' : 'ft-context';
}
