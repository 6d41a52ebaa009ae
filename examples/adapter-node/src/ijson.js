/**
 * I-JSON (RFC 7493) as section 1 of the protocol wants it: no member twice, no lone surrogate, no
 * byte order mark, integers only, at most 32 levels and 20,000 values. `JSON.parse` lets most of
 * that through.
 */

import {Refusal} from './problems.js';

const MAX_DEPTH = 32;
const MAX_ITEMS = 1000;
const MAX_STRING_BYTES = 65_536;
const MAX_VALUES = 20_000; // commas, [ and { outside of texts
/* eslint-disable no-control-regex -- RFC 8259 names these characters */
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?![\d.eE])/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const UTF8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** Return the value in the bytes; throws `malformed` or `too-large`, which quote nothing of them. */
export function parse(bytes) {
  let text;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw malformed('the body is not UTF-8');
  }
  const reader = new Reader(text);
  const value = reader.value(1);
  reader.end();
  return value;
}

class Reader {
  #text;
  #at = 0;
  #values = 0;

  constructor(text) {
    this.#text = text;
  }

  value(depth) {
    this.#match(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) if (this.#skip(word)) return value;
    return this.#integer();
  }

  end() {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#fail('something follows the value');
  }

  #object(depth) {
    const found = Object.create(null); // a member may be called __proto__
    this.#members(depth, '}', () => {
      const name = this.#string();
      if (name in found) this.#fail('a member stands twice');
      this.#match(SPACE);
      if (!this.#skip(':')) this.#fail('a colon is missing');
      found[name] = this.value(depth + 1);
    });
    return found;
  }

  #array(depth) {
    const found = [];
    this.#members(depth, ']', () => {
      if (found.length === MAX_ITEMS) this.#fail(`an array has more than ${MAX_ITEMS} items`);
      found.push(this.value(depth + 1));
    });
    return found;
  }

  #members(depth, end, one) {
    if (depth > MAX_DEPTH) this.#fail(`it is nested deeper than ${MAX_DEPTH} levels`);
    this.#at += 1;
    this.#count();
    this.#match(SPACE);
    if (this.#skip(end)) return;
    do {
      this.#match(SPACE);
      one();
      this.#match(SPACE);
    } while (this.#skip(',') && this.#count());
    if (!this.#skip(end)) this.#fail(`"${end}" is missing`);
  }

  #count() {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw new Refusal('too-large', {values: MAX_VALUES});
    return true;
  }

  #string() {
    const raw = this.#match(STRING) ?? this.#fail('text is missing or broken');
    const found = JSON.parse(raw);
    if (!found.isWellFormed()) this.#fail('a surrogate stands alone');
    if (Buffer.byteLength(found) > MAX_STRING_BYTES) {
      this.#fail(`a text is longer than ${MAX_STRING_BYTES} bytes`);
    }
    return found;
  }

  #integer() {
    const raw = this.#match(NUMBER) ?? this.#fail('this is no value; numbers are integers');
    const found = Number(raw) + 0; // -0 is 0
    if (!Number.isSafeInteger(found)) this.#fail('an integer is beyond 2^53-1');
    return found;
  }

  #skip(word) {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #match(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fail(what) {
    throw malformed(`${what} (at character ${this.#at} of the body)`);
  }
}

function malformed(detail) {
  return new Refusal('malformed', {detail});
}
