// The drawing: strokes and pictures on a canvas, made by pointers and by keys.
//
// Places on the paper are 0..1, x to the right and y down.

class Drawing {
  /** onChange(isDone) is called when something was drawn; isDone: for the moment. */
  constructor(canvas, onChange, say) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.say = say; // says a text to those who do not see
    this.thickness = 0.09;
    this.items = []; // strokes {points, thickness}, pictures {picture}
    this.stroke = null; // the one that is being drawn
    this.pen = { x: 0.5, y: 0.5, isDown: false }; // of the keyboard
    this.addPointer();
    this.addKeys();
  }

  addPointer() {
    const place = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      return [x / box.width, y / box.height];
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.stroke) return;
      this.canvas.setPointerCapture(event.pointerId);
      this.begin(place(event), event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.stroke?.pointer !== event.pointerId) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) this.stroke.points.push(place(one));
      this.draw(false);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => {
        if (this.stroke?.pointer === event.pointerId) this.end();
      });
    }
  }

  addKeys() {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    Object.assign(moves, { ArrowUp: [0, -1], ArrowDown: [0, 1] });
    this.canvas.addEventListener("keydown", (event) => {
      const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
      if (event.key in moves) this.move(...moves[event.key], event.shiftKey);
      else if (event.key === " ") this.togglePen();
      else if (event.key === "Backspace" || isUndo) this.undo();
      else if (event.key === "Delete") this.clear();
      else return;
      event.preventDefault();
    });
    for (const name of ["focus", "blur"]) {
      this.canvas.addEventListener(name, () => {
        if (name === "blur" && this.pen.isDown) this.togglePen();
        this.show();
      });
    }
  }

  begin(point, pointer) {
    this.stroke = { points: [point], thickness: this.thickness, pointer };
    this.items.push(this.stroke);
    this.draw(false);
  }

  end() {
    this.stroke = null;
    this.draw(true);
  }

  /** Moves the keyboard's pen by a fortieth of the paper, or by four. */
  move(right, down, isFar) {
    const { pen } = this;
    const step = (isFar ? 4 : 1) / 40;
    pen.x = Math.min(Math.max(pen.x + right * step, 0), 1);
    pen.y = Math.min(Math.max(pen.y + down * step, 0), 1);
    if (pen.isDown) this.stroke.points.push([pen.x, pen.y]);
    this.draw(true);
  }

  togglePen() {
    const { pen } = this;
    if (!pen.isDown && this.stroke) return; // a pointer draws
    pen.isDown = !pen.isDown;
    this.say(pen.isDown ? TEXT.down : TEXT.up);
    if (pen.isDown) this.begin([pen.x, pen.y], "keys");
    else this.end();
  }

  undo() {
    this.stop();
    this.items.pop();
    this.draw(true);
  }

  clear() {
    this.stop();
    this.items = [];
    this.draw(true);
  }

  /** Puts a square canvas on the paper, on which ink is what is not transparent. */
  addPicture(picture) {
    this.stop();
    this.items.push({ picture });
    this.draw(true);
  }

  stop() {
    this.stroke = null;
    this.pen.isDown = false;
  }

  draw(isDone) {
    this.show();
    this.onChange(isDone);
  }

  /** Shows the drawing in the colours of the page. */
  show() {
    const context = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.paint(context, style.getPropertyValue("--ink"));
    if (!this.canvas.matches(":focus-visible")) return;
    const size = this.canvas.width;
    const radius = (Math.max(this.thickness, 0.04) * size) / 2;
    context.beginPath();
    context.arc(this.pen.x * size, this.pen.y * size, radius, 0, 2 * Math.PI);
    context.lineWidth = this.pen.isDown ? 8 : 4;
    context.strokeStyle = style.getPropertyValue("--accent");
    context.stroke();
  }

  /** Returns how much ink there is, 0..1, on size x size pixels. */
  ink(size) {
    const context = new OffscreenCanvas(size, size).getContext("2d");
    this.paint(context, "#fff");
    const { data } = context.getImageData(0, 0, size, size);
    return Float32Array.from({ length: size * size }, (_, i) => data[4 * i + 3] / 255);
  }

  paint(context, colour) {
    const size = context.canvas.width;
    for (const { picture, points, thickness } of this.items) {
      if (picture) {
        tint(picture, colour);
        context.drawImage(picture, 0, 0, size, size);
      } else {
        paintStroke(context, points, thickness * size, colour);
      }
    }
  }
}

function paintStroke(context, points, width, colour) {
  const size = context.canvas.width;
  const [[x, y], ...others] = points;
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.beginPath();
  context.moveTo(x * size, y * size);
  // A stroke of one point is a dot.
  for (const [x2, y2] of others.length ? others : points) {
    context.lineTo(x2 * size, y2 * size);
  }
  context.stroke();
}

/** Gives all that is not transparent one colour. */
function tint(canvas, colour) {
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, canvas.width, canvas.height);
}
