// Loaded before the daemon: holds it at its first touch of the data folder, before it has read or written anything
// there, until the machine has "power". So the state of the machine can be saved with the program already loaded, which
// takes most of a start under emulation; everything that concerns the disk still runs from its beginning at each start.
const fs = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const { mkdirSync } = fs;
if (isMainThread) {
  fs.mkdirSync = (...given) => {
    fs.mkdirSync = mkdirSync;
    fs.writeFileSync('/run/lab/held', '');
    fs.readFileSync('/run/lab/power'); // a pipe that nobody has written to yet
    return mkdirSync(...given);
  };
}
