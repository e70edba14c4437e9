"use strict";
// The network: its operations one after the other, on one image, in typed arrays.
//
// A value is {data: Float32Array, shape}, without the batch's dimension; images have
// their channels last. The operations have TensorFlow's names.

const IDENTITY = (x) => x;
const UNARY = {
  Abs: Math.abs,
  Elu: (x) => (x > 0 ? x : Math.expm1(x)),
  Exp: Math.exp,
  LeakyRelu: (x, step) => (x > 0 ? x : step.alpha * x),
  Neg: (x) => -x,
  Relu: (x) => (x > 0 ? x : 0),
  Relu6: (x) => Math.min(Math.max(x, 0), 6),
  Rsqrt: (x) => 1 / Math.sqrt(x),
  // Scale and alpha of Klambauer et al. 2017.
  Selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Sqrt: Math.sqrt,
  Square: (x) => x * x,
  Tanh: Math.tanh,
};
const BINARY = {
  AddV2: (a, b) => a + b,
  Maximum: Math.max,
  Minimum: Math.min,
  Mul: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  SquaredDifference: (a, b) => (a - b) * (a - b),
  Sub: (a, b) => a - b,
};
// What a reduction begins with, takes in, and ends with.
const REDUCTIONS = {
  Max: [-Infinity, Math.max, IDENTITY],
  Mean: [0, (a, b) => a + b, (sum, count) => sum / count],
  Sum: [0, (a, b) => a + b, IDENTITY],
};
const OPERATIONS = { AvgPool: pool, Conv2D: conv2d, MatMul: matmul, MaxPool: pool };
Object.assign(OPERATIONS, { Pad: pad, Reshape: reshape, Softmax: softmax });
OPERATIONS.FusedBatchNorm = normalize;
for (const name of Object.keys(UNARY)) OPERATIONS[name] = unary;
for (const name of Object.keys(BINARY)) OPERATIONS[name] = binary;
for (const name of Object.keys(REDUCTIONS)) OPERATIONS[name] = reduce;

/** Returns {program, constants} of a program and its numbers in base64. */
function readNetwork(program, base64) {
  const bytes = bytesOf(base64);
  const constants = new Map();
  for (const [name, stored] of Object.entries(program.constants)) {
    constants.set(name, { data: numbersOf(stored, bytes), shape: stored.shape });
  }
  return { program, constants };
}

/** Returns {probabilities, activations} of an image's pixels in 0..1, row by row. */
function runNetwork(network, pixels) {
  const { program, constants } = network;
  const values = new Map(constants);
  values.set(program.image, { data: pixels, shape: program.shape });
  for (const step of program.steps) {
    const inputs = step.inputs.map((name) => values.get(name));
    const data = OPERATIONS[step.op](step, ...inputs);
    values.set(step.output, { data, shape: step.shape });
  }
  return {
    probabilities: values.get(program.probabilities).data,
    activations: values.get(program.activations), // none: undefined
  };
}

/** Returns the probabilities of several images, which lie one after the other. */
function runOnAll(network, images) {
  const size = sizeOf(network.program.shape);
  const found = [];
  for (let start = 0; start < images.length; start += size) {
    const image = images.subarray(start, start + size);
    found.push(...runNetwork(network, image).probabilities);
  }
  return found;
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function numbersOf(stored, bytes) {
  const from = (offset, Type, count) =>
    new Type(bytes.slice(offset, offset + count * Type.BYTES_PER_ELEMENT).buffer);
  const count = sizeOf(stored.shape);
  if (stored.type === "float32") return from(stored.offset, Float32Array, count);
  const data = new Float32Array(count);
  if (stored.type === "float16") {
    const halves = from(stored.offset, Uint16Array, count);
    for (let i = 0; i < count; i++) data[i] = FLOAT_OF_HALF[halves[i]];
  } else {
    const integers = from(stored.offset, Int8Array, count);
    const channels = stored.shape[stored.shape.length - 1];
    const scales = from(stored.scales, Float32Array, channels);
    for (let i = 0; i < count; i++) data[i] = integers[i] * scales[i % channels];
  }
  return data;
}

// The 65,536 numbers of 16 bits: a sign, 5 bits of exponent, 10 of fraction (IEEE 754).
const FLOAT_OF_HALF = Float32Array.from({ length: 65536 }, (_, half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = (half & 1023) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
});

function sizeOf(shape) {
  return shape.reduce((size, length) => size * length, 1);
}

function reshape(step, input) {
  return input.data;
}

function unary(step, input) {
  const apply = UNARY[step.op];
  const out = new Float32Array(input.data.length);
  for (let i = 0; i < out.length; i++) out[i] = apply(input.data[i], step);
  return out;
}

function binary(step, left, right) {
  const apply = BINARY[step.op];
  step.indices ??= [left, right].map((one) => repeated(one.shape, step.shape));
  const [first, second] = step.indices;
  const out = new Float32Array(first.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = apply(left.data[first[i]], right.data[second[i]]);
  }
  return out;
}

/** Returns which number of an operand belongs to each of the result's. */
function repeated(shape, result) {
  const lengths = [...result.map(() => 1), ...shape].slice(-result.length);
  const indices = new Int32Array(sizeOf(result));
  for (let i = 0; i < indices.length; i++) {
    let [rest, stride] = [i, 1];
    for (let axis = result.length - 1; axis >= 0; axis--) {
      if (lengths[axis] > 1) indices[i] += (rest % result[axis]) * stride;
      stride *= lengths[axis];
      rest = Math.floor(rest / result[axis]);
    }
  }
  return indices;
}

function normalize(step, input, scale, offset, mean, variance) {
  const channels = scale.data.length;
  return input.data.map((x, i) => {
    const channel = i % channels;
    const deviation = Math.sqrt(variance.data[channel] + step.epsilon);
    const standard = (x - mean.data[channel]) / deviation;
    return standard * scale.data[channel] + offset.data[channel];
  });
}

/** Takes together all that differs in step.axes alone. */
function reduce(step, { data, shape }) {
  const [first, apply, finish] = REDUCTIONS[step.op];
  const kept = shape.map((length, axis) => (step.axes.includes(axis) ? 1 : length));
  step.indices ??= repeated(kept, shape);
  const out = new Float64Array(sizeOf(kept)).fill(first);
  for (let i = 0; i < data.length; i++) {
    const to = step.indices[i];
    out[to] = apply(out[to], data[i]);
  }
  const count = data.length / out.length;
  return Float32Array.from(out, (value) => finish(value, count));
}

function softmax(step, { data, shape }) {
  const out = new Float32Array(data.length);
  const length = shape[shape.length - 1];
  for (let start = 0; start < data.length; start += length) {
    const part = data.subarray(start, start + length);
    const most = part.reduce((a, b) => Math.max(a, b));
    const powers = Array.from(part, (x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b);
    out.set(powers.map((power) => power / sum), start);
  }
  return out;
}

/** step.before: how much is added in front of each dimension. */
function pad(step, { data, shape }) {
  const out = new Float32Array(sizeOf(step.shape)).fill(step.value);
  for (let i = 0; i < data.length; i++) {
    let [to, rest, stride] = [0, i, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      to += ((rest % shape[axis]) + step.before[axis]) * stride;
      stride *= step.shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    out[to] = data[i];
  }
  return out;
}

function matmul(step, input, kernel) {
  const out = new Float32Array(kernel.shape[1]);
  addProducts(out, 0, out.length, input.data, 0, input.data.length, kernel.data, 0);
  return out;
}

/** Kernel [rows, columns, channels, filters]; outside the image there are zeros. */
function conv2d(step, input, kernel) {
  const [height, width, channels] = input.shape;
  const [rows, columns, , filters] = kernel.shape;
  const [down, across] = step.strides;
  const [outHeight, outWidth] = step.shape;
  const out = new Float32Array(sizeOf(step.shape));
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const to = (y * outWidth + x) * filters;
      const [top, left] = [y * down - step.before[0], x * across - step.before[1]];
      const first = Math.max(0, -left);
      const seen = Math.min(columns, width - left) - first;
      for (let row = Math.max(0, -top); row < rows && top + row < height; row++) {
        // A row of the window lies together in the image, and so do its weights.
        const from = ((top + row) * width + left + first) * channels;
        const at = (row * columns + first) * channels * filters;
        addProducts(out, to, filters, input.data, from, seen * channels, kernel.data, at);
      }
    }
  }
  return out;
}

/** Adds input[from + i] times weights[at + i * width ...], for i < count, to out. */
function addProducts(out, to, width, input, from, count, weights, at) {
  let i = 0;
  for (; i + 4 <= count; i += 4, at += 4 * width) {
    // Four at once, so that out is read and written a quarter as often.
    const a = input[from + i];
    const b = input[from + i + 1];
    const c = input[from + i + 2];
    const d = input[from + i + 3];
    if (a === 0 && b === 0 && c === 0 && d === 0) continue; // most of a drawing
    const [second, third, fourth] = [at + width, at + 2 * width, at + 3 * width];
    for (let j = 0; j < width; j++) {
      out[to + j] +=
        a * weights[at + j] +
        b * weights[second + j] +
        c * weights[third + j] +
        d * weights[fourth + j];
    }
  }
  for (; i < count; i++, at += width) {
    const value = input[from + i];
    for (let j = 0; j < width; j++) out[to + j] += value * weights[at + j];
  }
}

/** The largest or the mean of each window, of what lies in the image. */
function pool(step, input) {
  const [height, width, channels] = input.shape;
  const [rows, columns] = step.window;
  const isMax = step.op === "MaxPool";
  const [outHeight, outWidth] = step.shape;
  const out = new Float32Array(sizeOf(step.shape)).fill(isMax ? -Infinity : 0);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const to = (y * outWidth + x) * channels;
      const top = y * step.strides[0] - step.before[0];
      const left = x * step.strides[1] - step.before[1];
      let count = 0;
      for (let i = Math.max(0, top); i < Math.min(height, top + rows); i++) {
        for (let j = Math.max(0, left); j < Math.min(width, left + columns); j++) {
          const from = (i * width + j) * channels;
          count++;
          for (let k = 0; k < channels; k++) {
            const value = input.data[from + k];
            if (!isMax) out[to + k] += value;
            else if (value > out[to + k]) out[to + k] = value;
          }
        }
      }
      if (!isMax) for (let k = 0; k < channels; k++) out[to + k] /= count;
    }
  }
  return out;
}
