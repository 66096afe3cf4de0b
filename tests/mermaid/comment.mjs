// Reads {name: Markdown} as JSON from standard input and writes {name: [what is wrong]}: each is a comment as GitHub would show it.
import { JSDOM } from "jsdom";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const dom = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

let text = "";
for await (const chunk of process.stdin) text += chunk;
const verdicts = {};
for (const [name, markdown] of Object.entries(JSON.parse(text))) {
  const wrong = (verdicts[name] = []);
  const html = micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const page = new JSDOM(html).window.document;
  const count = (pattern) => (html.match(pattern) ?? []).length;
  const folds = [...page.querySelectorAll("details")];
  if (count(/<details>/g) !== folds.length || count(/<\/details>/g) !== folds.length) wrong.push("a fold does not close");
  for (const fold of folds) {
    if (fold.firstElementChild?.tagName !== "SUMMARY") wrong.push("a fold has no summary");
    if (fold.parentElement.tagName !== "BODY") wrong.push(`a fold is inside ${fold.parentElement.tagName}`);
  }
  // What was to be markup and became text, and the other way round.
  const prose = page.body.cloneNode(true);
  prose.querySelectorAll("pre, code").forEach((e) => e.remove());
  for (const left of ["<details", "</details", "<summary", "```", "**", "<code", "&#"]) {
    if (prose.textContent.includes(left)) wrong.push(`${left} is shown as text`);
  }
  for (const stray of page.querySelectorAll("a, img, table, h1, h2, del, em, script, style, input")) {
    wrong.push(`${stray.tagName} was not meant: ${stray.textContent.slice(0, 60)}`);
  }
  for (const code of page.querySelectorAll("pre > code")) {
    const language = code.className.replace("language-", "");
    if (!["diff", "mermaid", "sh", "hcl"].includes(language)) wrong.push(`a block of code in ${language || "no language"}`);
    if (language !== "mermaid") continue;
    try {
      await mermaid.parse(code.textContent);
    } catch (e) {
      wrong.push(String(e.message ?? e));
    }
  }
  const last = [...page.childNodes, ...page.body.childNodes].findLast((n) => n.nodeType === 8);
  if (!last?.data.includes("formwork:plan:")) wrong.push("the marker is not hidden at the end");
}
console.log(JSON.stringify(verdicts));
