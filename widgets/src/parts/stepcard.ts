// One step of a recipe: on or off, its place, its parameters.
import type { Chosen, FieldFacts, StepFacts } from '../contract';
import { entered, h, show } from '../dom';
import { number } from '../numbers';
import { t, type Word } from '../words';

export interface Card extends Chosen {
  on: boolean;
}
export interface CardHost {
  live(): void; // a control is being moved
  done(): void; // it was let go
  move(card: Card, by: number): void;
  remove(card: Card): void;
}

const STOPS = 200; // places of a slider

export function stepCard(card: Card, facts: StepFacts, host: CardHost, first: boolean, last: boolean): HTMLElement {
  const name = facts.title.replaceAll('_', ' ');
  const body = h('div', { class: 'ft-fields' }, ...facts.fields.filter((field) => field.kind !== 'other').map((field) => control(card, field, host)));
  const flip = h('input', { type: 'checkbox', role: 'switch', checked: card.on, 'aria-label': t('stepOn', name), 'data-test': 'on', change: () => { card.on = flip.checked; show(body, card.on); host.done(); } });
  const act = (word: Word, sign: string, pressed: () => void, off: boolean) => {
    const button = h('button', { type: 'button', class: 'ft-small', title: t(word), 'aria-label': t('stepAct', t(word), name), 'data-test': `step-${word}`, click: pressed }, sign);
    button.disabled = off;
    return button;
  };
  show(body, card.on);
  const risk = facts.may_alter.length ? h('p', { class: 'ft-risk' }, t('mayAlter', facts.may_alter.join(', '))) : null;
  return h(
    'li',
    { class: 'ft-step', 'data-test': 'step', 'data-name': facts.name },
    h('header', {}, h('label', {}, flip, h('b', {}, name)), act('up', '↑', () => host.move(card, -1), first), act('down', '↓', () => host.move(card, 1), last), act('remove', '×', () => host.remove(card), false)),
    body,
    h('details', {}, h('summary', {}, facts.does || t('aboutStep')), h('p', { class: 'ft-sentence' }, facts.keeps), risk),
  );
}

function control(card: Card, field: FieldFacts, host: CardHost): HTMLElement {
  const value = card.parameters[field.name];
  const said = field.name === 'p' ? t('often') : field.title.replaceAll('_', ' ');
  const set = (now: unknown) => (card.parameters = { ...card.parameters, [field.name]: now });
  const test = `field-${field.name}`;
  if (field.kind === 'choice') {
    const box = h('select', { 'data-test': test, change: () => { set(box.value); host.done(); } }, ...field.options.map((option, at) => h('option', { value: option, selected: option === value }, field.titles[at]!.replaceAll('_', ' '))));
    return h('label', { class: 'ft-field' }, h('span', {}, said), box);
  }
  if (field.kind === 'flag') {
    const box = h('input', { type: 'checkbox', checked: value === true, 'data-test': test, change: () => { set(box.checked); host.done(); } });
    return h('label', { class: 'ft-field' }, h('span', {}, said), box);
  }
  if (field.kind === 'text' || typeof value !== 'number') {
    const box = h('input', { type: 'text', value: String(value), 'data-test': test, disabled: typeof value !== 'string' });
    entered(box, () => { set(box.value); host.done(); });
    return h('label', { class: 'ft-field' }, h('span', {}, said), box);
  }
  const step = field.kind === 'whole' ? 1 : stop(field.high - field.low);
  const [low, high] = [field.low, field.high];
  const words = `${said}${field.unit ? `, ${field.unit}` : ''}`;
  const slider = h('input', { type: 'range', min: low, max: high, step, value, 'aria-label': words, 'data-test': test, input: () => take(slider.value, false), change: () => take(slider.value, true) });
  const box = h('input', { type: 'number', min: low, max: high, step: 'any', value: Number(value.toPrecision(6)), 'aria-label': words, 'data-test': `${test}-value` });
  const take = (text: string, done: boolean) => {
    const now = Number(text);
    const fits = text.trim() !== '' && now >= low && now <= high && (field.kind !== 'whole' || Number.isInteger(now));
    box.setAttribute('aria-invalid', String(!fits));
    box.title = fits ? '' : t('fromTo', number(low), number(high));
    if (!fits) return;
    [slider.value, box.value] = [String(now), String(now)];
    set(now);
    if (done) host.done();
    else host.live();
  };
  entered(box, () => take(box.value, true));
  return h('div', { class: 'ft-field' }, h('span', { 'aria-hidden': 'true' }, said), slider, box);
}

/** A round step that leaves a slider at most so many places. */
export function stop(width: number): number {
  const rough = width / STOPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Number(([1, 2, 5, 10].find((each) => each * power >= rough * 0.999)! * power).toPrecision(6));
}
