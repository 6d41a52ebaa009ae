/** The office's two keys, made once and kept in its folder; and other people's public keys. */

import {createPrivateKey, createPublicKey, ECDH, generateKeyPairSync} from 'node:crypto';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {writeDurably} from './files.js';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ED25519_MULTICODEC = Buffer.from([0xed, 0x01]);

/** Return the Ed25519 key in `folder`, made if there is none: `{key, raw, multikey}`. */
export function ownKey(folder, name) {
  const path = join(folder, name);
  if (!existsSync(path)) {
    const {privateKey} = generateKeyPairSync('ed25519');
    writeDurably(path, privateKey.export({type: 'pkcs8', format: 'pem'}), 0o600);
  }
  const key = createPrivateKey(readFileSync(path));
  const raw = Buffer.from(createPublicKey(key).export({format: 'jwk'}).x, 'base64url');
  return {key, raw, multikey: multibase(Buffer.concat([ED25519_MULTICODEC, raw]))};
}

/** Return a registered caller's key: 32 bytes of Ed25519, or a point of P-256, in base64. */
export function publicKey(alg, base64) {
  const bytes = Buffer.from(base64, 'base64');
  if (alg === 'ed25519') {
    const jwk = {kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url')};
    return createPublicKey({key: jwk, format: 'jwk'});
  }
  if (alg !== 'ecdsa-p256-sha256') throw new Error(`the algorithm ${alg} is not known here`);
  const point = ECDH.convertKey(bytes, 'prime256v1', undefined, undefined, 'uncompressed');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) =>
    one.toString('base64url'),
  );
  return createPublicKey({key: {kty: 'EC', crv: 'P-256', x, y}, format: 'jwk'});
}

/** Return bytes as base58btc with the multibase letter `z`. */
export function multibase(bytes) {
  let number = BigInt(`0x${bytes.toString('hex') || '0'}`);
  let digits = '';
  for (; number > 0n; number /= 58n) digits = BASE58[Number(number % 58n)] + digits;
  const zeros = bytes.findIndex((one) => one !== 0);
  return `z${'1'.repeat(zeros === -1 ? bytes.length : zeros)}${digits}`;
}
