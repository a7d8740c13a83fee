import { EXCHANGE, type Served, type Service } from './service.ts';
import { CheckFailure } from '../../core/failure.ts';
import { printable } from '../../core/printable.ts';
import type { Cluster, Region } from '../../core/region.ts';
import { abort, NO_SUCH_FILE, readAnswer, readRequest } from '../../protocol/tftp.ts';

const PORT = 69;
/** A datagram may get lost; each request starts a transfer of its own, so not many more. */
const TRIES = 2;

/**
 * What machines of that generation load first. These lie on the cluster's disk: they are served whether
 * or not the region is there. What the cluster must ask the region for (`pxelinux.cfg/default-amd64`)
 * would prove more, but the region takes whoever asks for a machine that boots: that is for the
 * configuration to choose, where the monitor does not run on a machine of MAAS.
 */
const USUAL: Readonly<Record<Region['generation'], string>> = { 1: 'pxelinux.0', 2: 'lpxelinux.0' };

/** How MAAS 1.7 to 1.9 writes that the region could not ask the cluster for its images. */
const NO_IMAGE = 'no-such-image';

/** The first block of a file by TFTP; then the server is told that no more is wanted. */
export const tftp: Service = {
  title: 'TFTP',
  look: ({ udp }, { address, probes }: Cluster, { generation }: Region) => {
    const file = probes?.tftpFile ?? USUAL[generation];
    return udp.ask(
      { host: address, port: PORT },
      {
        protocol: 'TFTP',
        bytes: readRequest(file),
        tries: TRIES,
        read: ({ bytes }) => served(bytes, printable(file, 80)),
        farewell: ({ bytes }) =>
          readAnswer(bytes).kind === 'data' ? abort('that was all that was wanted') : undefined,
      },
      EXCHANGE,
    );
  },
};

function served(datagram: Uint8Array, file: string): Served {
  const answer = readAnswer(datagram);
  if (answer.kind === 'options')
    throw new CheckFailure('protocol', 'the TFTP server agrees to options that nobody asked for');
  if (answer.kind === 'error') {
    const says = `error ${answer.code}, "${printable(answer.says, 80)}"`;
    return {
      lacks: true,
      says:
        answer.code === NO_SUCH_FILE ? `has no file ${file}: ${says}` : `gives no ${file}: ${says}`,
    };
  }
  const { block, bytes } = answer;
  if (block !== 1)
    throw new CheckFailure('protocol', `the TFTP server begins with block ${block}, expected 1`);
  if (bytes.length === 0) return { lacks: true, says: `${file} is empty` };
  if (Buffer.from(bytes).includes(NO_IMAGE))
    return { lacks: true, says: `${file} says "${NO_IMAGE}": the region found no image here` };
  return { says: `gives ${file}` };
}
