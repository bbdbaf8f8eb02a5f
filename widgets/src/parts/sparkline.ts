// A small line without axes.

const SVG = 'http://www.w3.org/2000/svg';

export function sparkline(values: number[], said: string): Element {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 96 22');
  svg.setAttribute('class', 'ft-spark');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', said);
  if (values.length < 2) return svg;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const line = document.createElementNS(SVG, 'polyline');
  const place = (value: number, at: number) => `${((at / (values.length - 1)) * 94 + 1).toFixed(1)},${(20 - ((value - low) / (high - low || 1)) * 18).toFixed(1)}`;
  line.setAttribute('points', values.map(place).join(' '));
  svg.append(line);
  return svg;
}
