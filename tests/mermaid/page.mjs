// A Markdown file as GitHub shows it: page.mjs FILE.md OUT.png [dark] [open] [open=WORD] [width=900] [scale=1] [height=N]
// GitHub's Markdown (CommonMark and GFM), its style sheet, and every Mermaid diagram drawn by the real package in Chromium.
// `open` unfolds everything that is collapsed, `open=WORD` what has that word in its summary. `text` instead of a PNG: writes what a reader sees as text.
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import MarkdownIt from "markdown-it";

const args = process.argv.slice(process.argv[1]?.endsWith(".mjs") ? 2 : 1);
const [file, out, ...options] = args;
const number = (name, usual) => Number(options.find((o) => o.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual);
const dark = options.includes("dark");
const modules = join(process.cwd(), "node_modules");
const style = readFileSync(join(modules, `github-markdown-css/github-markdown-${dark ? "dark" : "light"}.css`), "utf8");
const markdown = readFileSync(file, "utf8");
const body = new MarkdownIt({ html: true, linkify: true }).render(markdown);
const page = `<!DOCTYPE html><meta charset="utf-8"><style>${style}
html, body { margin: 0; background: ${dark ? "#0d1117" : "#ffffff"}; }
.markdown-body { padding: 16px; font-size: 14px; box-sizing: border-box; }
pre.mermaid { background: none !important; text-align: center; }
.add { background: ${dark ? "#033a16" : "#dafbe1"}; color: ${dark ? "#aff5b4" : "#116329"}; }
.del { background: ${dark ? "#67060c" : "#ffebe9"}; color: ${dark ? "#ffdcd7" : "#82071e"}; }
.mod { background: ${dark ? "#5a1e02" : "#fff1e5"}; color: ${dark ? "#ffdfb6" : "#953800"}; }
</style><body><article class="markdown-body">${body}</article></body>`;
const browser = await chromium.launch({
  executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const tab = await browser.newPage({
  viewport: { width: number("width", 900), height: 400 },
  deviceScaleFactor: number("scale", 1),
  colorScheme: dark ? "dark" : "light",
});
await tab.setContent(page);
await tab.addScriptTag({ path: join(modules, "mermaid/dist/mermaid.min.js") });
const failures = await tab.evaluate(async ([dark, open]) => {
  const failures = [];
  // Mermaid measures what it draws, which works only in what is open.
  const folded = [...document.querySelectorAll("details")];
  folded.forEach((d) => (d.open = true));
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme: dark ? "dark" : "default" });
  let n = 0;
  for (const code of document.querySelectorAll("pre > code.language-mermaid")) {
    const at = code.parentElement;
    try {
      const { svg } = await mermaid.render(`diagram${n++}`, code.textContent);
      at.className = "mermaid";
      at.innerHTML = svg;
    } catch (e) {
      failures.push(String(e.message ?? e));
    }
  }
  for (const code of document.querySelectorAll("pre > code.language-diff")) {
    const row = (line) => {
      const span = document.createElement("span");
      span.textContent = line + "\n";
      span.className = { "+": "add", "-": "del", "!": "mod" }[line[0]] ?? "";
      return span;
    };
    code.replaceChildren(...code.textContent.replace(/\n$/, "").split("\n").map(row));
  }
  const wanted = (d) => open === true || (open && d.querySelector("summary").textContent.includes(open));
  folded.forEach((d) => (d.open = wanted(d)));
  return failures;
}, [dark, options.includes("open") || (options.find((o) => o.startsWith("open="))?.slice(5) ?? false)]);
if (options.includes("text")) writeFileSync(out, await tab.locator("article").innerText());
else if (number("height", 0)) {
  const clip = { x: 0, y: 0, width: number("width", 900), height: number("height", 0) };
  await tab.screenshot({ path: out, clip, fullPage: true });
} else await tab.screenshot({ path: out, fullPage: true });
await browser.close();
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}
