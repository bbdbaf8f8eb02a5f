// What the views know of each other.
import type { AugmentAsk, InspectAsk, MetricsAsk, OutliersAsk, RunsAsk, TrainAsk } from './contract';

export type Ask = TrainAsk | RunsAsk | InspectAsk | OutliersAsk | MetricsAsk | AugmentAsk;

export interface Reply {
  value: any;
  buffers: DataView[];
}

export interface Wire {
  /** Ask; a wire that can wait for news does so, for as many seconds. */
  ask(name: Ask, args: Record<string, unknown>, wait?: number): Promise<Reply>;
  onPush(heard: (name: string, content: any, buffers: DataView[]) => void): void;
  close(): void;
}

/** What a view is drawn from: its state, and whom to ask. Written state reaches Python where there is a model. */
export interface Source<State> {
  get<K extends keyof State>(name: K): State[K];
  set<K extends keyof State>(name: K, value: State[K]): void;
  onChange(heard: () => void): void;
  wire: Wire;
}
