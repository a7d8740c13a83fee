import { CheckFailure } from '../core/failure.ts';

/**
 * A server's version as `server_version_num` has it, from what it says on connecting
 * (`server_version`): `15.18 (Debian 15.18-1)` is 150018, `9.3.24` is 90324, `16beta1` is 160000.
 *
 * @throws CheckFailure `protocol` when the text begins with no version.
 */
export function versionNumber(text: string): number {
  const found = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?/.exec(text);
  if (found === null) {
    throw new CheckFailure('protocol', 'the server names no version that could be read', {
      facts: { version: text.slice(0, 40) },
    });
  }
  const [major = 0, second = 0, third = 0] = found
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  return major >= 10 ? major * 10_000 + second : major * 10_000 + second * 100 + third;
}
