// Bundles what the pages need into one folder: fingerprinted files, each also compressed, a
// manifest of their names, and the licences of what is inside. `node build.mjs OUT` runs it.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const entries = ["app.css", "app.js", "light.js", "theme.js", "charts.js", "editor.js"];

const fingerprint = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);

async function bundle() {
  const made = await build({
    absWorkingDir: here,
    entryPoints: entries.map((name) => join("src", name)),
    bundle: true,
    minify: true,
    write: false,
    outdir: "out",
    // Tabler's own floor: it says its colours for both themes by light-dark().
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    format: "esm",
    legalComments: "eof",
    metafile: true,
    logLevel: "warning",
  });
  const files = made.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]);
  return { files, inputs: Object.keys(made.metafile.inputs) };
}

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all(
    names.sort().map(async (name) => {
      const path = join(here, "node_modules/@tabler/icons/icons/outline", `${name}.svg`);
      const svg = await readFile(path, "utf8");
      const inner = svg
        .replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "")
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none" ?\/>/, "")
        .replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" ` +
        `stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
    }),
  );
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  return Buffer.from(text);
}

// The licence of every package that a bundle took something from, and of the icons.
async function licences(inputs) {
  const found = new Set(["@tabler/icons"]);
  for (const path of inputs) {
    const match = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (match) found.add(match[1]);
  }
  found.add("bootstrap"); // Tabler's files carry it within.
  const parts = [];
  for (const name of [...found].sort()) {
    const folder = join(here, "node_modules", name);
    const about = await readFile(join(folder, "package.json"), "utf8").catch(() => null);
    if (about === null) continue;
    const { version, license } = JSON.parse(about);
    const files = await readdir(folder, { withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => file.name);
    const texts = names.filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
    const text = await Promise.all(texts.map((file) => readFile(join(folder, file), "utf8")));
    parts.push([`${name} ${version} (${license})`, ...text].join("\n\n"));
  }
  return Buffer.from(parts.join(`\n${"=".repeat(72)}\n`));
}

async function main() {
  const { files, inputs } = await bundle();
  files.push(["icons.svg", await sprite()]);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const manifest = {};
  for (const [name, bytes] of files) {
    const [stem, kind] = name.split(".");
    manifest[name] = `${stem}-${fingerprint(bytes)}.${kind}`;
    const path = join(out, manifest[name]);
    await writeFile(path, bytes);
    await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    await writeFile(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
  }
  await writeFile(join(out, "LICENSES.txt"), await licences(inputs));
  await writeFile(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

await main();
