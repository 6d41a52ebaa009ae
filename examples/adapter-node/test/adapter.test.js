/** `node --test`: the protocol's own vectors, and the corners that no request reaches easily. */

import assert from 'node:assert/strict';
import {createHash, createPrivateKey, createPublicKey, sign} from 'node:crypto';
import {appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {canonical, digest} from '../src/canonical.js';
import {follow, START} from '../src/events.js';
import {parse} from '../src/ijson.js';
import {Journal} from '../src/journal.js';
import {multibase} from '../src/keys.js';
import {violations} from '../src/schema.js';
import {signatureBase, verifyRequest} from '../src/signatures.js';
import {parseDictionary} from '../src/structured.js';

const folder = mkdtempSync(join(tmpdir(), 'adapter-node-'));
after(() => rmSync(folder, {recursive: true}));

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SECRET = Buffer.from([...Array(32).keys()]);
const KEY = createPrivateKey({key: Buffer.concat([PKCS8, SECRET]), format: 'der', type: 'pkcs8'});

const INPUT =
  'sig1=("@method" "@authority" "@path" "@query" "content-digest" "oneservice-version")' +
  ';created=1795222800;expires=1795223100;nonce="bm9uY2Utbm9uY2Utbm9uY2U"' +
  ';keyid="region-a-2026";alg="ed25519";tag="oneservice-request"';
const FIELDS = {
  'content-digest': ['sha-256=:Zv3CqZlONsDkL6dCNddCM+BeBfXDFYypoxZN3XTyWgY=:'],
  'oneservice-version': ['1.0'],
  'signature-input': [INPUT],
  'signature': [
    'sig1=:TiTlmdGFPFhL8U8arlcI8BymcVB3NFEIiZyqLm0dzBKm/WXuvak3kMFWuTLlr6erG1FDH7IB8QXnVGJQK9hZAQ==:',
  ],
};
const MESSAGE = {
  method: 'PUT',
  authority: 'dept.example',
  path: '/oneservice/v1/submissions/c42.food_permit.1',
  query: '',
  field: (name) => FIELDS[name] ?? [],
};
const KNOWN = {alg: 'ed25519', key: createPublicKey(KEY), caller: 'region-a'};
const THEN = new Date(1795222800_000);

describe('the vectors of section 17', () => {
  test('the signature base', () => {
    const base = signatureBase(MESSAGE, parseDictionary(INPUT).get('sig1'));
    assert.equal(base.split('\n').length, 7);
    assert.ok(base.endsWith(INPUT.slice('sig1='.length)));
  });

  test('the signature holds, and its caller is known', () => {
    assert.equal(verifyRequest(MESSAGE, () => KNOWN, THEN).caller, 'region-a');
  });

  test('the event has its digest and its signature', () => {
    const event = {
      submission_id: 'c42.food_permit.1',
      seq: 1,
      type: 'received',
      at: '2026-11-21T01:00:00Z',
      recorded_at: '2026-11-21T01:00:00Z',
      department: '330106-market-regulation',
      data: {
        receipt_no: 'SJ-20261121-0007',
        request_digest: 'sha256:66fdc2a9994e36c0e42fa74235d74233e05e05f5c3158ca9a3164ddd74f25a06',
      },
      prev: null,
    };
    assert.equal(
      digest(canonical(event)),
      'sha256:bbfe42d2f0d54e3a74f2d471711dabec5188d207004f0249ca384bad81714f44',
    );
    const covered = Buffer.from(`oneservice-event-v1\n${digest(canonical(event))}`);
    const value =
      'Zic9L26HRr+4evqmr7HMwlH8kFgMHVS4kvCBQeuhXDmpnvaeJfZRRyV5Q0zDS24c/naa7akwgjTYjLYqr/42BQ==';
    assert.equal(sign(null, covered, KEY).toString('base64'), value);
  });
});

describe('signatures are refused with the one reason that is true', () => {
  const broken = (changes, known = KNOWN, now = THEN) => {
    const fields = {...FIELDS, ...changes.fields};
    const message = {...MESSAGE, ...changes, field: (name) => fields[name] ?? []};
    try {
      verifyRequest(message, () => known, now);
      return 'none';
    } catch (error) {
      return error.code;
    }
  };
  const input = (from, to) => ({fields: {'signature-input': [INPUT.replace(from, to)]}});
  const table = [
    ['no fields', {fields: {'signature': [], 'signature-input': []}}, 'signature-missing'],
    ['another path', {path: '/oneservice/v1/changes'}, 'signature-invalid'],
    ['another query', {query: '?after=1'}, 'signature-invalid'],
    ['a missing component', input(' "@query"', ''), 'signature-invalid'],
    ['a component with a parameter', input('"@query"', '"@query";req'), 'signature-invalid'],
    ['a component twice', input('"@query"', '"@query" "@query"'), 'signature-invalid'],
    ['another tag', input('oneservice-request', 'oneservice-callback'), 'signature-invalid'],
    ['another algorithm', input('"ed25519"', '"ecdsa-p256-sha256"'), 'signature-invalid'],
    ['a long life', input('1795223100', '1795223101'), 'signature-invalid'],
    [
      'two of the tag',
      {fields: {'signature-input': [INPUT, INPUT.replace('sig1', 'sig2')]}},
      'signature-invalid',
    ],
    [
      'a covered field twice',
      {fields: {'oneservice-version': ['1.0', '1.0']}},
      'signature-invalid',
    ],
    ['no structured field', {fields: {'signature-input': ['sig1=(']}}, 'signature-invalid'],
  ];
  for (const [what, changes, code] of table) test(what, () => assert.equal(broken(changes), code));
  test('a stranger', () => assert.equal(broken({}, null), 'unknown-key'));
  test('too early', () =>
    assert.equal(broken({}, KNOWN, new Date(THEN.getTime() - 61_000)), 'clock-skew'));
  test('too late', () =>
    assert.equal(broken({}, KNOWN, new Date(THEN.getTime() + 361_000)), 'clock-skew'));
});

describe('JSON', () => {
  const refused = [
    '',
    '{',
    '{"a":1,"a":2}',
    '[1.0]',
    '[1e3]',
    '[01]',
    '[9007199254740992]',
    'NaN',
    '[1,]',
    '"\\ud800"',
    '"a\nb"',
    '\ufeff{}',
    '{} {}',
    `${'['.repeat(33)}${']'.repeat(33)}`,
    `[${'0,'.repeat(1000)}0]`,
    `"${'x'.repeat(65_537)}"`,
    `"${'\\n'.repeat(600_000)}"`,
  ];
  for (const text of refused) {
    test(`refuses ${text.slice(0, 20)} (${text.length})`, () => {
      assert.throws(() => parse(Buffer.from(text)), {code: 'malformed'});
    });
  }
  test('counts values before it has built too many', () => {
    const full = Array(19).fill(`[${'0,'.repeat(999)}0]`).join();
    assert.equal(parse(Buffer.from(`[${full}]`)).length, 19);
    assert.equal(parse(Buffer.from(JSON.stringify([',[{'.repeat(9000)])))[0].length, 27_000);
    assert.throws(() => parse(Buffer.from(`[${full},${full}]`)), {code: 'too-large'});
  });

  test('refuses what is not UTF-8', () =>
    assert.throws(() => parse(Buffer.from([0x22, 0xff, 0x22])), {code: 'malformed'}));
  test('reads what JSON.parse reads', () => {
    const text = '{"a":[1,-2,true,false,null,"\\u00e9\\ud83d\\ude00 \\/"],"__proto__":{"b":{}}}';
    assert.equal(canonical(parse(Buffer.from(text))), canonical(JSON.parse(text)));
  });
  test('is canonical in the order of UTF-16', () => {
    assert.equal(
      canonical({'\u{1f600}': 1, '\ufb33': 2, 'a': '\u0007"\\\u20ac', '1': [-0 + 0]}),
      '{"1":[0],"a":"\\u0007\\"\\\\\u20ac","\u{1f600}":1,"\ufb33":2}',
    );
  });
});

test('schemas point at the place', () => {
  const schema = {
    type: 'object',
    required: ['a/b'],
    properties: {list: {type: 'array', items: {type: 'integer'}}},
  };
  const pointers = violations(schema, {list: [1, 'x']}).map((one) => one.pointer);
  assert.deepEqual(pointers, ['/a~1b', '/list/1']);
});

test('only days that there are', () => {
  const schema = {type: 'string', format: 'date'};
  const problems = (day) => violations(schema, day).length;
  assert.deepEqual(['2028-02-29', '2026-02-29', '2026-99-99', 'x'].map(problems), [0, 1, 1, 1]);
});

test('base58 keeps leading zeros', () =>
  assert.equal(multibase(Buffer.from('0000ff', 'hex')), 'z115Q'));

test('no event may follow an end', () => {
  assert.throws(() => follow({...START, state: 'granted'}, {type: 'accepted', data: {}}));
});

describe('the journal', () => {
  const record = (one) => ({kind: 'x', one});
  const filled = async (name) => {
    const path = join(folder, name);
    const {journal} = await Journal.open(path);
    await Promise.all([1, 2, 3].map((one) => journal.append(record(one))));
    await journal.close();
    return path;
  };
  const read = async (path) => {
    const {journal, records} = await Journal.open(path);
    await journal.close();
    return records.slice(1).map((one) => one.one);
  };

  test('keeps the order', async () =>
    assert.deepEqual(await read(await filled('order')), [1, 2, 3]));

  test('forgets a line that a crash tore at any byte, and goes on', async () => {
    const whole = readFileSync(await filled('torn'));
    const last = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let end = last; end < whole.length; end += 1) {
      const path = join(folder, `torn-${end}`);
      writeFileSync(path, whole.subarray(0, end));
      assert.deepEqual(await read(path), [1, 2]);
      const {journal} = await Journal.open(path);
      await journal.append(record(4));
      await journal.close();
      assert.deepEqual(await read(path), [1, 2, 4]);
    }
  });

  test('does not start from a damaged history', async () => {
    const path = await filled('damaged');
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('\n') + 30] ^= 1;
    writeFileSync(path, bytes);
    await assert.rejects(Journal.open(path), /damaged/);
  });

  test('is not fooled by a foreign tail', async () => {
    const path = await filled('tail');
    appendFileSync(path, createHash('sha256').update('x').digest('hex'));
    assert.deepEqual(await read(path), [1, 2, 3]);
  });
});
