import { createConnection, createServer, type Server } from 'node:net';
import { PREFIX } from './plan.ts';
import { sleep } from './shell.ts';

/*
 * One lab command that changes something at a time. The lock is an abstract Unix socket: the kernel
 * frees it however its holder ends, and it leaves no file. Whoever waits asks it who the holder is.
 */

const NAME = `\0${PREFIX}lab`;
const PATIENCE = 300_000;

/** Runs `work` while holding the lab's lock; waits for another holder, telling `say` whom it waits for. */
export async function exclusively<T>(
  purpose: string,
  say: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  // A command that the holder itself runs, and waits for.
  if (process.env['MAASHA_LAB_LOCK'] === 'held') return work();
  const lock = await acquire(purpose, say);
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => {
      lock.close(() => {
        resolve();
      });
    });
  }
}

async function acquire(purpose: string, say: (line: string) => void): Promise<Server> {
  const end = Date.now() + PATIENCE;
  for (let said = false; ; said = true) {
    const lock = await tryAcquire(`${purpose}, process ${process.pid}`);
    if (lock !== undefined) return lock;
    const holder = await askHolder();
    if (!said) say(`waiting for another lab command: ${holder}`);
    if (Date.now() >= end) throw new Error(`the lab is still in use: ${holder}`);
    await sleep(200);
  }
}

function tryAcquire(answer: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(answer);
    });
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(NAME, () => {
      server.unref();
      resolve(server);
    });
  });
}

function askHolder(): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = createConnection(NAME);
    const done = () => {
      socket.destroy();
      resolve(answer || 'unknown');
    };
    socket.setTimeout(500, done);
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', done);
    socket.on('close', done);
  });
}
