/** Signed, chained events, and the table that says which may follow which (section 6). */

import {sign} from 'node:crypto';
import {canonical, digest} from './canonical.js';

export const OPEN = ['received', 'accepted', 'correction_requested', 'suspended'];
const ENDS = ['not_accepted', 'granted', 'refused', 'withdrawn', 'lapsed'];
const BEFORE = (at) =>
  at.state === 'received' || (at.state === 'correction_requested' && !at.isAccepted);
const AFTER = (at) =>
  at.state === 'accepted' || (at.state === 'correction_requested' && at.isAccepted);
const IN =
  (...states) =>
  (at) =>
    states.includes(at.state);
const OPENLY = IN(...OPEN);

/** Type: [when it is allowed, what changes]. Types that this office never writes are left out. */
const TABLE = {
  received: [(at) => at.state === null, () => ({state: 'received'})],
  accepted: [BEFORE, () => ({state: 'accepted', isAccepted: true, correction: null})],
  not_accepted: [BEFORE, () => ({state: 'not_accepted', correction: null})],
  correction_requested: [
    IN('received', 'accepted'),
    ({data}) => ({
      state: 'correction_requested',
      correction: data.correction_id,
      dueOn: data.due_on,
    }),
  ],
  correction_received: [
    IN('correction_requested'),
    (_, at) => ({state: at.isAccepted ? 'accepted' : 'received', correction: null}),
  ],
  suspended: [IN('accepted'), () => ({state: 'suspended'})],
  resumed: [IN('suspended'), () => ({state: 'accepted'})],
  extended: [IN('accepted'), () => ({})],
  progress: [OPENLY, () => ({})],
  granted: [IN('accepted'), () => ({state: 'granted'})],
  granted_pending_material: [
    IN('accepted'),
    ({data}) => ({state: 'granted_pending_material', pending: data.pending}),
  ],
  material_received: [IN('granted_pending_material'), () => ({state: 'granted', pending: []})],
  refused: [AFTER, () => ({state: 'refused', correction: null})],
  withdrawal_requested: [OPENLY, ({data}) => ({wish: data.withdrawal_id})],
  withdrawal_refused: [(at) => OPENLY(at) && at.wish !== null, () => ({wish: null})],
  withdrawn: [OPENLY, () => ({state: 'withdrawn', wish: null})],
  lapsed: [IN('correction_requested', 'granted_pending_material'), () => ({state: 'lapsed'})],
};

/** Where a submission without events stands. */
export const START = Object.freeze({
  state: null,
  isAccepted: false,
  acceptedAt: null,
  correction: null,
  dueOn: null,
  pending: [],
  wish: null,
});

/** Return where a submission stands after an event; throws where the table does not allow it. */
export function follow(at, event) {
  const [isAllowed, change] = TABLE[event.type];
  if (!isAllowed(at)) throw new Error(`${event.type} may not follow in the state ${at.state}`);
  const acceptedAt = event.type === 'accepted' ? event.at : at.acceptedAt;
  return {...at, acceptedAt, ...change(event, at)};
}

export function hasEnded(state) {
  return ENDS.includes(state);
}

/** Seal drafts (`{type, data}`) into the events that follow `events`. */
export function seal(drafts, {submissionId, department, events, at, now, signer}) {
  const sealed = [];
  for (const {type, data} of drafts) {
    const last = sealed.at(-1) ?? events.at(-1);
    const event = {
      submission_id: submissionId,
      seq: (last?.seq ?? 0) + 1,
      type,
      at: now.toISOString(),
      recorded_at: now.toISOString(),
      department,
      data,
      prev: last?.digest ?? null,
    };
    at = follow(at, event);
    event.digest = digest(canonical(event));
    const covered = Buffer.from(`oneservice-event-v1\n${event.digest}`);
    const value = sign(null, covered, signer.key).toString('base64');
    event.signatures = [{keyid: signer.keyid, alg: 'ed25519', value}];
    sealed.push(event);
  }
  return sealed;
}
