/** Signatures of messages (RFC 9421), as section 13 of the protocol narrows them down. */

import {randomBytes, sign, verify} from 'node:crypto';
import {sha256} from './canonical.js';
import {Refusal} from './problems.js';
import {parseDictionary, serialiseList} from './structured.js';

const REQUIRED = [
  '@method',
  '@authority',
  '@path',
  '@query',
  'content-digest',
  'oneservice-version',
];
const SKEW_S = 60;
const LONGEST_S = 300;
const PLAIN_FIELD = /^[a-z0-9-]+$/;

/**
 * Find out who signed a request.
 *
 * @param {object} message - `method`, `authority`, `path` and `query` by our own configuration, and
 *   `field(name)`, an array with the values of every field line of that name.
 * @param {(keyid: string) => object | undefined} keyOf - `{alg, key, caller}` of a registered key.
 * @param {Date} now
 * @returns what `keyOf` gave. The order of judgement is the protocol's, and time comes last.
 */
export function verifyRequest(message, keyOf, now) {
  const {label, list, signature} = theOne(message, 'oneservice-request');
  const {keyid, alg, created, expires} = checkedForm(list);
  const known = keyOf(keyid);
  if (!known) throw new Refusal('unknown-key');
  if (alg !== undefined && alg !== known.alg) throw wrong(`alg is not that of the key (${label})`);
  if (!holds(known, signatureBase(message, list), signature))
    throw new Refusal('signature-invalid');
  const seconds = now.getTime() / 1000;
  if (created > seconds + SKEW_S || expires < seconds - SKEW_S) {
    throw new Refusal('clock-skew', {server_time: now.toISOString()});
  }
  return known;
}

/** Throw unless the body is what `Content-Digest` announced. */
export function checkDigest(message, hash, status = 400) {
  const lines = message.field('content-digest');
  if (lines.length === 0) return; // where signatures are demanded, it was covered
  let announced;
  try {
    announced = parseDictionary(lines.join(', ')).get('sha-256');
  } catch {
    throw new Refusal('digest-mismatch', {status, detail: 'Content-Digest cannot be read'});
  }
  if (!Buffer.isBuffer(announced) || !announced.equals(hash)) {
    throw new Refusal('digest-mismatch', {status});
  }
}

/** Return the header fields that sign a request of ours, for example a callback. */
export function signedFields({method, url, body, key, keyid, tag, now}) {
  const created = Math.floor(now.getTime() / 1000);
  const fields = {
    'content-digest': `sha-256=:${sha256(body).toString('base64')}:`,
    'oneservice-version': '1.0',
  };
  const {host: authority, pathname: path, search: query} = new URL(url);
  const list = {
    items: REQUIRED.map((value) => ({value})),
    params: new Map(
      Object.entries({
        created,
        expires: created + LONGEST_S,
        nonce: randomBytes(16).toString('base64'),
        keyid,
        alg: 'ed25519',
        tag,
      }),
    ),
  };
  const message = {method, authority, path, query, field: (name) => [fields[name]]};
  const value = sign(null, Buffer.from(signatureBase(message, list)), key).toString('base64');
  return {
    ...fields,
    'signature-input': `sig1=${serialiseList(list)}`,
    'signature': `sig1=:${value}:`,
  };
}

/** Return the bytes that a signature covers (RFC 9421, section 2.5), as text. */
export function signatureBase(message, list) {
  const derived = new Map([
    ['@method', message.method],
    ['@authority', message.authority],
    ['@path', message.path],
    ['@query', message.query || '?'],
  ]);
  const lines = list.items.map(({value: name}) => {
    const value =
      derived.get(name) ??
      message
        .field(name)
        .map((line) => line.trim())
        .join(', ');
    return `"${name}": ${value}`;
  });
  return [...lines, `"@signature-params": ${serialiseList(list)}`].join('\n');
}

function theOne(message, tag) {
  const inputs = message.field('signature-input');
  const values = message.field('signature');
  if (inputs.length === 0 || values.length === 0) throw new Refusal('signature-missing');
  let lists, signatures;
  try {
    lists = parseDictionary(inputs.join(', '));
    signatures = parseDictionary(values.join(', '));
  } catch (error) {
    throw wrong(`the fields cannot be read: ${error.message}`);
  }
  const ours = [...lists].filter(([, list]) => list.params?.get('tag') === tag);
  if (ours.length !== 1) throw wrong(`${ours.length} signatures have the tag ${tag}, not one`);
  const [label, list] = ours[0];
  const signature = signatures.get(label);
  if (!Buffer.isBuffer(signature)) throw wrong('its value is missing');
  checkComponents(message, list);
  return {label, list, signature};
}

function checkComponents(message, {items}) {
  const names = items.map((one) => one.value);
  if (new Set(names).size !== names.length) throw wrong('a component stands twice');
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length) throw wrong(`components are missing: ${missing.join(', ')}`);
  for (const {value: name, params} of items) {
    if (params.size) throw wrong('a component has parameters');
    if (REQUIRED.includes(name) && name.startsWith('@')) continue;
    if (typeof name !== 'string' || !PLAIN_FIELD.test(name))
      throw wrong('a component is not known');
    if (message.field(name).length !== 1) throw wrong(`the field ${name} must stand there once`);
  }
}

function checkedForm({params}) {
  const form = Object.fromEntries(params);
  if (typeof form.keyid !== 'string') throw wrong('keyid is missing');
  if (form.alg !== undefined && typeof form.alg !== 'string') throw wrong('alg is no text');
  if (!Number.isInteger(form.created) || !Number.isInteger(form.expires)) {
    throw wrong('created and expires are required');
  }
  const length = form.expires - form.created;
  if (length < 1 || length > LONGEST_S) throw wrong(`it must count for 1 to ${LONGEST_S} s`);
  return form;
}

function holds({alg, key}, base, signature) {
  const bytes = Buffer.from(base, 'latin1');
  try {
    if (alg === 'ed25519') return verify(null, bytes, key, signature);
    return verify('sha256', bytes, {key, dsaEncoding: 'ieee-p1363'}, signature);
  } catch {
    return false; // it is not even of the form of a signature
  }
}

function wrong(detail) {
  return new Refusal('signature-invalid', {detail: `The signature is not as agreed: ${detail}`});
}
