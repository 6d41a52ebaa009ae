/** "Look again", posted to registered addresses (section 11): ids and digests, nothing else. */

import {setTimeout as pause} from 'node:timers/promises';
import {headOf} from './feed.js';
import {report} from './log.js';
import {signedFields} from './signatures.js';

const MOST = 500;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 3_600_000;
const DEADLINE_MS = 10_000;
const THREE_DAYS_MS = 3 * 86_400_000;

export class Callbacks {
  #lines = new Map();

  /** `signer`: `{keyid, key}`; `now`: the office's clock. */
  constructor({register, callers, signer, now}) {
    Object.assign(this, {register, callers, signer, now});
    register.on('news', (caller) => this.#ring(caller));
    for (const caller of register.callers) this.#ring(caller); // what a crash left unsaid
  }

  #ring(caller) {
    for (const [name, url] of Object.entries(this.callers.get(caller).callbacks)) {
      const key = `${caller} ${name}`;
      if (!this.#lines.has(key))
        this.#lines.set(key, {caller, name, url, passed: 0, pauseMs: 0, isBusy: false});
      const line = this.#lines.get(key);
      if (line.isBusy) continue;
      line.isBusy = true;
      this.#tell(line)
        .catch(report) // the next news tries again
        .finally(() => (line.isBusy = false));
    }
  }

  async #tell(line) {
    for (;;) {
      const {position, isHushed} = this.register.callback(line.caller, line.name);
      const log = this.register.log(line.caller);
      const begin = Math.max(position, line.passed);
      const end = Math.min(log.length, begin + MOST);
      if (end === begin) break;
      const news = log.slice(begin, end).map((one) => one.submission);
      const mine = new Set(news.filter((one) => one.body.callback === line.name));
      if (isHushed || mine.size === 0) {
        line.passed = end; // known in memory only: there is nothing to say
        continue;
      }
      const {isDone, isHushed: hush, pauseMs} = await this.#post(line, [...mine]);
      if (isDone) await this.#noted(line, end, hush ?? false);
      else await pause(pauseMs);
    }
  }

  /** Post once; returns whether this news is settled, and how long to wait if it is not. */
  async #post(line, submissions) {
    const changes = submissions.map((one) => ({submission_id: one.id, head: headOf(one)}));
    const body = JSON.stringify({changes});
    const fields = signedFields({
      method: 'POST',
      url: line.url,
      body,
      ...this.signer,
      tag: 'oneservice-callback',
      now: this.now(),
    });
    let status = 0;
    let retryAfter = null;
    try {
      const answer = await fetch(line.url, {
        method: 'POST',
        body,
        headers: {...fields, 'content-type': 'application/json'},
        redirect: 'manual',
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      status = answer.status;
      retryAfter = answer.headers.get('retry-after');
      await answer.body?.cancel();
    } catch {
      // It was not heard, for whatever reason: said again later.
    }
    if (status === 204 || status === 410) {
      Object.assign(line, {pauseMs: 0, since: undefined});
      return {isDone: true, isHushed: status === 410};
    }
    return this.#failed(line, retryAfter);
  }

  #failed(line, retryAfter) {
    line.since ??= Date.now();
    if (Date.now() - line.since > THREE_DAYS_MS) {
      line.since = undefined;
      return {isDone: true}; // the feed has it
    }
    line.pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, line.pauseMs * 2));
    const asked = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
    return {isDone: false, pauseMs: Math.max(asked, line.pauseMs * (0.5 + Math.random() / 2))};
  }

  #noted({caller, name}, position, isHushed) {
    return this.register.record({kind: 'rung', caller, name, position, is_hushed: isHushed});
  }
}
