// Reads {name: diagram} as JSON from standard input and writes {name: null | error} as JSON.
import { JSDOM } from "jsdom";

const dom = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

let text = "";
for await (const chunk of process.stdin) text += chunk;
const verdicts = {};
for (const [name, diagram] of Object.entries(JSON.parse(text))) {
  try {
    // What GitHub draws is a flowchart and has up to 50,000 characters.
    const { diagramType } = await mermaid.parse(diagram);
    verdicts[name] = diagramType.startsWith("flowchart") ? null : `a ${diagramType}`;
    if (diagram.length > 50000) verdicts[name] = `${diagram.length} characters`;
  } catch (e) {
    verdicts[name] = String(e.message ?? e);
  }
}
console.log(JSON.stringify(verdicts));
