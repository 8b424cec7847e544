// usage: node ports.cjs MIS-PORT     in a box whose card the lab has (card-rig.ts), as root
// The MIS is outside and the box speaks plain HTTP to loopback only; kiosk and control are on loopback and come out. The firewall lets
// them, until the box is started anew.
const { execFileSync } = require('node:child_process');
const { connect, createServer } = require('node:net');

const through = (from, to) =>
  createServer((one) => {
    const other = connect(to);
    for (const [socket, far] of [
      [one, other],
      [other, one],
    ]) {
      socket.on('error', () => far.destroy());
      socket.on('close', () => far.destroy());
      socket.pipe(far);
    }
  }).listen(from);

execFileSync('nft', ['insert', 'rule', 'inet', 'porter', 'input', 'tcp', 'dport', '{ 9001, 9002 }', 'accept']);
through({ host: '127.0.0.1', port: 9000 }, { host: '10.0.2.2', port: Number(process.argv[2]) });
through({ port: 9001 }, { host: '127.0.0.1', port: 8080 });
through({ port: 9002 }, { path: '/data/porter/control.sock' });
