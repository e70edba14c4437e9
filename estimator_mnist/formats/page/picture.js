// Pictures that the page is given: dropped, or from the file chooser.

const PICTURE_SIDE = 280; // the longer one, when ink is looked for
const MAX_PIXELS = 40e6;
const MAX_BYTES = 50e6;

/** Calls onPicture(canvas or null, message) for each picture; the canvas holds ink. */
function takePictures(input, paper, onPicture) {
  const take = async (file) => {
    if (!file) return;
    const { picture, problem } = await readPicture(file);
    onPicture(picture, problem ? TEXT[problem](file.name) : "");
  };
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = ""; // so that the same file can be taken again
  });
  const isOver = { dragenter: true, dragover: true, dragleave: false, drop: false };
  for (const name of Object.keys(isOver)) {
    // Anywhere: a browser would leave the page for a picture that misses the paper.
    document.addEventListener(name, (event) => {
      event.preventDefault();
      paper.classList.toggle("over", isOver[name]);
      if (name === "drop") take(event.dataTransfer.files[0]);
    });
  }
}

/** Returns {picture}, a square canvas, or {problem}, the name of a text. */
async function readPicture(file) {
  if (file.size > MAX_BYTES) return { problem: "hugePicture" };
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = failed;
    });
    // The size is known before any pixel is unpacked.
    const size = image.naturalWidth * image.naturalHeight;
    if (!size) return { problem: "noPicture" };
    if (size > MAX_PIXELS) return { problem: "hugePicture" };
    const { greys, height, width } = greysOf(image);
    const ink = inkOf(greys, height, width);
    if (!ink) return { problem: "blankPicture" };
    return { picture: squareOf(ink, height, width) };
  } catch {
    return { problem: "noPicture" };
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

/** Returns a picture's greys, 0 to 1, in a size that is quickly looked through. */
function greysOf(image) {
  const longer = Math.max(image.naturalWidth, image.naturalHeight);
  const [width, height] = [image.naturalWidth, image.naturalHeight].map((length) =>
    Math.max(1, Math.round((length * PICTURE_SIDE) / longer)),
  );
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.fillStyle = "#fff"; // behind what is transparent
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  // Luma of ITU-R BT.601.
  const greys = Float32Array.from(
    { length: width * height },
    (_, i) =>
      (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255,
  );
  return { greys, height, width };
}

/** Returns a square canvas with the ink in its middle; what is no ink is transparent. */
function squareOf(ink, height, width) {
  const canvas = new OffscreenCanvas(PICTURE_SIDE, PICTURE_SIDE);
  const pixels = new ImageData(width, height);
  for (let i = 0; i < ink.length; i++) pixels.data[4 * i + 3] = 255 * ink[i];
  const [x, y] = [(PICTURE_SIDE - width) >> 1, (PICTURE_SIDE - height) >> 1];
  canvas.getContext("2d").putImageData(pixels, x, y);
  return canvas;
}
