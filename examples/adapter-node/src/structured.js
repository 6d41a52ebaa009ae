/**
 * Structured fields (RFC 8941): dictionaries whose members are byte strings or inner lists of
 * strings with parameters. That is all that signatures and digests need.
 */

const KEY = /[a-z*][a-z0-9_.*-]*/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const TEXT = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const INTEGER = /-?\d{1,15}(?![\d.])/y;
const TOKEN = /[A-Za-z*][!#$%&'*+.^_`|~:/0-9A-Za-z-]*/y;
const TRUTH = /\?([01])/y;
const COMMA = /[ \t]*,[ \t]*/y;
const SPACES = / */y;

/** Parse a dictionary; the value of a member is a Buffer, or `{items, params}`. Throws. */
export function parseDictionary(text) {
  const reader = new FieldReader(text.trim());
  const found = new Map();
  do {
    const name = reader.take(KEY, 'a name is missing')[0];
    reader.expect('=');
    found.set(name, reader.member());
  } while (reader.try(COMMA));
  reader.end();
  return found;
}

/** Serialise an inner list as it stands in a signature base. */
export function serialiseList({items, params}) {
  const parts = [...params].map(
    ([name, value]) => `;${name}${value === true ? '' : `=${bare(value)}`}`,
  );
  return `(${items.map((one) => bare(one.value)).join(' ')})${parts.join('')}`;
}

function bare(value) {
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean') return value ? '?1' : '?0';
  if (Buffer.isBuffer(value)) return `:${value.toString('base64')}:`;
  return String(value.token ?? value);
}

class FieldReader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  member() {
    if (this.#text[this.#at] !== '(') {
      const value = this.#bare();
      this.#params();
      return value;
    }
    this.#at += 1;
    const items = [];
    for (this.try(SPACES); this.#text[this.#at] !== ')'; this.try(SPACES)) {
      if (items.length && this.#text[this.#at - 1] !== ' ')
        throw new SyntaxError('a space is missing');
      items.push({value: this.#bare(), params: this.#params()});
    }
    this.#at += 1;
    return {items, params: this.#params()};
  }

  #params() {
    const found = new Map();
    while (this.#text[this.#at] === ';') {
      this.#at += 1;
      this.try(SPACES);
      const name = this.take(KEY, 'a parameter has no name')[0];
      const hasValue = this.#text[this.#at] === '=';
      if (hasValue) this.#at += 1;
      found.delete(name); // the last one counts, at its place
      found.set(name, hasValue ? this.#bare() : true);
    }
    return found;
  }

  #bare() {
    let hit;
    if ((hit = this.try(TEXT))) return hit[1].replace(/\\(.)/g, '$1');
    if ((hit = this.try(BYTES))) return Buffer.from(hit[1], 'base64');
    if ((hit = this.try(INTEGER))) return Number(hit[0]);
    if ((hit = this.try(TRUTH))) return hit[1] === '1';
    return {token: this.take(TOKEN, 'a value is missing')[0]};
  }

  try(pattern) {
    pattern.lastIndex = this.#at;
    const hit = pattern.exec(this.#text);
    if (hit) this.#at += hit[0].length;
    return hit;
  }

  take(pattern, otherwise) {
    const hit = this.try(pattern);
    if (!hit) throw new SyntaxError(otherwise);
    return hit;
  }

  expect(text) {
    if (this.#text[this.#at] !== text) throw new SyntaxError(`${text} is missing`);
    this.#at += 1;
  }

  end() {
    if (this.#at < this.#text.length) throw new SyntaxError('something follows');
  }
}
