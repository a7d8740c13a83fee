import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CheckFailure, type FailureCode } from '../core/failure.ts';
import type { ArpPort, ArpReport } from '../core/ports/arp.ts';
import { printable } from '../core/printable.ts';
import { seconds } from '../core/time.ts';
import { mayNot, runProgram, type Ended } from './program.ts';
import type { Scope } from './scope.ts';

type Options = Parameters<ArpPort['whoHas']>[1];

/** Whole seconds, as older versions want them: a probe goes out at 0, 1 and 2. */
const WINDOW = 2;

/**
 * ARP by arping(8) of iputils, or BusyBox's copy of it. Thomas Habets' program of the same name gives
 * other meanings to the same options, so it is asked first which one it is.
 */
export class Arping {
  readonly #command: string;
  readonly #interfaces: typeof networkInterfaces;
  /** Known from the first good answer on; a wrong program may be replaced while we run. */
  #isOurs = false;

  /** @param interfaces the addresses of this machine, as Node tells them. */
  constructor(command = 'arping', interfaces = networkInterfaces) {
    this.#command = command;
    this.#interfaces = interfaces;
  }

  port(scope: Scope): ArpPort {
    return { whoHas: (address, options) => this.#whoHas(scope, address, options) };
  }

  async #whoHas(scope: Scope, address: string, options: Options): Promise<ArpReport> {
    const what = `arping ${address} on ${options.interface}`;
    if (!isIPv4(address)) {
      throw new CheckFailure(
        'config',
        `${what}: ARP is of IPv4 alone, and this is no such address`,
      );
    }
    await this.#insistOnOurs(scope, what);
    const args = this.#arguments(address, options.interface);
    const ended = await runProgram(scope, this.#command, args, { what, enough: options.timeout });
    const own = this.#addresses().some((each) => each.address === address);
    return { macs: readMacs(ended, address, what), own };
  }

  async #insistOnOurs(scope: Scope, what: string): Promise<void> {
    if (this.#isOurs) return;
    const { output, complaint } = await runProgram(scope, this.#command, ['-V'], {
      what,
      enough: seconds(1),
    });
    const said = `${output}\n${complaint}`;
    this.#isOurs = /iputils|BusyBox/i.test(said);
    if (this.#isOurs) return;
    const habets = /habets/i.test(said);
    throw new CheckFailure(
      'no_privilege',
      `${what}: the arping(8) here is ${habets ? 'that of Thomas Habets' : 'not known'}: install that of iputils (package iputils-arping)`,
    );
  }

  #arguments(address: string, name: string): readonly string[] {
    // Left alone, arping asks for an address that this machine has in that address's own name, and all
    // who hear it would take this machine for its owner.
    const source = this.#addresses()
      .filter((each) => each.name === name && each.family === 'IPv4')
      .find((each) => each.address !== address)?.address;
    return [
      // Without -b only the first probe goes to everybody. A count would end it at the first answers.
      ...['-b', '-w', String(WINDOW), '-I', name],
      ...(source === undefined ? [] : ['-s', source]),
      address,
    ];
  }

  #addresses() {
    return Object.entries(this.#interfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ address, family }) => ({ name, address, family })),
    );
  }
}

const system = new Arping();

/** ARP by the system's arping(8). */
export const arpPort = (scope: Scope): ArpPort => system.port(scope);

const REPLY =
  /^(?:Unicast|Broadcast) (?:reply|request) from (\S+) \[([0-9a-f]{2}(?::[0-9a-f]{2})+)\]/gim;
const SUMMARY = /^Sent (\d+) probe.*\nReceived (\d+) response/m;

/** Its exit status is 0 with answers, 1 without any, and 2 (BusyBox: 1, and no summary) when it could not ask. */
function readMacs(ended: Ended, address: string, what: string): readonly string[] {
  const received = Number(SUMMARY.exec(ended.output)?.[2] ?? Number.NaN);
  const macs = new Set(
    [...ended.output.matchAll(REPLY)]
      .filter(([, from]) => from === address)
      .map(([, , mac = '']) => mac.toLowerCase()),
  );
  // No answers, or at least one that could be read.
  if (received === 0 ? macs.size === 0 : received > 0 && macs.size > 0) return [...macs];
  throw whyNot(ended, what);
}

function whyNot(ended: Ended, what: string): CheckFailure {
  if (mayNot(ended)) {
    return new CheckFailure('no_privilege', `${what}: no raw socket may be opened (CAP_NET_RAW)`);
  }
  if (ended.status === null) {
    return new CheckFailure('timeout', `${what}: arping(8) does not end`);
  }
  const { output, complaint } = ended;
  const [line = ''] = (complaint.trim() || output.trim()).split('\n');
  const said = `${what}: arping(8) says: ${printable(line)}`;
  return new CheckFailure(codeOf(complaint + output), said);
}

const CODES: readonly (readonly [RegExp, FailureCode])[] = [
  [/is down/i, 'unreachable'],
  // Of iputils from 2012 to 2024, and of BusyBox.
  [/not available|unknown iface|no such device|not found|not ARPable|no source address/i, 'config'],
];

const codeOf = (said: string): FailureCode =>
  CODES.find(([words]) => words.test(said))?.[1] ?? 'protocol';
