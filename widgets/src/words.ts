// Texts of the interface, in English and Simplified Chinese, by the language of the page.

const WORDS = {
  state: ['State', '状态'],
  queued: ['queued', '排队中'],
  running: ['running', '运行中'],
  paused: ['paused', '已暂停'],
  stopped: ['stopped', '已停止'],
  failed: ['failed', '失败'],
  done: ['done', '已完成'],
  pause: ['Pause', '暂停'],
  continue: ['Continue', '继续'],
  stop: ['Stop', '停止'],
  reallyStop: ['Stop now?', '确定停止？'],
  checkpoint: ['Checkpoint', '保存检查点'],
  evaluate: ['Evaluate', '立即评估'],
  rate: ['Learning rate', '学习率'],
  setRate: ['Set rate', '设置学习率'],
  newRate: ['New learning rate', '新的学习率'],
  notRate: ['A learning rate is a number over 0, such as 3e-4.', '学习率须为大于 0 的数，例如 3e-4。'],
  loss: ['Loss', '损失'],
  step: ['Step', '步'],
  epoch: ['Epoch', '轮次'],
  left: ['Time left', '剩余时间'],
  elapsed: ['Elapsed', '已用时间'],
  memory: ['Memory', '内存'],
  speed: ['Rows per second', '每秒行数'],
  train: ['train', '训练'],
  validation: ['validation', '验证'],
  metrics: ['Validation metrics', '验证指标'],
  log: ['Log', '日志'],
  happened: ['What happened', '事件'],
  along: ['Along', '横轴'],
  seconds: ['Seconds', '秒'],
  smoothing: ['Smoothing', '平滑'],
  asked: ['asked: {0}', '已请求：{0}'],
  waiting: ['Waiting for the kernel; it is busy.', '正在等待内核（内核忙）。'],
  lost: ['No connection; trying again.', '连接中断，正在重试。'],
  none: ['No step has been taken yet.', '尚未开始训练步骤。'],
  progress: ['Progress of {0}', '{0} 的进度'],
  run: ['Run', '运行'],
  actions: ['What to ask of {0}', '对 {0} 的操作'],
  event_checkpoint: ['checkpoint saved', '已保存检查点'],
  event_evaluation: ['evaluated', '已评估'],
  event_changed: ['{0} is now {1}', '{0} 改为 {1}'],
  event_resumed: ['went on from step {0}', '从第 {0} 步继续'],
  event_started: ['its process started', '进程已启动'],
  event_stage: ['stage: {0}', '阶段：{0}'],
  chartOf: ['{0}: chart, last value {1}', '{0}：图表，最新值 {1}'],
  rows: ['Rows', '数据行'],
  row: ['Row', '行'],
  table: ['Table', '表格'],
  gallery: ['Gallery', '图库'],
  findings: ['Findings', '发现'],
  classes: ['Classes', '类别'],
  decided: ['Decided', '决定'],
  decide: ['Decide', '作出决定'],
  drop: ['Drop', '删除'],
  keep: ['Keep', '保留'],
  relabel: ['Relabel', '改标签'],
  newLabel: ['New label', '新标签'],
  accept: ['Do as suggested', '采纳建议'],
  undo: ['Undo', '撤销'],
  redo: ['Redo', '重做'],
  noEdits: ['nothing decided yet', '尚未作出决定'],
  shut: ['Close', '关闭'],
  none_: ['missing', '缺失'],
  missing: ['{0} missing', '缺失 {0}'],
  rowsOf: ['{0} of {1} rows', '{1} 行中的 {0} 行'],
  chosenOf: ['{0} chosen of {1} rows', '已选 {0} 行（共 {1} 行）'],
  keys: ['Keys: arrows move, Space chooses, Enter opens, d drops, k keeps, u undoes, r redoes.', '按键：方向键移动，空格选择，回车打开，d 删除，k 保留，u 撤销，r 重做。'],
  inspectOf: ['Rows of {0}', '{0} 的数据行'],
  runs: ['Runs', '运行列表'],
  noRuns: ['There is no run yet.', '尚无运行。'],
  find: ['Find', '查找'],
  choose: ['Follow {0}', '跟踪 {0}'],
  data: ['Data', '数据'],
  model: ['Model', '模型'],
  began: ['Began', '开始时间'],
  report: ['Report', '报告'],
  open: ['Open', '打开'],
  panel: ['Training of {0}', '{0} 的训练'],
} as const;

export type Word = keyof typeof WORDS;

export function language(): 0 | 1 {
  const said = document.documentElement.lang || navigator.language || 'en';
  return /^zh\b/i.test(said.replace('_', '-')) ? 1 : 0;
}

export function t(word: Word, ...values: (string | number)[]): string {
  return WORDS[word][language()].replace(/\{(\d)\}/g, (_, place) => String(values[+place]));
}

export function isWord(word: string): word is Word {
  return Object.hasOwn(WORDS, word);
}
