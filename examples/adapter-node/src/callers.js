/** Who may call: registered out of band, in `callers.json`; without it only this machine. */

import {readFileSync} from 'node:fs';
import {publicKey} from './keys.js';
import {Refusal} from './problems.js';
import {verifyRequest} from './signatures.js';

const NOBODY_IN_PARTICULAR = {id: 'loopback', callbacks: {}};
const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

export class Callers {
  #byId = new Map();
  #byKey = new Map();

  constructor(entries) {
    for (const {keys = [], ...caller} of entries) {
      this.#byId.set(caller.id, {callbacks: {}, ...caller});
      for (const {keyid, alg, public_key, not_after} of keys) {
        if (this.#byKey.has(keyid)) throw new Error(`the key ${keyid} is registered twice`);
        const notAfter = not_after ? Date.parse(not_after) : Infinity;
        this.#byKey.set(keyid, {alg, key: publicKey(alg, public_key), caller: caller.id, notAfter});
      }
    }
  }

  static read(path) {
    return new Callers(path ? JSON.parse(readFileSync(path, 'utf8')) : []);
  }

  get areRegistered() {
    return this.#byId.size > 0;
  }

  get(id) {
    return this.#byId.get(id) ?? NOBODY_IN_PARTICULAR;
  }

  /** Return who calls; throws a 401. */
  identify(message, remoteAddress, now) {
    if (!this.areRegistered) {
      if (LOOPBACK.test(remoteAddress ?? '')) return NOBODY_IN_PARTICULAR;
      throw new Refusal('unauthenticated');
    }
    const counts = (keyid) => {
      const found = this.#byKey.get(keyid);
      return found && now.getTime() <= found.notAfter ? found : undefined;
    };
    return this.get(verifyRequest(message, counts, now).caller);
  }
}
