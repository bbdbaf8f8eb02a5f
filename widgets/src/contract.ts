// Made by `python -m ftkit.panels.contract`; a test holds that it says what the Python traits say.

export const MIME = "application/vnd.ftkit.panel.v1+json";

export type Column = "step" | "epoch" | "loss" | "learning_rate" | "rows_per_second" | "gradient_norm" | "seconds";

export type Request = "pause" | "continue" | "stop" | "checkpoint" | "evaluate" | "learning_rate";

export interface Told {
  name: string;
  state: string;
  sentence: string;
  stage: string;
  step: number;
  steps: number;
  epoch: number;
  epochs: number;
  loss: number | null;
  seconds: number;
  over: boolean;
  memory: number | null;
  left: number | null;
}

export interface Header {
  generation: number;
  begin: number;
  steps: number;
  columns: string[];
  begin_others: number;
  others: number;
  events: Record<string, unknown>[];
  status: Told;
  log: number;
  tail: string | null;
}

export interface Score {
  name: string;
  split: string;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Summary {
  name: string;
  folder: string;
  state: string;
  sentence: string;
  began: string;
  seconds: number;
  step: number;
  steps: number;
  data: string;
  model: string;
  losses: number[];
  metrics: Score[];
  report: boolean;
  address: string;
}

export interface TrainState {
  runs: string[]; // The run folders.
  smooth: number; // Weight of what came before in the smoothed loss, 0 to 0.99.
  x: "step" | "epoch" | "seconds"; // What runs along the charts.
}

export type TrainAsk = "events" | "control";

export interface RunsState {
  chosen: string[]; // The run folders that are followed below the table.
  folder: string; // The folder of runs.
}

export type RunsAsk = "runs" | "events" | "control";
