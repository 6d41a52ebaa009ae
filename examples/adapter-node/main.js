#!/usr/bin/env node
/** A drainage office behind the adapter protocol: `node main.js --dir FOLDER [options]`. */

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {Callbacks} from './src/callbacks.js';
import {Callers} from './src/callers.js';
import {clockOf} from './src/clock.js';
import {Documents} from './src/documents.js';
import {Filing} from './src/filing.js';
import {lockFolder, writeDurably} from './src/files.js';
import {Journal} from './src/journal.js';
import {ownKey} from './src/keys.js';
import {report} from './src/log.js';
import {DrainageOffice} from './src/office.js';
import {Pace} from './src/pace.js';
import {Register} from './src/register.js';
import {RehearsalOffice} from './src/rehearsal.js';
import {serverOf} from './src/server.js';
import {Service} from './src/service.js';

const DEPARTMENT = 'drainage';
const NAME = {zh: '示例市水务局', en: 'Water Bureau of Sample City'};
const LOOK_EVERY_MS = 250;
const GOING_HOME_MS = 2000;
const TIDY_EVERY_MS = 3_600_000;
const OPTIONS = {
  'dir': {type: 'string'},
  'host': {type: 'string', default: '127.0.0.1'},
  'port': {type: 'string', default: '0'},
  'base-url': {type: 'string'},
  'region': {type: 'string', default: '990101'},
  'callers': {type: 'string'},
  'clock': {type: 'string'},
  'decide-after': {type: 'string', default: '172800'},
  'until-stdin-closes': {type: 'boolean', default: false},
  'test-step': {type: 'boolean', default: false},
  'in-flight': {type: 'string', default: '16'},
  'per-minute': {type: 'string', default: '600'},
  'deprecated-at': {type: 'string'},
  'sunset-at': {type: 'string'},
  'successor': {type: 'string'},
};

async function main() {
  const {values: options} = parseArgs({options: OPTIONS});
  if (!options.dir) throw new Error('name the folder of the office: --dir FOLDER');
  mkdirSync(options.dir, {recursive: true});
  await lockFolder(options.dir);
  const now = clockOf(options.clock);
  const register = new Register(await Journal.open(join(options.dir, 'journal')));
  const documents = new Documents(join(options.dir, 'documents'));
  const callers = Callers.read(options.callers);
  const {issuer, seal, signer, card, publicKeys} = identity(options);
  writeDurably(join(options.dir, 'office.json'), JSON.stringify(card, null, 2));
  const issue = (...what) => documents.issue(...what);
  const decideAfterMs = Number(options['decide-after']) * 1000;
  const offices = [new DrainageOffice({issuer, seal, issue, decideAfterMs})];
  if (options['test-step']) offices.push(new RehearsalOffice({issue}));
  const limits = {
    body_bytes: 1_048_576,
    document_bytes: 20_971_520,
    in_flight: Number(options['in-flight']),
    per_minute: Number(options['per-minute']),
    retention_days: 400,
  };
  const filing = new Filing({
    register,
    offices,
    signer,
    department: DEPARTMENT,
    retentionDays: limits.retention_days,
  });
  const service = new Service({
    register,
    documents,
    callers,
    filing,
    now,
    limits,
    publicKeys,
    issuer,
    department: DEPARTMENT,
    pace: new Pace({inFlight: limits.in_flight, perMinute: limits.per_minute}),
    retirement: retirementOf(options),
  });
  const server = serverOf(service);
  server.listen(Number(options.port), options.host, () => {
    const here = `http://${options.host}:${server.address().port}/oneservice/v1`;
    service.baseUrl = new URL((options['base-url'] ?? here).replace(/\/+$/, ''));
    new Callbacks({register, callers, signer, now});
    console.log(JSON.stringify({url: service.baseUrl.href, pid: process.pid}));
  });
  setInterval(() => filing.look(now()).catch(report), LOOK_EVERY_MS).unref();
  setInterval(() => tidy(register, documents, now()).catch(report), TIDY_EVERY_MS).unref();
  if (options['until-stdin-closes']) process.stdin.resume().once('end', () => goHome(server));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => goHome(server));
}

/** Finish what is being answered; whatever was promised is on the disk already. */
function goHome(server) {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), GOING_HOME_MS).unref();
}

/** The office's keys and names: for messages, certificates, and the trust list's publisher. */
function identity({dir, region}) {
  const eventKey = ownKey(dir, 'event-key.pem');
  const sealKey = ownKey(dir, 'seal-key.pem');
  const id = `https://${DEPARTMENT}.${region}.example/issuer`;
  const method = `${id}#${sealKey.multikey}`;
  const keyid = `${DEPARTMENT}-${eventKey.multikey.slice(-8)}`;
  return {
    issuer: {id, name: NAME, region, isSandbox: true},
    seal: {key: sealKey.key, method},
    signer: {keyid, key: eventKey.key},
    publicKeys: [
      {
        keyid,
        alg: 'ed25519',
        public_key: eventKey.raw.toString('base64'),
        use: ['event', 'callback'],
      },
    ],
    card: {
      format: 'oneservice-office/1',
      department: DEPARTMENT,
      region,
      name: NAME,
      code: '',
      issuer_id: id,
      event_key: {keyid, alg: 'ed25519', public_key_multibase: eventKey.multikey},
      seal: {
        verification_method: method,
        suite: 'eddsa-jcs-2022',
        public_key_multibase: sealKey.multikey,
      },
      certificate_types: ['drainage_permit'],
    },
  };
}

function retirementOf(options) {
  if (!options['sunset-at']) return undefined;
  return {
    deprecated_at: options['deprecated-at'],
    sunset_at: options['sunset-at'],
    successor: options.successor,
  };
}

/** Let documents go that nothing named within a day. */
async function tidy(register, documents, now) {
  for (const {caller, digest} of [...register.forgotten(now)]) {
    await register.record({kind: 'forgotten', caller, digest});
    documents.remove(caller, digest);
  }
}

main().catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
