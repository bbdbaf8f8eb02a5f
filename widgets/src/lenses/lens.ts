// What the lenses of the metrics panel share: each shows the answers in one way, and opens the rows behind a figure.
import type { Judgement, MetricsState } from '../contract';
import { number } from '../numbers';
import type { Source } from '../types';

export interface Bench {
  source: Source<MetricsState>;
  told: Judgement;
  behind(what: string, named: Record<string, unknown>, said: string): void;
  fault(error: Error): void;
}

export interface Lens {
  element: HTMLElement;
  changed?(): void; // the state did, perhaps by another view of the panel
}

/** A value with its interval. */
export function withEnds(value: (number | null | undefined)[] | null | undefined): string {
  if (!value) return '–';
  const [middle, low, high] = value;
  if (low === null || low === undefined || high === null || high === undefined) return number(middle);
  return `${number(middle)} (${number(low)} – ${number(high)})`;
}
