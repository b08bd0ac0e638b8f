// Writes what `vite build` made, and the paths of pages.json, as a C++ file that puts all of it
// into the program: node embed.mjs DIST_FOLDER PAGES_JSON OUTPUT.cc
//
// Each file comes twice, as it is and by gzip, through `.incbin`: the compiler never parses a byte.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, pagesFile, output] = process.argv.slice(2);

const mediaTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

function filesOf(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".gz"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function symbolOf(name, file) {
  return `asm(".section .rodata\\n.balign 16\\n${name}:\\n.incbin \\"${file}\\"\\n${name}_end:\\n.byte 0\\n.previous\\n");
extern "C" const char ${name}[];
extern "C" const char ${name}_end[];
`;
}

const symbols = [];
const rows = [];
for (const [index, file] of filesOf(dist).entries()) {
  const type = mediaTypes[extname(file)];
  if (!type) throw new Error(`${file}: embed.mjs has no media type for this`);
  const bytes = readFileSync(file);
  const path = "/" + relative(dist, file).split("\\").join("/");
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const name = `katip_web_${index}`;
  symbols.push(symbolOf(name, file));
  const packed = gzipSync(bytes, { level: 9 });
  const isWorth = packed.length < bytes.length * 0.95;
  if (isWorth) {
    writeFileSync(file + ".gz", packed);
    symbols.push(symbolOf(`${name}_gz`, file + ".gz"));
  }
  rows.push(
    `    {"${path}", "${type}", "\\"${tag}\\"", {${name}, ${name}_end}, ` +
      (isWorth ? `{${name}_gz, ${name}_gz_end}},` : "{}},"),
  );
}
const pages = JSON.parse(readFileSync(pagesFile, "utf8"));
const quoted = (text) => JSON.stringify(text);

writeFileSync(
  output,
  `// Made by web/embed.mjs.
#include "cli/serve/embedded_web.h"

${symbols.join("")}
namespace katip::cli {
namespace {

const http::WebFile kFiles[] = {
${rows.join("\n")}
};

const http::WebPage kPages[] = {
${pages.map((page) => `    {${quoted(page.name)}, ${quoted(page.path)}},`).join("\n")}
};

}  // namespace

http::WebApp embedded_web() { return {.files = kFiles, .pages = kPages}; }

}  // namespace katip::cli
`,
);
