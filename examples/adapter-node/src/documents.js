/** Bytes by digest, a name space for each caller. A file counts once the journal names it. */

import {createHash, randomUUID} from 'node:crypto';
import {createReadStream, existsSync, mkdirSync, readdirSync, rmSync} from 'node:fs';
import {open, rename} from 'node:fs/promises';
import {join} from 'node:path';
import {digest, sha256} from './canonical.js';
import {syncFolder, writeDurably} from './files.js';

const UNFINISHED = /\.(part|new)$/;

export class Documents {
  #folder;

  constructor(folder) {
    this.#folder = folder;
    mkdirSync(folder, {recursive: true});
    for (const one of readdirSync(folder)) if (UNFINISHED.test(one)) rmSync(join(folder, one));
  }

  /** Take in pieces: `{hash, keep, drop}`; nothing stays unless `keep` is called. */
  async receive(pieces) {
    const path = join(this.#folder, `${randomUUID()}.part`);
    const hash = createHash('sha256');
    const file = await open(path, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const piece of pieces) {
        hash.update(piece);
        await file.write(piece);
        bytes += piece.length;
      }
      await file.sync();
    } catch (error) {
      rmSync(path, {force: true});
      throw error;
    } finally {
      await file.close();
    }
    const keep = async (caller, name) => {
      await rename(path, this.#path(caller, name));
      syncFolder(this.#folder);
    };
    return {hash: hash.digest(), bytes, keep, drop: () => rmSync(path, {force: true})};
  }

  /** Keep a text of our own; returns how an outcome names it. */
  issue(caller, text, mediaType) {
    const bytes = Buffer.from(text);
    const name = digest(bytes);
    if (!existsSync(this.#path(caller, name))) writeDurably(this.#path(caller, name), bytes, 0o600);
    return {digest: name, media_type: mediaType, bytes: bytes.length};
  }

  stream(caller, name, range) {
    return createReadStream(this.#path(caller, name), range);
  }

  remove(caller, name) {
    rmSync(this.#path(caller, name), {force: true});
  }

  #path(caller, name) {
    const owner = sha256(caller).toString('hex').slice(0, 16);
    return join(this.#folder, `${owner}-${name.slice('sha256:'.length)}`);
  }
}
