// Ink on paper, in a picture of light that may fall unevenly.
//
// A simpler form of estimator_mnist/data/pictures/ink.py, in greys.

const FAINTEST = 0.08; // what differs less from its paper is no ink
const STRONGEST = 0.001; // the share of pixels that says how strong ink is
const STRONGEST_PIXELS = 16;
const CERTAIN = 0.5; // ink is what is stronger than POSSIBLE and touches this
const POSSIBLE = 0.3;
const SPECK = 0.06; // of the picture's shorter side: what is smaller is no stroke
const FITS = 8;

/** Returns how much ink is where, 0 to 1, without specks; null for an empty page. */
function inkOf(greys, height, width) {
  const paper = paperOf(greys, height, width);
  // A shadow weakens ink and paper alike.
  const off = greys.map((g, i) => (g - paper[i]) / Math.max(paper[i], 1 - paper[i]));
  const count = Math.max(STRONGEST_PIXELS, Math.floor(off.length * STRONGEST));
  const order = [...off.keys()].sort((a, b) => Math.abs(off[b]) - Math.abs(off[a]));
  const mean = order.slice(0, count).reduce((sum, i) => sum + off[i], 0) / count;
  if (order.length < count || Math.abs(mean) < FAINTEST) return null;
  const ink = off.map((value) => Math.max(value / mean, 0));
  return strokesOf(ink, height, width);
}

/** Returns the paper's brightness: a surface of second degree, fitted to most of it. */
function paperOf(greys, height, width) {
  const terms = (i) => {
    const y = (2 * Math.floor(i / width)) / height - 1;
    const x = (2 * (i % width)) / width - 1;
    return [1, x, y, x * x, x * y, y * y];
  };
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const stride = Math.max(1, Math.floor(greys.length / 4096));
  const some = [...greys.keys()].filter((i) => i % stride === 0);
  const rows = some.map(terms);
  // To begin with, the border is paper.
  let weights = rows.map(([, x, y]) => (Math.max(Math.abs(x), Math.abs(y)) > 0.8 ? 1 : 0));
  let surface;
  for (let fit = 0; fit < FITS; fit++) {
    surface = leastSquares(rows, (i) => greys[some[i]], weights);
    const away = rows.map((row, i) => Math.abs(greys[some[i]] - dot(row, surface)));
    const spread = Math.max(0.01, 1.5 * weightedMedian(away, weights));
    weights = away.map((distance) => (1 + (distance / (2 * spread)) ** 2) ** -2);
  }
  return greys.map((_, i) => Math.min(Math.max(dot(terms(i), surface), 0), 1));
}

/** Returns what rows are to be multiplied with to come close to the values. */
function leastSquares(rows, valueOf, weights) {
  const n = rows[0].length;
  const system = Array.from({ length: n }, () => new Float64Array(n + 1));
  for (const [i, row] of rows.entries()) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) system[a][b] += weights[i] * row[a] * row[b];
      system[a][n] += weights[i] * row[a] * valueOf(i);
    }
  }
  for (let a = 0; a < n; a++) {
    system[a][a] += 1e-9; // a picture of few pixels has many solutions
    for (let b = 0; b < n; b++) {
      if (b === a) continue;
      const factor = system[b][a] / system[a][a];
      for (let c = a; c <= n; c++) system[b][c] -= factor * system[a][c];
    }
  }
  return system.map((row, a) => row[n] / row[a]);
}

function weightedMedian(values, weights) {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const half = weights.reduce((a, b) => a + b) / 2;
  let sum = 0;
  return values[order.find((i) => (sum += weights[i]) >= half) ?? 0];
}

/** Returns the ink of strokes alone: no specks, nothing that the edge cuts off. */
function strokesOf(ink, height, width) {
  const isLong = ({ extent }) => extent > SPECK * Math.min(height, width);
  const long = componentsOf(ink, height, width).filter(isLong);
  const whole = long.filter(({ isCut }) => !isCut);
  const kept = (whole.length ? whole : long).flatMap(({ pixels }) => pixels);
  if (!kept.length) return null;
  const certain = kept.filter((i) => ink[i] > CERTAIN).sort((a, b) => ink[a] - ink[b]);
  const full = ink[certain[certain.length >> 1]];
  const out = new Float32Array(ink.length);
  for (const i of kept) {
    // With the grey edges beside it.
    for (const j of [i, ...neighbours(i, height, width)]) {
      out[j] = Math.min(ink[j] / full, 1);
    }
  }
  return out;
}

/** Returns {pixels, extent, isCut} of all that hangs together and is surely ink. */
function componentsOf(ink, height, width) {
  const seen = new Uint8Array(ink.length);
  const found = [];
  for (let start = 0; start < ink.length; start++) {
    if (seen[start] || ink[start] <= CERTAIN) continue;
    const pixels = [start];
    seen[start] = 1;
    for (const i of pixels) {
      for (const j of neighbours(i, height, width)) {
        if (seen[j] || ink[j] <= POSSIBLE) continue;
        seen[j] = 1;
        pixels.push(j);
      }
    }
    found.push({ pixels, ...extentOf(pixels, height, width) });
  }
  return found;
}

function extentOf(pixels, height, width) {
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (const i of pixels) {
    const [y, x] = [Math.floor(i / width), i % width];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
  }
  const isCut = !top || !left || bottom === height - 1 || right === width - 1;
  return { extent: Math.max(bottom - top, right - left) + 1, isCut };
}

function neighbours(i, height, width) {
  const [y, x] = [Math.floor(i / width), i % width];
  const found = [];
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
      if (v !== y || u !== x) found.push(v * width + u);
    }
  }
  return found;
}
