import type { Service, Served, ServiceState } from './service.ts';
import type { CheckContext } from '../../core/check.ts';
import { toFailure, type CheckFailure, type FailureCode } from '../../core/failure.ts';
import type { Cluster, ClusterService, Region } from '../../core/region.ts';
import { between, type Seconds } from '../../core/time.ts';

/** What one look at one service came to; a failure says that it could not be looked at. */
export interface Look {
  readonly cluster: Cluster;
  readonly service: ClusterService;
  readonly title: string;
  readonly found: Found | CheckFailure;
}

export interface Found {
  readonly state: ServiceState;
  readonly says: string;
  /** Present where it answered. */
  readonly took?: Seconds;
}

const STATE_OF: Readonly<Partial<Record<FailureCode, ServiceState>>> = {
  refused: 'refused',
  timeout: 'silent',
  unreachable: 'silent',
  protocol: 'garbled',
  tls: 'garbled',
};

/** Asks one service of one cluster, and says what it is like. */
export async function lookAt(
  { io, clock }: Pick<CheckContext, 'io' | 'clock'>,
  region: Region,
  cluster: Cluster,
  [name, service]: readonly [ClusterService, Service],
): Promise<Look> {
  const start = clock.steady();
  const done = (found: Look['found']): Look => ({
    cluster,
    service: name,
    title: service.title,
    found,
  });
  try {
    const served = await service.look(io, cluster, region);
    const took = between(start, clock.steady());
    return done({ ...stateOf(served), ...(served.unheard !== true && { took }) });
  } catch (error) {
    const failure = toFailure(error);
    const state = STATE_OF[failure.code];
    return done(state === undefined ? failure : { state, says: failure.message });
  }
}

const stateOf = ({ lacks, unheard, says }: Served): Found => ({
  state: unheard === true ? 'unheard' : lacks === true ? 'lacking' : 'serving',
  says,
});
