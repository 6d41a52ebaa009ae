/**
 * The test step of the conformance kit: it does what an application tells it to. Its field
 * `conform` is a script of words; a slash ends what is said before a correction is answered.
 * Serve it where nobody's decisions count.
 */

import {setTimeout as pause} from 'node:timers/promises';
import {dayIn} from './clock.js';
import {correctionRequested, draft, LICENSING_LAW, numbered, remedies, text, ZONE} from './says.js';

const MATERIAL = 'm_conform';
const SLOW_MS = 2000;
const DAYS = 15;

export class RehearsalOffice {
  step = {
    step_id: 'conform',
    definitions: [],
    fields_schema: {type: 'object', properties: {conform: {type: 'string'}}},
    materials: [MATERIAL],
    promised_working_days: 5,
    on_the_spot: false,
    tolerates: [MATERIAL],
    withdraw: 'until_decision',
  };
  #issue;

  constructor({issue}) {
    this.#issue = issue;
  }

  async onPapers(submission, now) {
    const script = scriptOf(submission);
    if (script.includes('slow')) await pause(SLOW_MS); // time enough to be killed
    if (!script) return this.#withoutScript(submission, now);
    const turn = submission.events.filter((one) => one.type === 'correction_received').length;
    const words = script.split('/')[turn]?.split(' ') ?? [];
    return this.#spoken(words, submission, now);
  }

  onPromised(submission, sid, now) {
    const {outcome, issued} = this.#outcome(submission, now);
    return {drafts: [draft('material_received', {supplement_id: sid, outcome})], issued};
  }

  onWithdrawal(submission, wid) {
    const isKept = scriptOf(submission).includes('keep');
    const reasons = [
      {
        code: 'too-late',
        text: text('已不能撤回', 'It is too late for that.'),
        by_law: LICENSING_LAW,
      },
    ];
    const drafts = isKept
      ? [draft('withdrawal_refused', {withdrawal_id: wid, reasons})]
      : [draft('withdrawn', {withdrawal_id: wid})];
    return {drafts, issued: []};
  }

  isDue() {
    return false;
  }

  #withoutScript(submission, now) {
    const isThere = (submission.body.materials ?? []).some((one) => one.material === MATERIAL);
    if (!isThere) return this.#spoken(['correct'], submission, now);
    return this.#spoken(submission.at.isAccepted ? [] : ['accept'], submission, now);
  }

  #spoken(words, submission, now) {
    const {outcome, issued} = words.includes('grant')
      ? this.#outcome(submission, now)
      : {issued: []};
    const known = vocabulary(submission, now, outcome);
    return {
      drafts: words
        .filter((word) => Object.hasOwn(known, word))
        .map((word) => draft(...known[word])),
      issued,
    };
  }

  #outcome({caller, serial}, now) {
    const notice = this.#issue(
      caller,
      'A sample without legal effect.\n',
      'text/plain; charset=utf-8',
    );
    const outcome = {
      decision: 'granted',
      decided_on: dayIn(ZONE, now),
      result_type: 'conform',
      number: numbered('CONFORM', serial),
      conditions: [],
      documents: [notice],
      duties: [],
    };
    return {outcome, issued: [notice]};
  }
}

function vocabulary(submission, now, outcome) {
  const until = dayIn(ZONE, now, DAYS);
  const notice = numbered('TZ', submission.serial);
  const reasons = [
    {code: 'sample', text: text('样例', 'The sample wants it so.'), by_law: LICENSING_LAW},
  ];
  const refusal = {reasons, remedies: remedies(now)};
  const items = [
    {material: MATERIAL, problem: 'missing', text: text('缺少样例', 'The sample is missing.')},
  ];
  return {
    accept: [
      'accepted',
      {acceptance_no: numbered('SL', submission.serial), promised_working_days: 5, how: 'explicit'},
    ],
    decline: ['not_accepted', refusal],
    correct: ['correction_requested', correctionRequested(submission, items, now)],
    suspend: [
      'suspended',
      {
        kind: 'on_site_check',
        by_law: `${LICENSING_LAW} 第四十五条`,
        notice_no: notice,
        expected_until: until,
      },
    ],
    resume: ['resumed', {result: text('符合要求', 'All is in order.')}],
    extend: [
      'extended',
      {
        working_days: 3,
        reason: text('案件较多', 'There are many files.'),
        approved_by: 'head of office',
        notice_no: notice,
      },
    ],
    progress: [
      'progress',
      {label: text('核查人员已出发', 'The inspector is on the way.'), is_public: true},
    ],
    pend: ['granted_pending_material', {pending: [{material: MATERIAL, until}]}],
    grant: ['granted', {outcome}],
    refuse: ['refused', refusal],
  };
}

function scriptOf({body}) {
  return body.fields?.conform ?? '';
}
