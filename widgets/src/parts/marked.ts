// A text with what was taken out and put in marked as `wdiff` marks it: [-out-] {+in+}.
import { h } from '../dom';

const MARK = /\[-([\s\S]*?)-\]|\{\+([\s\S]*?)\+\}/g;

export function marked(text: string): (Node | string)[] {
  return pieces(text).map(({ kind, words }) => (kind === 'same' ? words : h(kind, {}, words)));
}

export function pieces(text: string): { kind: 'same' | 'del' | 'ins'; words: string }[] {
  const out: { kind: 'same' | 'del' | 'ins'; words: string }[] = [];
  let from = 0;
  for (const found of text.matchAll(MARK)) {
    if (found.index > from) out.push({ kind: 'same', words: text.slice(from, found.index) });
    out.push(found[1] !== undefined ? { kind: 'del', words: found[1] } : { kind: 'ins', words: found[2] ?? '' });
    from = found.index + found[0].length;
  }
  if (from < text.length || !out.length) out.push({ kind: 'same', words: text.slice(from) });
  return out;
}
