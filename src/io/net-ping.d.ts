/** What we use of net-ping 1.2.4, which brings no types. */
declare module 'net-ping' {
  import { EventEmitter } from 'node:events';

  export interface SessionOptions {
    readonly networkProtocol?: number;
    /** Milliseconds; 0 would mean 2000. */
    readonly timeout?: number;
    readonly retries?: number;
    /** 1 to 65534; 0 would mean the process id. */
    readonly sessionId?: number;
  }

  export interface Request {
    readonly target: string;
  }

  export class Session extends EventEmitter {
    constructor(options: SessionOptions);
    readonly sessionId: number;
    /** Milliseconds that the next `pingHost` waits. */
    timeout: number;
    /** The id of the request made last. */
    readonly nextId: number;
    /** Outstanding requests by id, which is also the ICMP sequence number. */
    readonly reqs: Readonly<Record<number, Request | undefined>>;
    pingHost(target: string, callback: (error: Error | null) => void): this;
    /** Forgets a request: its callback is not called, its timer is cleared. */
    reqRemove(id: number): void;
    onSocketMessage(message: Buffer, source: string): void;
    close(): this;
  }

  export const NetworkProtocol: { readonly IPv4: 1; readonly IPv6: 2 };
}
