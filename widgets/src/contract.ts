// Made by `python -m ftkit.panels.contract`; a test holds that it says what the Python traits say.

export const MIME = "application/vnd.ftkit.panel.v1+json";

export type Column = "step" | "epoch" | "loss" | "learning_rate" | "rows_per_second" | "gradient_norm" | "seconds";

export type Request = "pause" | "continue" | "stop" | "checkpoint" | "evaluate" | "learning_rate" | "batch_size" | "epochs";

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

export interface Query {
  sort: string;
  down: boolean;
  search: string;
  label: string;
  finding: number;
  among: number;
}

export interface ColumnFacts {
  name: string;
  kind: string;
  role: string;
  missing: number;
}

export interface ClassFacts {
  name: string;
  rows: number;
}

export interface FindingFacts {
  code: string;
  severity: string;
  message: string;
  rows: number;
  op: string;
}

export interface About {
  name: string;
  rows: number;
  task: string;
  images: boolean;
  texts: boolean;
  columns: ColumnFacts[];
  classes: ClassFacts[];
  findings: FindingFacts[];
}

export interface Progress {
  state: string;
  done: number;
  of: number;
  error: string;
}

export interface Profile {
  shape: string;
  bars: number[];
  names: string[];
  low: string;
  high: string;
  distinct: number;
  missing: number;
  blocks: number[];
}

export interface Piece {
  role: string;
  text: string;
  trained: boolean;
  cut: boolean;
}

export interface Group {
  kept: number;
  copies: number[];
  scores: number[];
}

export interface Judgement {
  run: string;
  rows: number;
  classes: string[];
  metrics: Score[];
  lenses: string[];
  held: number;
}

export interface Matrix {
  classes: string[];
  counts: number[][];
  left_out: number;
  pairs: string[][];
}

export interface Curve {
  roc: number[][];
  pr: number[][];
  areas: number[][];
  found: number[];
  taken: number[];
  positive: number;
  rows: number;
}

export interface Rule {
  threshold: number;
  found: number;
  missed: number;
  alarms: number;
  passed: number;
  precision: number[] | null;
  recall: number[] | null;
  cost: number[];
}

export interface Bin {
  at: number;
  low: number;
  high: number;
  rows: number;
  sure: number;
  right: number;
  right_low: number;
  right_high: number;
}

export interface Calibration {
  bins: Bin[];
  error: number[];
  temperature: number | null;
  mended: boolean;
}

export interface Residuals {
  places: number[];
  true: number[];
  predicted: number[];
  edges: number[];
  counts: number[];
}

export interface SliceFacts {
  name: string;
  rows: number;
  value: number;
  rest: number;
  low: number;
  high: number;
}

export interface Pair {
  metric: string;
  value: number | null;
  low: number | null;
  high: number | null;
  points: boolean;
  better: string | null;
}

export interface Contest {
  sentences: string[];
  notes: string[];
  pairs: Pair[];
  parts: Record<string, number>;
}

export interface FieldFacts {
  name: string;
  title: string;
  kind: string;
  low: number;
  high: number;
  unit: string;
  options: string[];
  titles: string[];
}

export interface StepFacts {
  name: string;
  title: string;
  does: string;
  keeps: string;
  may_alter: string[];
  fields: FieldFacts[];
  parameters: Record<string, unknown>;
  offered: boolean;
}

export interface Kit {
  name: string;
  kind: string;
  rows: number;
  file: string;
  steps: StepFacts[];
  measured: boolean;
}

export interface Chosen {
  name: string;
  parameters: Record<string, unknown>;
}

export interface TrialFacts {
  step: Chosen;
  verdict: string;
  sentence: string;
  value: number;
  low: number;
  high: number;
  suggested: boolean;
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

export interface InspectState {
  among: number; // The number of the choice the rows are among; 0 for all rows.
  decided: number; // How many edits stand; changes with every decision.
  down: boolean; // Whether the largest come first.
  finding: number; // The finding the rows are of; -1 for all.
  label: string; // The class of the rows; empty for all.
  mode: "table" | "gallery" | "columns"; // How rows are shown.
  search: string; // A text the rows hold.
  sort: string; // The column rows are sorted by; empty for their own order.
}

export type InspectAsk = "about" | "rows" | "pictures" | "row" | "profile" | "lengths" | "among" | "edit" | "accept" | "undo" | "redo";

export interface OutliersState extends InspectState {
  colour: "label" | "finding" | "score"; // What the points are coloured by.
}

export type OutliersAsk = "about" | "rows" | "pictures" | "row" | "profile" | "lengths" | "among" | "edit" | "accept" | "undo" | "redo" | "map" | "odd" | "groups";

export interface MetricsState extends InspectState {
  alarm: number; // What it costs to take another row for one.
  lens: "confusions" | "threshold" | "calibration" | "residuals" | "slices" | "compare"; // Through what the answers are seen.
  mended: boolean; // Whether probabilities are seen at the fitted temperature.
  miss: number; // What it costs to miss a row of that class.
  of: string; // The class whose threshold is chosen.
  other: string; // The run it is compared with; empty for none.
  threshold: number; // From which probability on a row is said to be of that class.
}

export type MetricsAsk = "about" | "rows" | "pictures" | "row" | "profile" | "lengths" | "among" | "edit" | "accept" | "undo" | "redo" | "judged" | "matrix" | "curve" | "rule" | "cheapest" | "calibration" | "residuals" | "slices" | "rivals" | "contest" | "behind";

export interface AugmentState {
  recipe: string; // The file the steps are written into.
  sample: number; // Which rows are shown.
  seed: number; // The seed of the first draw.
  written: number; // How often steps were written; changes with every gesture.
}

export type AugmentAsk = "kit" | "steps" | "write" | "preview" | "distance" | "suggest" | "stop" | "undo" | "redo";
