// usage: node tally.mjs FAILED-RUNS FOLDER: adds up vitest's JSON reports in FOLDER, prints what failed once more (a
// long run's beginning is easily cut off) and then `N passed, N failed`.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: readonly string[] }} Assertion
 * @typedef {{ name: string, status: string, message: string, assertionResults: readonly Assertion[] }} TestFile
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: readonly TestFile[] }} Report
 */

const [failedRuns = '0', folder = '.'] = process.argv.slice(2);
let passed = 0;
let failed = 0;

/** The first lines of a message; the stack is above. Of a test's time limit Vitest reports a stack alone. @param {string} text */
const shortly = (text) =>
  text
    .replace('Error: STACK_TRACE_ERROR', 'its time was up')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 6)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n');

for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = /** @type {Report} */ (JSON.parse(readFileSync(join(folder, name), 'utf8')));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  for (const file of report.testResults.filter((each) => each.status === 'failed')) {
    const wrong = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of wrong)
      console.log(`FAILED ${file.name}: ${test.fullName}\n${shortly(test.failureMessages?.join('\n') ?? '')}`);
    // A file that could not even be read counts as one failed test.
    if (wrong.length > 0) continue;
    failed += 1;
    console.log(`FAILED ${file.name}\n${shortly(file.message)}`);
  }
}

if (failed === 0 && Number(failedRuns) > 0) {
  console.error('A test run failed without a failing test (an error outside of the tests): see above.');
  failed = Number(failedRuns);
}
if (passed + failed === 0) console.error('No test was run: no file or name matches.');

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
