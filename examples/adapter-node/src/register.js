/**
 * What was filed here, by caller: the fold of the journal, held in memory. Nothing is seen before
 * it is durable, and two requests for one id come one after the other.
 */

import {EventEmitter} from 'node:events';
import {digest} from './canonical.js';
import {follow, hasEnded, START} from './events.js';
import {bare, merged} from './messages.js';

const DAY_MS = 86_400_000;

export class Register extends EventEmitter {
  #journal;
  #callers = new Map();
  #queues = new Map();
  #serial = 0;

  constructor({journal, records}) {
    super();
    this.setMaxListeners(0);
    this.#journal = journal;
    for (const record of records) this.#apply(record);
  }

  /** Write a record, then show it. */
  async record(record) {
    await this.#journal.append(record);
    this.#apply(record);
    if (record.events) this.emit('news', record.caller);
  }

  /** Run `work` alone for one id of one caller. */
  alone(caller, id, work) {
    const key = `${caller} ${id}`;
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => {});
    this.#queues.set(key, settled);
    settled.then(() => this.#queues.get(key) === settled && this.#queues.delete(key));
    return mine;
  }

  nextSerial() {
    this.#serial += 1; // one that a crash forgets was never seen
    return this.#serial;
  }

  submission(caller, id) {
    return this.#of(caller).submissions.get(id);
  }

  submissions(caller) {
    return [...this.#of(caller).submissions.values()];
  }

  /** All submissions that still wait for a decision. */
  *undecided() {
    for (const {submissions} of this.#callers.values()) {
      for (const one of submissions.values()) if (!hasEnded(one.at.state)) yield one;
    }
  }

  /** Events of a caller in the order of recording: `{submission, event}`. */
  log(caller) {
    return this.#of(caller).log;
  }

  document(caller, name) {
    return this.#of(caller).documents.get(name);
  }

  callback(caller, name) {
    return this.#of(caller).callbacks.get(name) ?? {position: 0, isHushed: false};
  }

  /** Documents older than a day that no submission names: `{caller, digest}`. */
  *forgotten(now) {
    for (const [caller, {documents}] of this.#callers) {
      for (const [name, one] of documents) {
        const isOld = now.getTime() - Date.parse(one.at) > DAY_MS;
        if (isOld && !one.isNamed) yield {caller, digest: name};
      }
    }
  }

  get callers() {
    return [...this.#callers.keys()];
  }

  #of(caller) {
    if (!this.#callers.has(caller)) {
      this.#callers.set(caller, {
        submissions: new Map(),
        log: [],
        documents: new Map(),
        callbacks: new Map(),
      });
    }
    return this.#callers.get(caller);
  }

  #apply(record) {
    if (record.kind === 'opened') {
      this.epoch = record.epoch;
      return;
    }
    const mine = this.#of(record.caller);
    FOLDS[record.kind]?.(mine, record);
    if (record.kind === 'filed') this.#serial = Math.max(this.#serial, record.serial);
    append(mine, record);
  }
}

/** What each kind of record changes, but for its events and documents. */
const FOLDS = {
  filed({submissions}, {caller, id, serial, text}) {
    submissions.set(id, {
      caller,
      id,
      serial,
      body: bare(JSON.parse(text)),
      digest: digest(text),
      events: [],
      at: START,
      supplements: new Map(),
      withdrawals: new Map(),
    });
  },

  supplement({submissions}, {id, sid, text}) {
    const one = submissions.get(id);
    one.supplements.set(sid, digest(text));
    one.body = merged(one.body, bare(JSON.parse(text)));
  },

  withdrawal({submissions}, {id, sid, text}) {
    submissions.get(id).withdrawals.set(sid, digest(text));
  },

  document({documents}, {digest: name, media_type, bytes, recorded_at: at}) {
    const isNamed = documents.get(name)?.isNamed ?? false;
    documents.set(name, {media_type, bytes, at, isNamed});
  },

  forgotten({documents}, {digest: name}) {
    documents.delete(name);
  },

  rung({callbacks}, {name, position, is_hushed: isHushed}) {
    callbacks.set(name, {position, isHushed});
  },
};

function append(
  {submissions, log, documents},
  {id, events = [], names = [], issued = [], recorded_at: at},
) {
  for (const name of names) {
    const one = documents.get(name);
    if (one) one.isNamed = true;
  }
  for (const {digest: name, ...rest} of issued) documents.set(name, {...rest, at, isNamed: true});
  const submission = submissions.get(id);
  for (const event of events) {
    submission.events.push(event);
    submission.at = follow(submission.at, event);
    log.push({submission, event});
  }
}
