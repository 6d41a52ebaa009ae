/** All news for one caller, in order (section 5): a snapshot of heads, then events, held open. */

import {hasEnded} from './events.js';
import {Refusal} from './problems.js';

const MOST = 200;
const PAGE_BYTES = 2_000_000;
const STATUS_BYTES = 700_000;
const LONGEST_WAIT_S = 25;
const STILL_THERE_MS = 1000;
const DAY_MS = 86_400_000;
const CURSOR = /^([0-9a-f]{12})\.(?:s(\d{1,15})\.)?(\d{1,15})$/;

/** Return where a history stands. */
export function headOf({events}) {
  const {seq, digest} = events.at(-1);
  return {seq, digest};
}

/** Return the status document with what came after `after`, as much as fits. */
export function statusOf(submission, after = 0) {
  const events = fitting(submission.events.slice(after), (one) => one, STATUS_BYTES);
  return {
    submission_id: submission.id,
    state: submission.at.state,
    head: headOf(submission),
    events,
    clock: clockOf(submission.at),
  };
}

/** Whether a submission has had its time: it is out of the snapshot, and 404. */
export function isArchived({at, events}, now, retentionDays) {
  return (
    hasEnded(at.state) &&
    now.getTime() - Date.parse(events.at(-1).recorded_at) > retentionDays * DAY_MS
  );
}

export class Feed {
  constructor(register, retentionDays) {
    this.register = register;
    this.retentionDays = retentionDays;
  }

  /** Return a page: what there is now, or after a while. `gone` tells that nobody waits. */
  async page(caller, query, {now, isGone}) {
    const limit = Math.min(integer(query, 'limit', MOST), MOST) || MOST;
    const giveUp = performance.now() + Math.min(integer(query, 'wait', 0), LONGEST_WAIT_S) * 1000;
    const start = this.#start(caller, query.get('after'));
    if (start.snapshotAt !== undefined) return this.#snapshot(caller, start, limit, now);
    for (;;) {
      const page = this.#since(caller, start.position, limit);
      const left = giveUp - performance.now();
      if (page.changes.length || left <= 0 || isGone()) return page;
      await this.#news(caller, left);
    }
  }

  #start(caller, cursor) {
    if (cursor === null) return {position: this.register.log(caller).length, snapshotAt: 0};
    const [, epoch, snapshotAt, position] = CURSOR.exec(cursor) ?? [];
    const isKnown =
      epoch === this.register.epoch && Number(position) <= this.register.log(caller).length;
    if (!isKnown) throw new Refusal('cursor-expired');
    return {position: Number(position), snapshotAt: snapshotAt && Number(snapshotAt)};
  }

  #snapshot(caller, {position, snapshotAt}, limit, now) {
    const all = this.register.submissions(caller);
    const changes = [];
    let next = snapshotAt;
    for (; next < all.length && changes.length < limit; next += 1) {
      if (isArchived(all[next], now, this.retentionDays)) continue;
      changes.push({submission_id: all[next].id, head: headOf(all[next]), events: []});
    }
    const more = next < all.length;
    return {changes, cursor: this.#cursor(more ? `s${next}.${position}` : position), more};
  }

  #since(caller, position, limit) {
    const log = this.register.log(caller);
    const part = fitting(log.slice(position, position + limit), (one) => one.event, PAGE_BYTES);
    const changes = [];
    for (const {submission, event} of part) {
      // Its id was free again, and taken: what is archived is told no more.
      if (this.register.submission(caller, submission.id) !== submission) continue;
      if (changes.at(-1)?.submission_id !== submission.id) {
        changes.push({submission_id: submission.id, head: headOf(submission), events: []});
      }
      changes.at(-1).events.push(event);
    }
    const end = position + part.length;
    return {changes, cursor: this.#cursor(end), more: end < log.length};
  }

  #cursor(place) {
    return `${this.register.epoch}.${place}`;
  }

  #news(caller, forMs) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.register.off('news', heard);
        resolve();
      };
      const heard = (whose) => whose === caller && done();
      const timer = setTimeout(done, Math.min(forMs, STILL_THERE_MS));
      this.register.on('news', heard);
    });
  }
}

/** Return a number of a query; throws `malformed`. */
export function integer(query, name, otherwise) {
  const value = query.get(name);
  if (value === null) return otherwise;
  if (!/^\d{1,15}$/.test(value)) throw new Refusal('malformed', {detail: `${name} is no number`});
  return Number(value);
}

function clockOf({state, acceptedAt}) {
  if (hasEnded(state)) return {state: 'ended'};
  if (acceptedAt === null) return {state: 'not_started'};
  return {state: ['suspended', 'correction_requested'].includes(state) ? 'stopped' : 'running'};
}

/** Return as many of the first as fit, one at least. */
function fitting(all, eventOf, most) {
  let bytes = 0;
  const end = all.slice(0, MOST).findIndex((one) => {
    bytes += Buffer.byteLength(JSON.stringify(eventOf(one)));
    return bytes > most;
  });
  return all.slice(0, end === -1 ? MOST : Math.max(1, end));
}
