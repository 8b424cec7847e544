// usage: node tally.mjs FAILED-RUNS FOLDER: adds up vitest's JSON reports in FOLDER, prints `N passed, N failed`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ status: string, assertionResults: readonly { status: string }[] }} TestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: readonly TestFile[] }} Report
 */

const [failedRuns = '0', folder = '.'] = process.argv.slice(2);
let passed = 0;
let failed = 0;

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = /** @type {Report} */ (JSON.parse(readFileSync(join(folder, name), 'utf8')));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not even be read counts as one failed test.
  failed += report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
}

if (failed === 0 && Number(failedRuns) > 0) {
  console.error('A test run failed without a failing test (an error outside of the tests): see above.');
  failed = Number(failedRuns);
}
if (passed + failed === 0) console.error('No test was run: no file or name matches.');

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
