// What a box meets on the school's network, for the tests of an image: the MIS simulator behind HTTPS, and a time server.
//
// usage: node outside.mjs FOLDER MIS-SIMULATOR
//
// Makes FOLDER/school-ca.pem (openssl), listens on 127.0.0.1 (a virtual machine of QEMU finds it at 10.0.2.2): HTTPS on 18454, time on
// UDP 123, the simulator itself on 18455. Says `ready`, and runs until it is killed.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';

const [folder = '.', simulator = ''] = process.argv.slice(2);
const [httpsPort, simulatorPort] = [18_454, 18_455];
const certificate = join(folder, 'school-ca.pem');
const key = join(folder, 'school-ca.key');

execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate, '-subj', '/CN=Hill View School filter'],
    ...['-addext', 'subjectAltName=IP:10.0.2.2', '-addext', 'basicConstraints=critical,CA:TRUE'],
  ],
  { stdio: 'ignore' },
);

const mis = spawn(
  process.execPath,
  [simulator, '--port', String(simulatorPort), '--die-with-parent', '--delay-ms', '200'],
  {
    stdio: ['pipe', 'pipe', 'inherit'],
  },
);
mis.once('exit', (code) => process.exit(code ?? 1));
await once(mis.stdout, 'data');

// The simulator gives addresses of plain HTTP in its answers: from outside they are HTTPS.
const door = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (asked, answer) => {
  const { method, url, headers } = asked;
  const inner = request({ host: '127.0.0.1', port: simulatorPort, method, path: url, headers }, (answered) => {
    const { 'content-length': _, 'transfer-encoding': __, ...rest } = answered.headers;
    void text(answered).then((words) => {
      answer.writeHead(answered.statusCode ?? 502, rest);
      answer.end(words.replaceAll(`http://${headers.host ?? ''}`, `https://${headers.host ?? ''}`));
    });
  });
  inner.on('error', () => answer.destroy());
  asked.pipe(inner);
});
door.listen(httpsPort, '127.0.0.1');
await once(door, 'listening');

/** Seconds of 1970 in those of NTP (RFC 5905), with their fraction. @param {number} ms */
const ntpTime = (ms) =>
  (BigInt(Math.floor(ms / 1000) + 2_208_988_800) << 32n) + BigInt(Math.floor(((ms % 1000) / 1000) * 2 ** 32));
const clock = createSocket('udp4');
clock.on('message', (question, from) => {
  if (question.length < 48) return;
  const now = ntpTime(Date.now());
  const answer = Buffer.alloc(48);
  answer.set([0x24, 2, question[2] ?? 6, 0xec]); // version 4, a server, stratum 2
  answer.write('LOCL', 12);
  answer.writeBigUInt64BE(now, 16);
  answer.set(question.subarray(40, 48), 24); // when it was asked, by the asker's clock
  answer.writeBigUInt64BE(now, 32);
  answer.writeBigUInt64BE(now, 40);
  clock.send(answer, from.port, from.address);
});
clock.bind(123, '127.0.0.1');
await once(clock, 'listening');
process.stdout.write('ready\n');
