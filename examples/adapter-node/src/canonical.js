/** One value, one byte string (RFC 8785), and its digest. Integers only, so numbers are easy. */

import {createHash} from 'node:crypto';

/** Return the RFC 8785 text of a value of strings, integers, booleans, null, arrays, objects. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort() // by UTF-16 code units, as the RFC wants
      .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
    return `{${members.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('only integers are signed: write other numbers as text');
  }
  return JSON.stringify(value);
}

/** Return the SHA-256 of text or bytes, as a Buffer. */
export function sha256(data) {
  return createHash('sha256').update(data).digest();
}

/** Return `sha256:` and the hexadecimal digest of text or bytes. */
export function digest(data) {
  return `sha256:${sha256(data).toString('hex')}`;
}
