// An image of a drawing, as those of MNIST were made.
//
// estimator_mnist/data/pictures/mnist_form.py says how; this is its twin, step by step.

const IMAGE_SIDE = 28;
const BOX_SIDE = 20;
const EDGE = 0.1; // what is weaker counts for nothing at the edge of a digit
const CENTRE = 14; // the pixel that centres of mass come to
const CORNERS = 12; // a 28x28 image begins in one of so many rows and columns of 40x40

/**
 * Returns the image that a network is given: Float32Array of side x side, 0 to 1.
 *
 * ink: Float32Array of height x width, 0 to 1. On a side of 40 the digit stays where it
 * is on the paper, on one of 28 it comes to the middle. Null: there is no ink.
 */
function imageOf(ink, height, width, side) {
  const normalized = normalizedDigit(ink, height, width);
  if (!normalized) return null;
  const { image, centre } = normalized;
  const placed = new Float32Array(side * side);
  const [top, left] = side === IMAGE_SIDE ? [0, 0] : corner(centre, [height, width], side);
  for (let y = 0; y < IMAGE_SIDE; y++) {
    for (let x = 0; x < IMAGE_SIDE; x++) {
      placed[(top + y) * side + left + x] = image[y * IMAGE_SIDE + x] / 255;
    }
  }
  return placed;
}

/** Returns {image: Uint8Array of 28 x 28, centre: [row, column] of mass}, or null. */
function normalizedDigit(ink, height, width) {
  const box = boxOfInk(ink, height, width);
  if (!box) return null;
  const { top, left, bottom, right } = box;
  const sides = [bottom - top, right - left];
  const scale = BOX_SIDE / Math.max(...sides);
  const cells = sides.map((length) => Math.max(1, Math.floor(length * scale + 0.5)));
  const small = means(ink, width, box, cells);
  const mass = centreOfMass(small, cells);
  const at = mass.map((centre, axis) => {
    // A drawing that is even on both sides is on neither because of a sum's last bit.
    const first = Math.ceil(CENTRE - 0.5 - centre - 1e-9);
    return Math.min(Math.max(first, 0), IMAGE_SIDE - cells[axis]);
  });
  const image = new Uint8Array(IMAGE_SIDE * IMAGE_SIDE);
  for (let y = 0; y < cells[0]; y++) {
    for (let x = 0; x < cells[1]; x++) {
      const value = Math.floor(255 * small[y * cells[1] + x] + 0.5);
      image[(at[0] + y) * IMAGE_SIDE + at[1] + x] = value;
    }
  }
  const begin = [top, left];
  const centre = mass.map((c, i) => begin[i] + ((c + 0.5) * sides[i]) / cells[i]);
  return { image, centre };
}

/** Returns row and column of the canvas where the top left corner of an image goes. */
function corner(centre, lengths, side) {
  return centre.map((at, axis) => {
    const first = Math.floor((side * at) / lengths[axis] - IMAGE_SIDE / 2 + 0.5);
    return Math.min(Math.max(first, 0), CORNERS - 1);
  });
}

/** Returns the smallest box that holds all ink above EDGE; null without any. */
function boxOfInk(ink, height, width) {
  const box = { top: height, left: width, bottom: 0, right: 0 };
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] <= EDGE) continue;
    const [y, x] = [Math.floor(i / width), i % width];
    box.top = Math.min(box.top, y);
    box.left = Math.min(box.left, x);
    box.bottom = Math.max(box.bottom, y + 1);
    box.right = Math.max(box.right, x + 1);
  }
  return box.bottom ? box : null;
}

/** Returns the mean of the ink in each of rows x columns cells that divide a box. */
function means(ink, width, box, [rows, columns]) {
  const out = new Float64Array(rows * columns);
  const across = shares(box.left, box.right, columns);
  for (const [row, y, height] of shares(box.top, box.bottom, rows)) {
    for (const [column, x, share] of across) {
      out[row * columns + column] += height * share * Math.min(ink[y * width + x], 1);
    }
  }
  return out;
}

/** Returns [cell, pixel, share of the cell] of all pixels from start to stop. */
function shares(start, stop, cells) {
  const found = [];
  const length = (stop - start) / cells;
  for (let cell = 0; cell < cells; cell++) {
    const [first, last] = [start + cell * length, start + (cell + 1) * length];
    for (let pixel = Math.floor(first); pixel < last; pixel++) {
      const overlap = Math.min(last, pixel + 1) - Math.max(first, pixel);
      if (overlap > 0 && pixel < stop) found.push([cell, pixel, overlap / length]);
    }
  }
  return found;
}

function centreOfMass(values, [rows, columns]) {
  let [mass, down, right] = [0, 0, 0];
  for (let i = 0; i < rows * columns; i++) {
    mass += values[i];
    down += values[i] * Math.floor(i / columns);
    right += values[i] * (i % columns);
  }
  return [down / mass, right / mass];
}
