import type { Socket } from 'node:net';

/** A request or a reply has a few hundred bytes. */
const longestLine = 65_536;
const newline = 0x0a;

/** Calls back with each line of a connection; closes one that sends a longer line than anybody here does. */
export function onLines(socket: Socket, onLine: (line: string) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(newline); end !== -1 && end <= longestLine; end = rest.indexOf(newline)) {
      const line = rest.toString('utf8', 0, end);
      rest = rest.subarray(end + 1);
      onLine(line);
      if (socket.destroyed) return;
    }
    if (rest.length > longestLine) socket.destroy(new Error('it sent more than 64 kB in one line'));
  });
}
