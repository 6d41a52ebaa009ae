/** What engines send: its shape, and what of it counts here. The rest is let pass, and kept. */

import {parse} from './ijson.js';
import {invalid} from './problems.js';
import {violations} from './schema.js';

const ID = {type: 'string', pattern: '^[A-Za-z0-9._-]{1,96}$'};
const NAME = {type: 'string', minLength: 1, maxLength: 200};
const DIGEST = {type: 'string', pattern: '^sha256:[0-9a-f]{64}$'};
const DAY = {type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', format: 'date'};
const TEXT = {type: 'object', properties: {zh: {type: 'string'}, en: {type: 'string'}}};
const FIELDS = {type: 'object'};
const MATERIALS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['material'],
    properties: {
      material: NAME,
      documents: {
        type: 'array',
        items: {type: 'object', required: ['digest'], properties: {digest: DIGEST}},
      },
    },
  },
};

const SUBMISSION = {
  type: 'object',
  required: ['case_id', 'step_id', 'attempt', 'applicant'],
  properties: {
    case_id: ID,
    step_id: ID,
    attempt: {type: 'integer', minimum: 1},
    region: {type: 'string', pattern: '^[0-9]{6}$'},
    applicant: {
      type: 'object',
      required: ['kind'],
      properties: {kind: NAME, name: {type: 'string'}, code: {type: 'string'}},
    },
    fields: FIELDS,
    materials: MATERIALS,
    promises: {
      type: 'array',
      items: {
        type: 'object',
        required: ['material', 'until'],
        properties: {material: NAME, until: DAY, document: DIGEST},
      },
    },
    callback: {type: 'string', maxLength: 200},
  },
};

const SUPPLEMENT = {
  type: 'object',
  properties: {correction_id: ID, fields: FIELDS, materials: MATERIALS, note: TEXT},
};

const WITHDRAWAL = {
  type: 'object',
  properties: {reason: TEXT, requested_by: NAME, requested_at: NAME},
};

export const readSubmission = (bytes) => read(SUBMISSION, bytes);
export const readSupplement = (bytes) => read(SUPPLEMENT, bytes);
export const readWithdrawal = (bytes) => read(WITHDRAWAL, bytes);

/** Throw `invalid-submission` where fields do not fit the step's schema. */
export function checkFields(schema, body) {
  const found = violations(schema, body.fields ?? {}, '/fields');
  if (found.length) throw invalid(found);
}

/** Return the digests of all documents that a body hands in, each once. */
export function documentsOf(body) {
  const all = (body.materials ?? []).flatMap((one) => one.documents ?? []).map((one) => one.digest);
  return [...new Set(all)];
}

/** Return an application after a supplement: it replaces only what it names. */
export function merged(body, supplement) {
  const materials = new Map((body.materials ?? []).map((one) => [one.material, one]));
  for (const one of supplement.materials ?? []) materials.set(one.material, one);
  return {
    ...body,
    fields: {...body.fields, ...supplement.fields},
    materials: [...materials.values()],
  };
}

/** Return a value without members that are null: absent and null mean the same. */
export function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(members.map(([name, one]) => [name, bare(one)]));
}

function read(schema, bytes) {
  const value = bare(parse(bytes));
  const found = violations(schema, value);
  if (found.length) throw invalid(found);
  return value;
}
