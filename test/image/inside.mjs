// What people do at a box, from inside it: sent over SSH by the tests of an image (`act` in machine.sh).
//
// usage: node --input-type=module - ACTION...     as root, where its daemon runs
//
//   settle             what is to be set up is: the recovery key is written down, the first administrator made
//   late FIRST LAST    the pupils of these numbers come late, each recorded by staff; says how many were taken
//   count              says how many came late today
//   first-use          says whether an administrator can be made with a code
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const [action, ...numbers] = process.argv.slice(2);
const socketPath = process.env['PORTER_CONTROL'] ?? '/data/porter/control.sock';
const [kiosk, staff] = [process.env['PORTER_KIOSK'] ?? '8080', process.env['PORTER_STAFF'] ?? '8443'];

/** @param {typeof plain} request @param {import('node:https').RequestOptions} where @param {object} body @returns {Promise<string>} */
const post = (request, where, body) =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...where.headers };
    const asked = request({ method: 'POST', ...where, headers }, (answer) => {
      void text(answer).then((said) => {
        if ((answer.statusCode ?? 500) < 400) resolve(said);
        else reject(new Error(`${where.path ?? ''}: ${String(answer.statusCode)} ${said}`));
      }, reject);
    });
    asked.once('error', reject);
    asked.end(JSON.stringify(body));
  });
/** What is asked of it here. @typedef {{ ok: boolean, value: { code?: string, late?: unknown[] } | null }} Answer */
/** @type {(said: string) => Answer} */
const answered = JSON.parse;
/** @param {string} name @param {object} [input] */
const tell = async (name, input = {}) => answered(await post(plain, { socketPath, path: `/${name}` }, input));

if (action === 'settle') {
  const [host, origin] = ['127.0.0.1', `http://127.0.0.1:${kiosk}`];
  await post(plain, { host, port: kiosk, path: '/set-up/noted', headers: { origin } }, {});
  const { value: first } = await tell('first-use');
  const given = { code: first?.code, name: 'Reed', password: 'three plain words', pin: '246810' };
  const where = { host, port: staff, path: '/first-use', headers: { origin: `https://127.0.0.1:${staff}` } };
  if (first !== null) await post(secure, { ...where, rejectUnauthorized: false }, given);
} else if (action === 'late') {
  const [first = 1, last = 1] = numbers.map(Number);
  let taken = 0;
  for (let pupil = first; pupil <= last; pupil += 1) {
    const { ok } = await tell('record-for', { pupil: String(pupil), at: null, what: { kind: 'late', reason: 'bus' } });
    if (ok) taken += 1;
  }
  process.stdout.write(`${String(taken)}\n`);
} else if (action === 'first-use') {
  const { value } = await tell('first-use');
  process.stdout.write(`${value === null ? 'no' : 'yes'}\n`);
} else {
  const { value } = await tell('state');
  process.stdout.write(`${String(value?.late?.length)}\n`);
}
