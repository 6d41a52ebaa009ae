// Other people's libraries, asked one question per line: {"ask": name, ...} gives one line of JSON.
// Nothing here decides anything: every answer is what a library said. No network: documents that a
// library wants to load come with the question, and what did not come is not there.
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {createPrivateKey, createPublicKey, sign as rawSign, verify as rawVerify} from 'node:crypto';
import {dirname, join} from 'node:path';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as ecdsaSuite from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as eddsaSuite from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as bitstring from '@digitalbazaar/vc-bitstring-status-list';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {ES256, ES384, digest, generateSalt} from '@sd-jwt/crypto-nodejs';
import {verifySDJWT} from '@meeco/sd-jwt';
import * as tokenList from '@sd-jwt/jwt-status-list';
import httpSignatures from 'http-message-signatures';
import * as messageSig from 'http-message-sig';
import * as jose from 'jose';
import jsonld from 'jsonld';

const require = createRequire(import.meta.url);
const SUITES = {'ecdsa-jcs-2019': ecdsaSuite, 'eddsa-jcs-2022': eddsaSuite};
const CURVES = {ES256, ES384};
const ALGORITHMS = {'P-256': 'ES256', 'P-384': 'ES384', Ed25519: 'Ed25519'};
const keys = new Map();

// --- W3C credentials: @digitalbazaar/vc ----------------------------------------------------------

/** A loader of what came with the question; a fragment names a member of its document. */
function loaderOf(documents) {
  return async url => {
    const [base, fragment] = url.split('#');
    const document = documents[url] ?? documents[base];
    if(document === undefined) {
      return vc.defaultDocumentLoader(url);
    }
    if(fragment === undefined || documents[url] !== undefined) {
      return {documentUrl: url, document};
    }
    const method = (document.verificationMethod ?? []).find(one => one.id === url);
    if(method === undefined) {
      throw new Error(`${url} is not in its document`);
    }
    return {
      documentUrl: url,
      document: {'@context': 'https://w3id.org/security/multikey/v1', ...method}
    };
  };
}

function verifySuites() {
  return Object.values(SUITES).map(
    one => new DataIntegrityProof({cryptosuite: one.createVerifyCryptosuite()}));
}

function whyNot(result) {
  const found = [result.error, ...(result.error?.errors ?? []), result.statusResult?.error];
  return found.filter(Boolean).map(one => one.message).join('; ') || 'not verified';
}

async function vcVerify({text, documents = {}, now, status = 'let-pass'}) {
  const result = await vc.verifyCredential({
    credential: JSON.parse(text), suite: verifySuites(), documentLoader: loaderOf(documents), now,
    checkStatus: status === 'lists' ? bitstring.checkStatus : async () => ({verified: true})
  });
  return {
    accepted: result.verified,
    why: result.verified ? '' : whyNot(result),
    taken_back: (result.statusResult?.results ?? [])
      .filter(one => one.status).map(one => one.credentialStatus.statusPurpose)
  };
}

async function makeKey({id, controller, curve}) {
  const made = curve === 'Ed25519' ?
    await Ed25519Multikey.generate({controller}) :
    await EcdsaMultikey.generate({controller, curve});
  made.id = `${controller}#${made.publicKeyMultibase}`;
  keys.set(id, made);
  return {publicKeyMultibase: made.publicKeyMultibase};
}

async function vcIssue({text, key, now}) {
  const pair = keys.get(key);
  const suite = SUITES[pair.publicKeyMultibase.startsWith('z6Mk') ?
    'eddsa-jcs-2022' : 'ecdsa-jcs-2019'];
  const issued = await vc.issue({
    credential: JSON.parse(text), now, documentLoader: loaderOf({}),
    suite: new DataIntegrityProof({
      signer: pair.signer(), cryptosuite: suite.createSignCryptosuite(), date: now
    })
  });
  return {text: JSON.stringify(issued)};
}

async function bitstringRead({text, indices}) {
  const {credentialSubject: {encodedList}} = JSON.parse(text);
  const list = await bitstring.decodeList({encodedList});
  return {length: list.length, values: indices.map(one => list.getStatus(one))};
}

async function bitstringWrite({id, issuer, length, set, statusPurpose, validFrom, validUntil}) {
  const list = await bitstring.createList({length});
  set.forEach(one => list.setStatus(one, true));
  const credential = await bitstring.createCredential({id, list, statusPurpose});
  return {text: JSON.stringify({...credential, issuer, validFrom, validUntil})};
}

/** What a JSON-LD processor makes of a document; in safe mode it refuses to lose a single word. */
async function jsonldRead({text, contexts}) {
  const documentLoader = async url => url in contexts ?
    {documentUrl: url, document: contexts[url]} : vc.defaultDocumentLoader(url);
  const quads = await jsonld.canonize(
    JSON.parse(text), {algorithm: 'RDFC-1.0', safe: true, documentLoader});
  return {accepted: true, quads};
}

// --- SD-JWT VC: @sd-jwt/sd-jwt-vc ----------------------------------------------------------------

async function sdJwtVerify({text, jwk, now, nonce, list}) {
  const verifier = await CURVES[ALGORITHMS[jwk.crv]].getVerifier(jwk);
  const instance = new SDJwtVcInstance({
    hasher: digest, hashAlg: 'sha-256', verifier,
    kbVerifier: async (data, signature, payload) =>
      (await ES256.getVerifier(payload.cnf.jwk))(data, signature),
    statusListFetcher: async () => {
      if(list === undefined) {
        throw new Error('no status list came with the question');
      }
      return list;
    }
  });
  const found = await instance.verify(text, {
    currentDate: now, ...(nonce === undefined ? {} : {keyBindingNonce: nonce})
  });
  return {accepted: true, claims: found.payload, binding: found.kb?.payload};
}

/** Another library for the same thing; it leaves both signatures to its caller, here to jose. */
async function meecoVerify({text, jwk, now, nonce, audience}) {
  const currentDate = new Date(now * 1000);
  const claims = await verifySDJWT(
    text,
    async token => Boolean(await jose.jwtVerify(
      token, await jose.importJWK(jwk, ALGORITHMS[jwk.crv]), {typ: 'dc+sd-jwt', currentDate})),
    async () => data => Buffer.from(digest(data)).toString('base64url'),
    nonce === undefined ? undefined : {kb: {verifier: async (binding, holder) => {
      const {payload} = await jose.jwtVerify(
        binding, await jose.importJWK(holder, 'ES256'), {typ: 'kb+jwt', audience, currentDate});
      return payload.nonce === nonce;
    }}});
  return {accepted: true, claims};
}

async function sdJwtIssue({payload, frame, header, alg = 'ES256'}) {
  const pair = await CURVES[alg].generateKeyPair();
  const holder = await ES256.generateKeyPair();
  const instance = new SDJwtVcInstance({
    hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt,
    signer: await CURVES[alg].getSigner(pair.privateKey), signAlg: alg,
    kbSigner: await ES256.getSigner(holder.privateKey), kbSignAlg: 'ES256'
  });
  const {kty, crv, x, y} = holder.publicKey;
  const text = await instance.issue(
    {...payload, cnf: {jwk: {kty, crv, x, y}}}, frame, {header});
  const name = `holder-${keys.size}`;
  keys.set(name, instance);
  return {text, jwk: pair.publicKey, holder: name};
}

async function sdJwtPresent({text, frame, holder, binding}) {
  return {text: await keys.get(holder).present(text, frame, {kb: {payload: binding}})};
}

async function sdJwtBind({text, frame, holder, binding}) {
  // The holder's wallet is theirs, the certificate ours.
  const instance = new SDJwtVcInstance({
    hasher: digest, hashAlg: 'sha-256',
    kbSigner: await ES256.getSigner(holder), kbSignAlg: 'ES256'
  });
  return {text: await instance.present(text, frame, {kb: {payload: binding}})};
}

// --- Token Status Lists: @sd-jwt/jwt-status-list -------------------------------------------------

async function tokenListRead({text, indices}) {
  const list = tokenList.getListFromStatusListJWT(text);
  return {length: list.statusList.length, values: indices.map(one => list.getStatus(one))};
}

async function tokenListWrite({length, set, payload, header, jwk}) {
  const values = new Array(length).fill(0);
  Object.entries(set).forEach(([index, value]) => {
    values[Number(index)] = value;
  });
  const made = tokenList.createHeaderAndPayload(
    new tokenList.StatusList(values, 2), payload, {alg: 'ES256', ...header});
  return joseSign({...made, jwk});
}

// --- JWS: jose -----------------------------------------------------------------------------------

async function joseVerify({text, jwk, typ, now}) {
  const found = await jose.jwtVerify(
    text, await jose.importJWK(jwk, ALGORITHMS[jwk.crv]), {typ, currentDate: new Date(now * 1000)});
  return {accepted: true, payload: found.payload, header: found.protectedHeader};
}

/** Every signature of a JWS in general JSON form, each with the key that its `kid` names. */
async function joseVerifyGeneral({text, jwks}) {
  const document = JSON.parse(text);
  const signers = [];
  for(const signature of document.signatures) {
    const one = {payload: document.payload, signatures: [signature]};
    const found = await jose.generalVerify(one, async header =>
      jose.importJWK(jwks[header.kid], header.alg));
    signers.push(found.protectedHeader.kid);
  }
  return {accepted: true, signers};
}

/** Signs with the key that came with the question, or with a new one. */
async function joseSign({payload, header, jwk}) {
  const {publicKey, privateKey} = jwk === undefined ?
    await jose.generateKeyPair(header.alg, {extractable: true}) :
    {publicKey: undefined, privateKey: await jose.importJWK(jwk, header.alg)};
  const text = await new jose.SignJWT(payload).setProtectedHeader(header).sign(privateKey);
  return {text, jwk: publicKey && await jose.exportJWK(publicKey)};
}

// --- logs: @sigstore/verify ----------------------------------------------------------------------

async function logCheck({entry, index, hashes, checkpoint, key, id, name}) {
  const base = dirname(require.resolve('@sigstore/verify/package.json'));
  const {verifyCheckpoint} = require(join(base, 'dist/tlog/checkpoint.js'));
  const {verifyMerkleInclusion} = require(join(base, 'dist/tlog/merkle.js'));
  const bytes = text => Buffer.from(text, 'base64');
  const publicKey = createPublicKey({key: bytes(key), format: 'der', type: 'spki'});
  const logged = {
    canonicalizedBody: bytes(entry),
    inclusionProof: {
      logIndex: String(index), hashes: hashes.map(bytes), checkpoint: {envelope: checkpoint}
    }
  };
  const log = {logID: bytes(id), baseURL: name, publicKey};
  verifyMerkleInclusion(logged, verifyCheckpoint(logged, [log]));
  return {accepted: true};
}

// --- RFC 9421: http-message-signatures, http-message-sig -----------------------------------------

const {httpbis, createSigner, createVerifier} = httpSignatures;
/** What the raw primitive of node needs; one of the libraries brings no primitive of its own. */
const RAW = {
  ed25519: key => [null, key],
  'ecdsa-p256-sha256': key => ['sha256', {key, dsaEncoding: 'ieee-p1363'}]
};

async function messageSign({method, url, headers, components, parameters, alg, pem}) {
  const moments = Object.fromEntries(
    ['created', 'expires'].map(name => [name, new Date(parameters[name] * 1000)]));
  return httpbis.signMessage({
    key: createSigner(pem, alg, parameters.keyid), fields: components,
    params: [...Object.keys(parameters), 'alg'], paramValues: {...parameters, ...moments}
  }, {method, url, headers});
}

async function messageVerify({method, url, headers, alg, pem, keyid}) {
  const key = {id: keyid, algs: [alg], verify: createVerifier(pem, alg)};
  const accepted = await httpbis.verifyMessage(
    {keyLookup: async found => found.keyid === keyid ? key : null}, {method, url, headers});
  return {accepted: accepted === true};
}

async function messageSigSign({method, url, headers, components, parameters, alg, pem}) {
  const [hash, key] = RAW[alg](createPrivateKey(pem));
  const signer = {algorithm: alg, sign: async data => new Uint8Array(rawSign(hash, data, key))};
  const request = new Request(url, {method, headers});
  const made = await messageSig.createSignature(
    request, {label: 'sig1', components, parameters, signer});
  return {headers: Object.fromEntries(messageSig.appendSignature(request.headers, made))};
}

async function messageSigVerify({method, url, headers, components, alg, pem, keyid}) {
  const [hash, key] = RAW[alg](createPublicKey(pem));
  const verifier = {
    algorithm: alg, verify: async (data, signature) => rawVerify(hash, data, key, signature)
  };
  await messageSig.verifySignature(new Request(url, {method, headers}), {
    policy: {
      algorithms: [alg], requiredComponents: components, maxAge: 300, clockSkew: 60,
      requiredParameters: ['created', 'expires', 'keyid', 'tag']
    },
    resolveVerifier: found => found.parameters.keyid === keyid ? verifier : undefined
  });
  return {accepted: true};
}

// --- how fast ------------------------------------------------------------------------------------

const BENCHED = {'vc.verify': vcVerify, 'vc.issue': vcIssue, 'jose.verify': joseVerify,
  'sdjwt.verify': sdJwtVerify};

/** Microseconds of CPU time (all threads) and of wall time for one call, of `calls` in turn. */
async function bench({of, calls, question}) {
  const work = BENCHED[of];
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  for(let n = 0; n < calls; n++) {
    const {accepted = true, why} = await work(question);
    if(!accepted) {
      throw new Error(why);
    }
  }
  const {user, system} = process.cpuUsage(cpu);
  const spent = Number(process.hrtime.bigint() - wall) / 1000;
  return {cpu_us: (user + system) / calls, wall_us: spent / calls};
}

const ASKS = {
  'vc.verify': vcVerify, 'vc.issue': vcIssue, 'key.make': makeKey,
  'jsonld.read': jsonldRead, 'bitstring.read': bitstringRead, 'bitstring.write': bitstringWrite,
  'sdjwt.verify': sdJwtVerify, 'sdjwt.issue': sdJwtIssue, 'sdjwt.present': sdJwtPresent,
  'sdjwt.bind': sdJwtBind, 'meeco.verify': meecoVerify,
  'tokenlist.read': tokenListRead, 'tokenlist.write': tokenListWrite,
  'jose.verify': joseVerify, 'jose.general': joseVerifyGeneral, 'jose.sign': joseSign,
  'log.check': logCheck, bench,
  'http-message-signatures.sign': messageSign, 'http-message-signatures.verify': messageVerify,
  'http-message-sig.sign': messageSigSign, 'http-message-sig.verify': messageSigVerify
};

for await (const line of createInterface({input: process.stdin, crlfDelay: Infinity})) {
  const {ask, ...question} = JSON.parse(line);
  let answer;
  try {
    answer = await ASKS[ask](question);
  } catch(error) {
    answer = {accepted: false, why: `${error?.name ?? 'error'}: ${error?.message ?? error}`};
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
