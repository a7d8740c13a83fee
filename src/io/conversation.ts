import { connect, type Socket } from 'node:net';
import { CheckFailure, toFailure } from '../core/failure.ts';
import type { Endpoint, Limit } from '../core/ports/network.ts';
import { bounded, socketFailure, type Scope } from './scope.ts';

/** How a protocol is spoken over TCP. */
export interface Manners<Message> {
  /** For messages: `PCP`. */
  readonly protocol: string;
  /** Takes the first complete message off the bytes, or throws `protocol`; it bounds what it waits for. */
  readonly take: (
    stream: Uint8Array,
  ) => { readonly message: Message; readonly rest: Uint8Array } | undefined;
  /** What it means when the peer closes instead of answering. */
  readonly closed: string;
  /** Sent at the end, where the protocol has such a thing. */
  readonly farewell?: Uint8Array;
}

interface Question<Message, Answer> {
  readonly what: string;
  /** Absent when the peer speaks without being asked. */
  readonly bytes?: Uint8Array;
  /**
   * The answer that the messages make up, `undefined` while more must follow. A CheckFailure with the fact
   * `answered` is an answer too: what follows it can still be understood.
   */
  readonly read: (messages: readonly Message[]) => Answer | undefined;
}

/** Messages over one connection, question after question; closed with the scope. */
export interface Conversation<Message> {
  /** @throws CheckFailure; after any that is not an answer the conversation is over. */
  ask<Answer>(question: Question<Message, Answer>, limit: Limit): Promise<Answer>;
}

/** More unread messages than any honest peer sends. */
const MAX_UNREAD = 512;

/** Connects. @throws CheckFailure `refused`, `unreachable` or `timeout`. */
export function converse<Message>(
  scope: Scope,
  to: Endpoint,
  limit: Limit,
  manners: Manners<Message>,
): Promise<Conversation<Message>> {
  const where = `${manners.protocol} at ${to.host}:${to.port}`;
  return bounded(scope, limit.timeout, `${where}: connect`, ({ resolve, reject }) => {
    const socket = connect({ host: to.host, port: to.port, noDelay: true });
    socket.once('error', (error) => {
      reject(socketFailure(error, where));
    });
    socket.once('connect', () => {
      resolve(listen(scope, socket, where, manners));
    });
    return (answered) => {
      if (!answered) socket.destroy();
    };
  });
}

function listen<Message>(
  scope: Scope,
  socket: Socket,
  where: string,
  manners: Manners<Message>,
): Conversation<Message> {
  const inbox = openInbox(manners.take);
  let over: CheckFailure | undefined;
  let wake = (): void => undefined;
  const end = (failure: CheckFailure): void => {
    over ??= failure;
    socket.destroy();
    wake();
  };
  socket.on('data', (chunk) => {
    try {
      inbox.receive(chunk);
      wake();
    } catch (error) {
      end(toFailure(error));
    }
  });
  socket.on('error', (error) => {
    end(socketFailure(error, where));
  });
  socket.on('end', () => {
    end(new CheckFailure('protocol', `${where}: ${manners.closed}`));
  });
  scope.hold(() => {
    leave(socket, over === undefined ? manners.farewell : undefined);
    over ??= new CheckFailure('cancelled', `${where}: the run ended`);
  });
  return {
    ask: ({ what, bytes, read }, limit) =>
      bounded(scope, limit.timeout, `${where}: ${what}`, ({ resolve, reject }) => {
        let usable = false;
        wake = () => {
          try {
            const answer = read(inbox.unread());
            if (answer !== undefined) resolve(answer);
            else if (over !== undefined) reject(over);
          } catch (error) {
            const failure = toFailure(error);
            usable = failure.facts['answered'] === true && failure.facts['fatal'] !== true;
            reject(failure);
          }
        };
        if (bytes !== undefined && over === undefined) socket.write(bytes);
        wake();
        return (answered) => {
          wake = () => undefined;
          inbox.clear();
          if (!answered && !usable)
            end(new CheckFailure('timeout', `${where}: given up after "${what}" came to nothing`));
        };
      }),
  };
}

function leave(socket: Socket, farewell: Uint8Array | undefined): void {
  if (farewell === undefined) {
    socket.destroy();
    return;
  }
  socket.write(farewell);
  socket.destroySoon();
}

interface Inbox<Message> {
  /** @throws CheckFailure `protocol` */
  receive(chunk: Uint8Array): void;
  unread(): readonly Message[];
  clear(): void;
}

function openInbox<Message>(take: Manners<Message>['take']): Inbox<Message> {
  let stream: Uint8Array = new Uint8Array();
  let unread: Message[] = [];
  return {
    receive: (chunk) => {
      stream = stream.length === 0 ? chunk : Buffer.concat([stream, chunk]);
      for (let next = take(stream); next !== undefined; next = take(stream)) {
        unread.push(next.message);
        stream = next.rest;
        if (unread.length > MAX_UNREAD)
          throw new CheckFailure('protocol', 'more messages than anybody asked for');
      }
    },
    unread: () => unread,
    clear: () => {
      unread = [];
    },
  };
}
