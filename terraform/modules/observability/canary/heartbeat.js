// Asks a URL as a user would, and fails unless the answer is what was expected.
//
// CloudWatch Synthetics runs it; what it needs to know is in its environment: URL, METHOD, STATUS (expected),
// CONTAINS (text that the answer must have) and TIMEOUT_SECONDS.

const http = require("http");
const https = require("https");

const LONGEST_BODY = 1000000;

function ask(url, method, seconds) {
  return new Promise((resolve, reject) => {
    const client = url.startsWith("https:") ? https : http;
    const request = client.request(url, { method, headers: { "user-agent": "cloudwatch-synthetics" } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (part) => {
        if (body.length < LONGEST_BODY) body += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, body }));
      answer.on("error", reject);
    });
    request.setTimeout(seconds * 1000, () => request.destroy(new Error(`${url} did not answer in ${seconds} s`)));
    request.on("error", reject);
    request.end();
  });
}

exports.handler = async () => {
  const { URL: url, METHOD: method = "GET", STATUS = "200", CONTAINS = "", TIMEOUT_SECONDS = "10" } = process.env;
  const begun = Date.now();
  const { status, body } = await ask(url, method, Number(TIMEOUT_SECONDS));
  console.log(`${url}: ${status} after ${Date.now() - begun} ms`);

  if (status !== Number(STATUS)) throw new Error(`${url} answered ${status}, expected ${STATUS}`);
  if (!body.includes(CONTAINS)) throw new Error(`the answer of ${url} does not contain "${CONTAINS}"`);
  return "passed";
};
