// The page: from the drawing to the answer, and what is shown of it.

const PAPER = 280; // pixels of the paper's side of which the image is made
const MAX_MAPS = 64;
const MAX_IN_ROW = 8;
const PAUSE = 500; // milliseconds without a change after which the answer is said

const element = (id) => document.getElementById(id);
const network = readNetwork(
  JSON.parse(element("program").textContent),
  element("constants").textContent,
);
const { classes, model, step, shape } = network.program;
const side = shape[0];
const isDigits = classes[0] === "0";
const bars = classes.map(addBar);
const pending = { timer: 0, speech: 0, milliseconds: 0 };
const drawing = new Drawing(element("paper"), onChange, say);

fillIn(isDigits ? "title" : "titleOfThings");
document.title = `${document.querySelector("h1").textContent}: ${model}`;
element("about").textContent = TEXT.about(model, step.toLocaleString(LANGUAGE));
if (!isDigits) element("bars").style.setProperty("--names", "6.5rem");
element("undo").addEventListener("click", () => drawing.undo());
element("clear").addEventListener("click", () => drawing.clear());
element("thickness").addEventListener("input", (event) => {
  drawing.thickness = event.target.value / 100;
});
takePictures(element("picture"), element("paper"), (picture, message) => {
  if (picture) drawing.addPicture(picture);
  element("message").textContent = message;
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawing.show();
});
drawing.draw(true);

function addBar(name) {
  const bar = element("bar").content.firstElementChild.cloneNode(true);
  bar.querySelector(".name").textContent = name;
  element("bars").append(bar);
  return bar;
}

/** Recognises soon; a slow network rests between, while one draws. */
function onChange(isDone) {
  element("message").textContent = "";
  const isEmpty = drawing.items.length === 0;
  element("undo").disabled = element("clear").disabled = isEmpty;
  if (pending.timer && !isDone) return;
  clearTimeout(pending.timer);
  const isSlow = pending.milliseconds > 16;
  pending.timer = setTimeout(recognise, isSlow && !isDone ? pending.milliseconds : 0);
}

function recognise() {
  const start = performance.now();
  pending.timer = 0;
  const image = imageOf(drawing.ink(PAPER), PAPER, PAPER, side);
  const seen = image ?? new Float32Array(side * side);
  const { probabilities, activations } = runNetwork(network, seen);
  pending.milliseconds = performance.now() - start;
  showBars(image ? probabilities : probabilities.fill(0));
  showAnswer(image ? ranked(probabilities) : []);
  showMaps(element("seen"), seen, [side, side, 1]);
  element("activations-figure").hidden = !activations;
  if (!activations) return;
  const maps = image ? activations.data : activations.data.fill(0);
  showMaps(element("activations"), maps, activations.shape);
}

/** Returns [name, percent] of each class, the likeliest first. */
function ranked(probabilities) {
  const order = [...classes.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  return order.map((i) => [classes[i], PERCENT.format(probabilities[i])]);
}

function showBars(probabilities) {
  const most = Math.max(...probabilities);
  for (const [i, bar] of bars.entries()) {
    bar.className = most && probabilities[i] === most ? "best" : "";
    bar.querySelector(".bar").style.transform = `scaleX(${probabilities[i]})`;
    bar.querySelector(".percent").textContent = PERCENT.format(probabilities[i]);
  }
}

function showAnswer([best, next]) {
  const answer = element("answer");
  const name = document.createElement("strong");
  answer.textContent = TEXT.empty;
  if (best) {
    name.textContent = best[0];
    answer.replaceChildren(name, TEXT.percents(best[1], ...next));
  }
  clearTimeout(pending.speech);
  pending.speech = setTimeout(say, PAUSE, answer.textContent);
}

/** Says a text to those who do not see the page. */
function say(text) {
  element("spoken").textContent = text;
}

/** Shows maps [height, width, maps] side by side, from their least to their most. */
function showMaps(canvas, data, [height, width, count]) {
  const shown = Math.min(count, MAX_MAPS);
  const across = Math.min(Math.ceil(Math.sqrt(2 * shown - 1)), MAX_IN_ROW);
  canvas.width = across * (width + 1) - 1;
  canvas.height = Math.ceil(shown / across) * (height + 1) - 1;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  let [least, most] = [0, 1e-6];
  for (const value of data) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  for (let i = 0; i < data.length; i++) {
    const [map, x] = [i % count, Math.floor(i / count) % width];
    if (map >= shown) continue;
    const y = Math.floor(i / count / width) + Math.floor(map / across) * (height + 1);
    const at = 4 * (y * canvas.width + (map % across) * (width + 1) + x);
    pixels.data.fill((255 * (data[i] - least)) / (most - least), at, at + 3);
    pixels.data[at + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
