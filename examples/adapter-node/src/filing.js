/** Submissions, supplements, withdrawals: once, durable before the answer (sections 4 and 7). */

import {digest} from './canonical.js';
import {OPEN, seal, START} from './events.js';
import {headOf, isArchived} from './feed.js';
import {
  checkFields,
  documentsOf,
  merged,
  readSubmission,
  readSupplement,
  readWithdrawal,
} from './messages.js';
import {report} from './log.js';
import {Refusal} from './problems.js';
import {draft, numbered} from './says.js';

export class Filing {
  /**
   * `offices` decide; `signer`: `{keyid, key}` of events; `department`: the id in them; after
   * `retentionDays` an ended submission is archived, and its id is free.
   */
  constructor({register, offices, signer, department, retentionDays}) {
    Object.assign(this, {register, signer, department, retentionDays});
    this.offices = new Map(offices.map((one) => [one.step.step_id, one]));
  }

  /** Take in an application; returns whether it was recorded now. `evidence` proves who asked. */
  submit(caller, id, bytes, {now, evidence}) {
    return this.register.alone(caller.id, id, async () => {
      const known = this.register.submission(caller.id, id);
      const isHere = known && !isArchived(known, now, this.retentionDays);
      if (isHere) return repeated(known.digest, bytes, 'submission-conflict');
      const body = readSubmission(bytes);
      const office = this.#officeOf(caller, body);
      checkFields(office.step.fields_schema, body);
      const names = this.#uploaded(caller, body);
      const serial = this.register.nextSerial();
      const fresh = {
        caller: caller.id,
        id,
        serial,
        body,
        digest: digest(bytes),
        events: [],
        at: START,
      };
      const received = draft('received', {
        receipt_no: numbered('SJ', serial),
        request_digest: fresh.digest,
      });
      const said = await office.onPapers(fresh, now);
      const record = {kind: 'filed', serial, text: bytes.toString('utf8'), evidence, names};
      await this.#record(fresh, record, after(received, said), now);
      return true;
    });
  }

  /** Take in what was asked for, or promised; returns whether it was recorded now. */
  supplement(caller, id, sid, bytes, {now, evidence}) {
    return this.register.alone(caller.id, id, async () => {
      const submission = this.#known(caller, id);
      const before = submission.supplements.get(sid);
      if (before) return repeated(before, bytes, 'supplement-conflict');
      const supplement = readSupplement(bytes);
      const office = this.#of(submission);
      checkFields(office.step.fields_schema, supplement);
      if (!isWaitedFor(submission.at, supplement)) throw notOpen(submission);
      const names = this.#uploaded(caller, supplement);
      const said = supplement.correction_id
        ? await this.#corrected(submission, supplement, sid, digest(bytes), now)
        : office.onPromised(submission, sid, now);
      const record = {kind: 'supplement', sid, text: bytes.toString('utf8'), evidence, names};
      await this.#record(submission, record, said, now);
      return true;
    });
  }

  /** Take back what is not decided; returns whether it was recorded now. */
  withdraw(caller, id, sid, bytes, {now, evidence}) {
    return this.register.alone(caller.id, id, async () => {
      const submission = this.#known(caller, id);
      const before = submission.withdrawals.get(sid);
      if (before) return repeated(before, bytes, 'withdrawal-conflict');
      readWithdrawal(bytes);
      if (!OPEN.includes(submission.at.state)) throw notOpen(submission);
      const asked = draft('withdrawal_requested', {
        withdrawal_id: sid,
        request_digest: digest(bytes),
      });
      const said = this.#of(submission).onWithdrawal(submission, sid);
      const record = {kind: 'withdrawal', sid, text: bytes.toString('utf8'), evidence};
      await this.#record(submission, record, after(asked, said), now);
      return true;
    });
  }

  /** Record every decision that is due by now; one that cannot be recorded stays due. */
  async look(now) {
    const all = [...this.register.undecided()];
    const due = all.filter((one) => this.offices.get(one.body.step_id)?.isDue(one, now));
    const told = await Promise.allSettled(due.map((one) => this.#decide(one, now)));
    for (const {reason} of told) if (reason) report(reason);
  }

  #decide({caller, id}, now) {
    return this.register.alone(caller, id, async () => {
      for (;;) {
        const submission = this.register.submission(caller, id);
        const office = this.#of(submission);
        if (!office.isDue(submission, now)) return;
        await this.#record(submission, {kind: 'decided'}, office.due(submission, now), now);
      }
    });
  }

  async #corrected(submission, supplement, sid, requestDigest, now) {
    const received = draft('correction_received', {
      correction_id: supplement.correction_id,
      supplement_id: sid,
      request_digest: requestDigest,
    });
    const seen = {
      ...submission,
      body: merged(submission.body, supplement),
      events: [...submission.events, received],
    };
    return after(received, await this.#of(submission).onPapers(seen, now));
  }

  async #record(submission, record, {drafts, issued = []}, now) {
    const {caller, id} = submission;
    const events = seal(drafts, {
      ...submission,
      submissionId: id,
      department: this.department,
      now,
      signer: this.signer,
    });
    await this.register.record({
      ...record,
      caller,
      id,
      events,
      issued,
      recorded_at: now.toISOString(),
    });
  }

  #of({body}) {
    const found = this.offices.get(body.step_id);
    if (!found) throw new Refusal('unknown-step');
    return found;
  }

  #officeOf({steps, regions}, body) {
    const found = this.#of({body});
    const isOfStep = !steps || steps.includes(body.step_id);
    const isOfRegion = !regions || regions.some((one) => (body.region ?? one).startsWith(one));
    if (!isOfStep || !isOfRegion) throw new Refusal('not-allowed');
    return found;
  }

  #known(caller, id) {
    const found = this.register.submission(caller.id, id);
    if (!found) throw new Refusal('unknown-submission');
    return found;
  }

  #uploaded(caller, body) {
    const names = documentsOf(body);
    const digests = names.filter((name) => !this.register.document(caller.id, name));
    if (digests.length) throw new Refusal('missing-document', {digests});
    return names;
  }
}

function isWaitedFor(at, {correction_id: correction, materials = []}) {
  if (correction) return at.state === 'correction_requested' && at.correction === correction;
  const given = new Set(materials.map((one) => one.material));
  return (
    at.state === 'granted_pending_material' && at.pending.every((one) => given.has(one.material))
  );
}

function notOpen(submission) {
  return new Refusal('not-open', {state: submission.at.state, head: headOf(submission)});
}

function repeated(before, bytes, conflict) {
  if (digest(bytes) !== before) throw new Refusal(conflict);
  return false;
}

function after(first, {drafts, issued}) {
  return {drafts: [first, ...drafts], issued};
}
