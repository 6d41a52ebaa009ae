/**
 * The drainage office: what it asks for and how it decides. This is the part that you replace; all
 * else is the protocol. Whatever is due follows from a submission and the time, so that a crash
 * loses no decision.
 */

import {permit} from './certificate.js';
import {dayIn, lastDayOf} from './clock.js';
import {
  correctionRequested,
  draft,
  LICENSING_LAW,
  numbered,
  remedies,
  said,
  text,
  ZONE,
} from './says.js';

const SMALL_M2 = 150;
const MUCH_M3 = 10;
const VALID_YEARS = 5;
const LAW = '城镇排水与污水处理条例 第二十一条';
const TOLERATED = 'm_premises';
const DECIMAL = {type: 'string', pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$', maxLength: 20};
const TITLE = {zh: '城镇污水排入排水管网许可证', en: 'Drainage permit'};

/** The one step of this office, as its capabilities show it. */
const STEP = {
  step_id: 'drainage',
  definitions: [],
  fields_schema: {
    type: 'object',
    properties: {
      area: DECIMAL,
      daily_volume: DECIMAL,
      grease_trap: {type: 'boolean'},
      outlet_count: {type: 'integer', minimum: 0},
      outlet_position: {type: 'string', maxLength: 500},
    },
  },
  materials: [
    'm_application',
    'm_licence',
    TOLERATED,
    'm_drain_table',
    'm_drain_plan',
    'm_drain_promise',
  ],
  promised_working_days: 5,
  on_the_spot: false,
  tolerates: [TOLERATED],
  withdraw: 'until_decision',
};

export class DrainageOffice {
  step = STEP;
  #issuer;
  #seal;
  #issue;
  #decideAfterMs;

  /** `issue(caller, bytes, mediaType)` keeps a document; `decideAfterMs` is how long it looks. */
  constructor({issuer, seal, issue, decideAfterMs}) {
    this.#issuer = issuer;
    this.#seal = seal;
    this.#issue = issue;
    this.#decideAfterMs = decideAfterMs;
  }

  /** Return what the office says when papers come in, at first or in answer to a correction. */
  onPapers(submission, now) {
    const {at, body, serial} = submission;
    if (at.isAccepted) return {drafts: [], issued: []};
    if (body.region && body.region !== this.#issuer.region)
      return said('not_accepted', wrongPlace(now));
    const {missing, tolerated} = wanting(body);
    if (missing.length) {
      const note = text('缺少该材料', 'This material is missing.');
      const items = missing.map((material) => ({
        material,
        problem: 'missing',
        text: note,
        by_law: LAW,
      }));
      return said('correction_requested', correctionRequested(submission, items, now));
    }
    return said('accepted', {
      acceptance_no: numbered('SL', serial),
      promised_working_days: STEP.promised_working_days,
      how: tolerated.length ? 'tolerance' : 'explicit',
      ...(tolerated.length && {tolerated}),
    });
  }

  /** Return the answer to the wish `wid` to take it back: before a decision everybody may. */
  onWithdrawal(_, wid) {
    return said('withdrawn', {withdrawal_id: wid});
  }

  /** Whether `due` has something to say; cheap, since it is asked for each open submission. */
  isDue(submission, now) {
    return this.#nextSaid(submission, now) !== null;
  }

  /** Return what is due by now: `{drafts, issued}`; empty as long as there is nothing to say. */
  due(submission, now) {
    return this.#nextSaid(submission, now)?.() ?? {drafts: [], issued: []};
  }

  #nextSaid(submission, now) {
    const {at, body, events} = submission;
    const isLate = (day) => dayIn(ZONE, now) > day;
    if (at.state === 'correction_requested')
      return isLate(at.dueOn) ? () => lapsedCorrection(at) : null;
    if (at.state === 'granted_pending_material') {
      return at.pending.some((one) => isLate(one.until)) ? () => lapsedPromise(at) : null;
    }
    if (!['accepted', 'suspended'].includes(at.state)) return null; // it waits for nothing of ours
    const share = (now.getTime() - Date.parse(at.acceptedAt)) / this.#decideAfterMs;
    if (at.state === 'suspended') return share >= 2 / 3 ? () => said('resumed', RESUMED) : null;
    if (needsMonitoring(body) && !events.some((one) => one.type === 'suspended')) {
      return share >= 1 / 3 ? () => said('suspended', monitoring(submission, now)) : null;
    }
    return share >= 1 ? () => this.#decide(submission, now) : null;
  }

  /** Return what follows when a promised material has come. */
  onPromised(submission, sid, now) {
    const {outcome, issued} = this.#granted(submission, now);
    return {drafts: [draft('material_received', {supplement_id: sid, outcome})], issued};
  }

  #decide(submission, now) {
    if (submission.body.fields?.grease_trap === false) return said('refused', noGreaseTrap(now));
    const {tolerated} = wanting(submission.body);
    if (tolerated.length) {
      const pending = submission.body.promises
        .filter((one) => tolerated.includes(one.material))
        .map(({material, until}) => ({material, until}));
      return said('granted_pending_material', {pending});
    }
    const {outcome, issued} = this.#granted(submission, now);
    return {drafts: [draft('granted', {outcome})], issued};
  }

  #granted(submission, now) {
    const {caller, id, serial, body, digest} = submission;
    const number = numbered(`PS${this.#issuer.region}`, serial);
    const validFrom = dayIn(ZONE, now);
    const validUntil = lastDayOf(validFrom, VALID_YEARS);
    const {address = '', daily_volume: volume = '', outlet_count: outlets = 0} = body.fields ?? {};
    const certificate = permit(
      {
        number,
        validFrom,
        validUntil,
        title: TITLE,
        type: 'drainage_permit',
        holder: {name: body.applicant.name ?? '-', code: body.applicant.code ?? '-'},
        result: {address, daily_volume: volume, outlet_count: outlets},
        evidence: {caseId: body.case_id, submissionId: id, requestDigest: digest},
      },
      {issuer: this.#issuer, seal: this.#seal, createdAt: now},
    );
    const notice = this.#issue(
      caller,
      `${TITLE.zh}\n${number}\n${validFrom} – ${validUntil}\n`,
      'text/plain; charset=utf-8',
    );
    const renewFrom = dayIn(ZONE, new Date(`${validUntil}T00:00:00Z`), -30);
    const outcome = {
      decision: 'granted',
      decided_on: validFrom,
      result_type: 'drainage_permit',
      number,
      valid_from: validFrom,
      valid_until: validUntil,
      conditions: [],
      certificate,
      documents: [notice],
      duties: [
        {
          kind: 'renew',
          not_before: renewFrom,
          text: text('到期前申请延续', 'Renew before it ends.'),
        },
      ],
    };
    return {outcome, issued: [notice]};
  }
}

const RESUMED = {result: text('水质监测达标', 'The water is within the standard.')};

function wanting({materials = [], promises = [], fields = {}}) {
  const given = new Set(materials.map((one) => one.material));
  const promised = new Set(promises.map((one) => one.material));
  const wanted = ['m_drain_table', 'm_drain_plan', TOLERATED];
  if (fields.area !== undefined && Number(fields.area) <= SMALL_M2) wanted.push('m_drain_promise');
  const absent = wanted.filter((one) => !given.has(one));
  const isTolerated = (one) => one === TOLERATED && promised.has(one);
  return {
    missing: absent.filter((one) => !isTolerated(one)),
    tolerated: absent.filter(isTolerated),
  };
}

function lapsedCorrection({correction}) {
  const reason = text('逾期未补正', 'Nothing came in time.');
  return said('lapsed', {reason, correction_id: correction});
}

function lapsedPromise({pending}) {
  const reason = text('承诺材料逾期未交', 'What was promised did not come.');
  return said('lapsed', {reason, materials: pending.map((one) => one.material)});
}

function needsMonitoring({fields = {}}) {
  return Number(fields.area ?? 0) > SMALL_M2 || Number(fields.daily_volume ?? 0) > MUCH_M3;
}

function monitoring({serial}, now) {
  return {
    kind: 'monitoring',
    by_law: `${LICENSING_LAW} 第四十五条`,
    notice_no: numbered('JC', serial),
    expected_until: dayIn(ZONE, now, 3),
  };
}

function noGreaseTrap(now) {
  return {
    reasons: [
      {
        code: 'no-grease-trap',
        text: text(
          '未设置隔油设施，排放水质不能达到纳管标准',
          'Without a grease trap the water would not meet the standard.',
        ),
        by_law: LAW,
      },
    ],
    remedies: remedies(now),
  };
}

function wrongPlace(now) {
  return {
    reasons: [
      {
        code: 'other-region',
        text: text('不属于本机关职权范围', 'The place is not in the district of this office.'),
        by_law: `${LICENSING_LAW} 第三十二条`,
      },
    ],
    remedies: remedies(now),
  };
}
