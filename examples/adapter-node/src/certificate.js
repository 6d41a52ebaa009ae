/** The permit as a W3C Verifiable Credential 2.0, sealed with `eddsa-jcs-2022`. */

import {sign} from 'node:crypto';
import {canonical, sha256} from './canonical.js';
import {multibase} from './keys.js';

const CONTEXT = [
  'https://www.w3.org/ns/credentials/v2',
  'https://www.w3.org/ns/credentials/undefined-terms/v2',
];
const IN_BEIJING = '+08:00';

/** Return the signed credential for what was granted. */
export function permit(granted, {issuer, seal, createdAt}) {
  const {number, validFrom, validUntil, holder, result, evidence, title, type} = granted;
  const document = {
    '@context': CONTEXT,
    'id': `${issuer.id}/permits/${number}`,
    'type': ['VerifiableCredential', 'OneServiceCertificate'],
    'name': inLanguages(title),
    'issuer': {id: issuer.id, name: inLanguages(issuer.name), region: issuer.region},
    'validFrom': `${validFrom}T00:00:00${IN_BEIJING}`,
    'validUntil': `${validUntil}T23:59:59${IN_BEIJING}`,
    'credentialSubject': {
      certificateType: type,
      conditions: [],
      holderCode: holder.code,
      holderName: holder.name,
      number,
      result,
    },
    'evidence': [{type: ['CaseRecord'], ...evidence}],
    'isSandbox': issuer.isSandbox,
  };
  return sealed(document, seal, createdAt);
}

/** Add a proof (W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3). */
export function sealed(document, {key, method}, createdAt) {
  const options = {
    '@context': document['@context'],
    'type': 'DataIntegrityProof',
    'cryptosuite': 'eddsa-jcs-2022',
    'created': `${createdAt.toISOString().slice(0, 19)}Z`,
    'verificationMethod': method,
    'proofPurpose': 'assertionMethod',
  };
  const covered = Buffer.concat([sha256(canonical(options)), sha256(canonical(document))]);
  const proofValue = multibase(sign(null, covered, key));
  return {...document, proof: {...options, proofValue}};
}

function inLanguages(text) {
  return Object.entries(text).map(([language, value]) => ({
    '@language': language,
    '@value': value,
  }));
}
