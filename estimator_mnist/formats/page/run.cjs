// Prints the probabilities of images as a list: node run.cjs PAGE IMAGES
//
// PAGE is the html file, IMAGES a file of float32 in 0..1, image after image.
"use strict";
const fs = require("fs");
const vm = require("vm");

const [page, images] = process.argv.slice(2);
const text = fs.readFileSync(page, "utf8");

/** Returns what the page's script of this id holds. */
function script(id) {
  const start = text.indexOf(">", text.indexOf(`id="${id}"`)) + 1;
  return text.slice(start, text.indexOf("</script>", start));
}

vm.runInThisContext(script("network-code"));
const network = readNetwork(JSON.parse(script("program")), script("constants"));
const pixels = new Float32Array(new Uint8Array(fs.readFileSync(images)).buffer);
console.log(JSON.stringify(runOnAll(network, pixels)));
