import { CheckFailure } from '../core/failure.ts';
import type { Limit } from '../core/ports/network.ts';
import type {
  BackendView,
  PcpPort,
  PcpSession,
  WatchdogPeer,
  WatchdogView,
} from '../core/ports/pcp.ts';
import { between, seconds } from '../core/time.ts';
import { FAREWELL, loginRequest, saltRequest, takeFrame, type PcpFrame } from '../protocol/pcp.ts';
import { nodeCountRequest, nodeInfoRequest } from '../protocol/pcp-backends.ts';
import {
  isOldEnd,
  MAX_MEMBERS,
  memberRequest,
  viewOfMembers,
} from '../protocol/pcp-watchdog-members.ts';
import { watchdogRequest } from '../protocol/pcp-watchdog.ts';
import { converse, type Conversation, type Manners } from './conversation.ts';
import type { Scope } from './scope.ts';

const PCP: Manners<PcpFrame> = {
  protocol: 'PCP',
  take: takeFrame,
  closed: 'pgpool closed the connection',
  farewell: FAREWELL,
};

/** pgpool's control port. */
export const pcpPort = (scope: Scope): PcpPort => ({
  async login(server, limit) {
    const began = scope.clock.steady();
    const left = remaining(scope, limit);
    const conversation = await converse(scope, server, limit, PCP);
    const salt = await conversation.ask(saltRequest, left());
    await conversation.ask(loginRequest(server.user, server.password.reveal(), salt), left());
    return { ...session(scope, conversation), took: between(began, scope.clock.steady()) };
  },
});

const session = (scope: Scope, conversation: Conversation<PcpFrame>): PcpSession => ({
  nodeCount: (limit) => conversation.ask(nodeCountRequest, limit),
  nodeInfo: ({ timeout, index }) =>
    index === undefined
      ? everyNode(scope, conversation, { timeout })
      : conversation.ask(nodeInfoRequest(index), { timeout }),
  watchdogInfo: (limit) => watchdog(scope, conversation, limit),
});

/** 3.3 and 3.4 tell of one member at a time. */
async function watchdog(
  scope: Scope,
  conversation: Conversation<PcpFrame>,
  limit: Limit,
): Promise<WatchdogView> {
  const left = remaining(scope, limit);
  try {
    return await conversation.ask(watchdogRequest, limit);
  } catch (error) {
    if (!isOldEnd(error)) throw error;
  }
  const members: WatchdogPeer[] = [];
  try {
    while (members.length < MAX_MEMBERS)
      members.push(await conversation.ask(memberRequest(members.length), left()));
  } catch (error) {
    if (members.length === 0 || !isOldEnd(error)) throw error;
  }
  return viewOfMembers(members);
}

/** From 4.3 on one question is enough; older ones call its index invalid and are asked one by one. */
async function everyNode(
  scope: Scope,
  conversation: Conversation<PcpFrame>,
  limit: Limit,
): Promise<readonly BackendView[]> {
  const left = remaining(scope, limit);
  try {
    return await conversation.ask(nodeInfoRequest(-1), limit);
  } catch (error) {
    const refused = error instanceof CheckFailure && error.facts['answered'] === true;
    if (!refused || error.facts['fatal'] === true) throw error;
  }
  const backends: BackendView[] = [];
  const count = await conversation.ask(nodeCountRequest, left());
  for (let index = 0; index < count; index += 1)
    backends.push(...(await conversation.ask(nodeInfoRequest(index), left())));
  return backends;
}

/** What is left of one limit that several exchanges share. */
function remaining(scope: Scope, limit: Limit): () => Limit {
  const began = scope.clock.steady();
  return () => ({ timeout: seconds(limit.timeout - between(began, scope.clock.steady())) });
}
