/** The most memory that a process held, in KiB, in the file that `PEAK_FILE` names. Left by the process itself as it ends: what `getrusage` says also covers the process that it was forked from. */
export const leavePeak = `process.on('exit', () => {
  const fs = require('node:fs');
  const [, kib] = /VmHWM:\\s+(\\d+) kB/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
  fs.writeFileSync(process.env.PEAK_FILE, kib);
});`;
