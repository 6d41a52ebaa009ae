/**
 * One file that only grows: a line per record, its checksum before it. A record counts when it is
 * on the disk; whatever came together is written together, with one flush for all.
 */

import {randomBytes} from 'node:crypto';
import {closeSync, existsSync, ftruncateSync, openSync, readFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import {dirname} from 'node:path';
import {sha256} from './canonical.js';
import {syncFolder} from './files.js';
import {report} from './log.js';
import {Refusal} from './problems.js';

const SUM_LENGTH = 16;
const RETRY_S = '30';

export class Journal {
  #file;
  #length;
  #waiting = [];
  #isWriting = false;
  #isBroken = false;

  /** Open or make the file: `{journal, records}`. A line torn by a crash was never promised. */
  static async open(path) {
    if (!existsSync(path)) {
      closeSync(openSync(path, 'wx', 0o600));
      syncFolder(dirname(path));
    }
    const journal = new Journal();
    journal.#file = await open(path, 'r+');
    const {records, length} = read(readFileSync(path), path);
    ftruncateSync(journal.#file.fd, length);
    journal.#length = length;
    if (records.length === 0) {
      records.push({kind: 'opened', epoch: randomBytes(6).toString('hex')});
      await journal.append(records[0]);
    }
    return {journal, records};
  }

  /** Write a record; resolves when it is durable. Throws `unavailable` when it cannot be. */
  append(record) {
    const {promise, resolve, reject} = withResolvers();
    this.#waiting.push({line: lineOf(record), resolve, reject});
    if (!this.#isWriting) this.#flush();
    return promise;
  }

  async close() {
    await this.#file.close();
  }

  async #flush() {
    this.#isWriting = true;
    while (this.#waiting.length) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.concat(batch.map((one) => one.line)));
        for (const one of batch) one.resolve();
      } catch (error) {
        report(error);
        for (const one of batch) one.reject(unavailable());
      }
    }
    this.#isWriting = false;
  }

  async #write(bytes) {
    if (this.#isBroken) throw new Error('the file is not written any more');
    try {
      for (let done = 0; done < bytes.length;) {
        const {bytesWritten} = await this.#file.write(
          bytes,
          done,
          bytes.length - done,
          this.#length + done,
        );
        done += bytesWritten;
      }
    } catch (error) {
      // What is half there was refused, so it must not be found by the next start.
      await this.#file.truncate(this.#length).catch(() => (this.#isBroken = true));
      throw error;
    }
    await this.#file.datasync().catch((error) => {
      this.#isBroken = true; // nobody knows what is on the disk now: only a new start can tell
      throw error;
    });
    this.#length += bytes.length;
  }
}

function lineOf(record) {
  const text = JSON.stringify(record);
  return Buffer.from(`${sum(text)} ${text}\n`);
}

function read(bytes, path) {
  const records = [];
  let length = 0;
  while (length < bytes.length) {
    const end = bytes.indexOf(0x0a, length);
    const line = bytes.toString('utf8', length, end === -1 ? bytes.length : end);
    const text = line.slice(SUM_LENGTH + 1);
    if (end === -1 || line.slice(0, SUM_LENGTH) !== sum(text)) {
      if (end !== -1 && end !== bytes.length - 1) {
        throw new Error(`${path} is damaged at byte ${length}: restore it from a backup`);
      }
      break;
    }
    records.push(JSON.parse(text));
    length = end + 1;
  }
  return {records, length};
}

function sum(text) {
  return sha256(text).toString('hex').slice(0, SUM_LENGTH);
}

function unavailable() {
  return new Refusal('unavailable', {headers: {'Retry-After': RETRY_S}});
}

function withResolvers() {
  const found = {};
  found.promise = new Promise((resolve, reject) => Object.assign(found, {resolve, reject}));
  return found;
}
