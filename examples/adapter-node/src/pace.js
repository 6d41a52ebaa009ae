/** How much one caller may do: requests at a time, and starts in a minute. */

import {Refusal} from './problems.js';

const MINUTE_MS = 60_000;

export class Pace {
  #callers = new Map();

  constructor({inFlight, perMinute}) {
    this.inFlight = inFlight;
    this.perMinute = perMinute;
  }

  /** Let a request of `caller` begin; call what is returned when it has ended. */
  begin(caller) {
    const now = performance.now();
    const mine = this.#callers.get(caller) ?? {running: 0, starts: []};
    this.#callers.set(caller, mine);
    while (mine.starts.length && mine.starts[0] <= now - MINUTE_MS) mine.starts.shift();
    if (mine.running >= this.inFlight) throw tooMany(1, this.fields(caller));
    if (mine.starts.length >= this.perMinute) {
      const wait = Math.ceil((mine.starts[0] + MINUTE_MS - now) / 1000);
      throw tooMany(Math.max(1, wait), this.fields(caller));
    }
    mine.starts.push(now);
    mine.running += 1;
    return () => {
      mine.running -= 1;
    };
  }

  /** Return the fields that tell a caller what is left (RateLimit header fields). */
  fields(caller) {
    const {starts} = this.#callers.get(caller) ?? {starts: []};
    const oldest = starts[0] ?? performance.now();
    const reset = Math.max(0, Math.ceil((oldest + MINUTE_MS - performance.now()) / 1000));
    return {
      'RateLimit-Policy': `"minute";q=${this.perMinute};w=60`,
      'RateLimit': `"minute";r=${Math.max(0, this.perMinute - starts.length)};t=${reset}`,
    };
  }
}

function tooMany(seconds, fields) {
  return new Refusal('too-many-requests', {headers: {...fields, 'Retry-After': String(seconds)}});
}
