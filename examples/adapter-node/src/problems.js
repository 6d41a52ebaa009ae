/** What can be wrong with a message: the table of section 12, and its problem documents. */

const PROBLEMS = {
  'malformed': [400, 'The message cannot be read'],
  'digest-mismatch': [400, 'The bytes are not those that were announced'],
  'unsupported-version': [400, 'This version is not spoken here'],
  'unauthenticated': [401, 'Nobody is known by these credentials'],
  'signature-missing': [401, 'The request is not signed'],
  'signature-invalid': [401, 'The signature does not hold'],
  'unknown-key': [401, 'The key is not registered, or does not count now'],
  'clock-skew': [401, 'The signature is not of this time'],
  'not-allowed': [403, 'The caller may not do this here'],
  'unknown-submission': [404, 'No such submission'],
  'unknown-step': [404, 'This step is not served here'],
  'unknown-path': [404, 'Nothing is served under this path'],
  'unknown-document': [404, 'No such document'],
  'method-not-allowed': [405, 'The resource has no such method'],
  'slow-request': [408, 'The request took too long to arrive'],
  'submission-conflict': [409, 'Other bytes were filed under this id'],
  'supplement-conflict': [409, 'Other bytes were handed in under this id'],
  'withdrawal-conflict': [409, 'Another wish stands under this id'],
  'not-open': [409, 'The submission does not wait for this'],
  'in-progress': [409, 'Something else is being done with it'],
  'cursor-expired': [410, 'The cursor is not known any more'],
  'too-large': [413, 'The message is too large'],
  'media-type': [415, 'The body is of another kind than expected'],
  'range': [416, 'The document has no such part'],
  'invalid-submission': [422, 'This can be no application'],
  'missing-document': [422, 'Documents were not uploaded'],
  'too-many-requests': [429, 'Too many requests'],
  'internal': [500, 'The adapter has lost its way'],
  'unavailable': [503, 'Nothing can be recorded at the moment'],
};

/** A message is refused. `extra` are members of the problem document, none of them personal. */
export class Refusal extends Error {
  constructor(code, {status, headers = {}, detail, ...extra} = {}) {
    super(detail ?? PROBLEMS[code][1]);
    this.code = code;
    this.status = status ?? PROBLEMS[code][0];
    this.headers = this.status === 401 ? {'WWW-Authenticate': 'Signature', ...headers} : headers;
    this.extra = extra;
  }

  /** Return the problem document (RFC 9457). */
  document(trace) {
    return {
      type: `urn:oneservice:problem:${this.code}`,
      status: this.status,
      title: PROBLEMS[this.code][1],
      detail: this.message,
      ...(trace && {trace}),
      ...this.extra,
    };
  }
}

/** Refuse an application with findings that each point at their place. */
export function invalid(errors) {
  const detail = `${errors.length} place(s) do not fit`;
  return new Refusal('invalid-submission', {detail, errors: errors.slice(0, 100)});
}
