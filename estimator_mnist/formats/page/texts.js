// What the page says, in the browser's language.

const TEXTS = {
  en: {
    title: "Draw a digit",
    titleOfThings: "Draw one of ten things",
    about: (model, step) => `${model}, trained for ${step} steps. Nothing leaves this page.`,
    drawing: "Drawing",
    paper: "Paper to draw on",
    undo: "Undo",
    clear: "Clear",
    picture: "Open a picture…",
    thickness: "Thickness",
    keys:
      "Draw with the mouse, a pen or a finger, or drop a picture. With the keyboard: " +
      "arrow keys move, with Shift further, Space puts the pen down and lifts it, " +
      "Backspace undoes, Delete clears.",
    answer: "Answer",
    empty: "Nothing is drawn yet.",
    inside: "Inside the network",
    seen: "The image as the network sees it",
    activations: "What the first convolution makes of it",
    percents: (first, name, second) => ` at ${first}, then ${name} at ${second}`,
    down: "Pen down",
    up: "Pen up",
    noPicture: (name) => `${name} is not a picture that this browser can open.`,
    hugePicture: (name) => `${name} is too large: at most 40 million pixels, 50 MB.`,
    blankPicture: (name) => `Nothing stands out in ${name}.`,
  },
  de: {
    title: "Zeichne eine Ziffer",
    titleOfThings: "Zeichne eins von zehn Dingen",
    about: (model, step) =>
      `${model}, nach ${step} Trainingsschritten. Nichts verlässt diese Seite.`,
    drawing: "Zeichnung",
    paper: "Papier zum Zeichnen",
    undo: "Rückgängig",
    clear: "Löschen",
    picture: "Bild öffnen …",
    thickness: "Strichdicke",
    keys:
      "Mit Maus, Stift oder Finger zeichnen oder ein Bild hineinziehen. Mit der " +
      "Tastatur: Pfeiltasten bewegen, mit Umschalttaste weiter, die Leertaste setzt " +
      "den Stift auf und hebt ihn ab, die Rücktaste nimmt zurück, Entf löscht alles.",
    answer: "Antwort",
    empty: "Noch ist nichts gezeichnet.",
    inside: "Im Netz",
    seen: "Das Bild, wie das Netz es sieht",
    activations: "Was die erste Faltung daraus macht",
    percents: (first, name, second) => ` mit ${first}, dann ${name} mit ${second}`,
    down: "Stift aufgesetzt",
    up: "Stift abgehoben",
    noPicture: (name) => `${name} ist kein Bild, das dieser Browser öffnen kann.`,
    hugePicture: (name) =>
      `${name} ist zu groß: höchstens 40 Millionen Bildpunkte und 50 MB.`,
    blankPicture: (name) => `In ${name} hebt sich nichts ab.`,
  },
};
const LANGUAGE = navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
const TEXT = TEXTS[LANGUAGE];
const PERCENT = new Intl.NumberFormat(LANGUAGE, {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** Fills in the texts and labels of the page; title is the key of its heading. */
function fillIn(title) {
  document.documentElement.lang = LANGUAGE;
  for (const element of document.querySelectorAll("[data-text]")) {
    const key = element.dataset.text;
    element.textContent = TEXT[key === "title" ? title : key];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", TEXT[element.dataset.label]);
  }
}
