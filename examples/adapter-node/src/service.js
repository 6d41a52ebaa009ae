/** The resources of section 2, and what stands behind each. */

import {canonical, digest} from './canonical.js';
import {Feed, headOf, integer, isArchived, statusOf} from './feed.js';
import {Refusal} from './problems.js';
import {ZONE} from './says.js';
import {checkDigest} from './signatures.js';

const ID = '((?!\\.\\.?(?:/|$))[A-Za-z0-9._-]{1,96})';
const DIGEST = '/documents/sha256-([0-9a-f]{64})';
const DAY_MS = 86_400_000;
const RANGE = /^bytes=(\d*)-(\d*)$/;

export class Service {
  /** See `main.js` for the parts. */
  constructor(parts) {
    Object.assign(this, parts);
    this.feed = new Feed(this.register, this.limits.retention_days);
    this.retirementFields = retirementFields(this.retirement);
    this.routes = [
      ['GET', '/capabilities', {run: (asked) => this.#capabilities(asked)}],
      ['PUT', `/submissions/${ID}`, {isJson: true, run: (asked) => this.#submit(asked)}],
      ['GET', `/submissions/${ID}`, {run: (asked) => this.#status(asked)}],
      [
        'PUT',
        `/submissions/${ID}/supplements/${ID}`,
        {isJson: true, run: (asked) => this.#add('supplement', asked)},
      ],
      [
        'PUT',
        `/submissions/${ID}/withdrawals/${ID}`,
        {isJson: true, run: (asked) => this.#add('withdraw', asked)},
      ],
      ['GET', '/changes', {run: (asked) => this.#changes(asked)}],
      ['PUT', DIGEST, {isDocument: true, run: (asked) => this.#upload(asked)}],
      ['HEAD', DIGEST, {run: (asked) => this.#download(asked)}],
      ['GET', DIGEST, {run: (asked) => this.#download(asked)}],
    ].map(([method, path, route]) => ({method, path: new RegExp(`^${path}$`), route}));
  }

  /** Return the route of a path under the base; throws `unknown-path`, `method-not-allowed`. */
  routeOf(method, path) {
    const there = this.routes.filter((one) => path !== null && one.path.test(path));
    if (there.length === 0) throw new Refusal('unknown-path');
    const found = there.find((one) => one.method === method);
    if (!found) {
      const headers = {Allow: there.map((one) => one.method).join(', ')};
      throw new Refusal('method-not-allowed', {headers});
    }
    return {route: found.route, params: found.path.exec(path).slice(1)};
  }

  #capabilities({request, now}) {
    const tomorrow = new Date(Math.ceil((now.getTime() + DAY_MS) / DAY_MS) * DAY_MS);
    const {issuer, department} = this;
    const body = {
      protocol: ['1.0'],
      department: {id: department, name: issuer.name, region: issuer.region, zone: ZONE},
      base_url: this.baseUrl.href,
      valid_until: tomorrow.toISOString(),
      steps: [...this.filing.offices.values()].map((one) => one.step),
      features: ['documents', 'wait', 'callbacks'],
      limits: this.limits,
      authentication: [],
      keys: this.publicKeys,
    };
    return unlessSame(request, digest(canonical(body)), body);
  }

  async #submit(asked) {
    const {
      caller,
      params: [id],
    } = asked;
    const isNew = await this.filing.submit(caller, id, asked.bytes, proven(asked));
    return json(isNew ? 201 : 200, statusOf(this.register.submission(caller.id, id)));
  }

  async #add(what, asked) {
    const {
      caller,
      params: [id, sid],
    } = asked;
    await this.filing.look(asked.now);
    this.#submission(asked, id);
    const isNew = await this.filing[what](caller, id, sid, asked.bytes, proven(asked));
    return json(isNew ? 201 : 200, statusOf(this.register.submission(caller.id, id)));
  }

  async #status(asked) {
    const after = integer(queryOf(asked), 'after', 0);
    await this.filing.look(asked.now);
    const submission = this.#submission(asked, asked.params[0]);
    return unlessSame(asked.request, headOf(submission).digest, statusOf(submission, after));
  }

  async #changes(asked) {
    await this.filing.look(asked.now);
    return json(200, await this.feed.page(asked.caller.id, queryOf(asked), asked));
  }

  async #upload({caller, now, params: [hex], request, message, pieces}) {
    const name = `sha256:${hex}`;
    const taken = await this.documents.receive(pieces);
    try {
      checkDigest(message, taken.hash, 422);
      if (taken.hash.toString('hex') !== hex) throw new Refusal('digest-mismatch', {status: 422});
    } catch (error) {
      taken.drop();
      throw error;
    }
    const isKnown = this.register.document(caller.id, name) !== undefined;
    await taken.keep(caller.id, name);
    const mediaType = request.headers['content-type'] ?? 'application/octet-stream';
    await this.register.record({
      kind: 'document',
      caller: caller.id,
      digest: name,
      media_type: mediaType,
      bytes: taken.bytes,
      recorded_at: now.toISOString(),
    });
    return json(isKnown ? 200 : 201, {digest: name, bytes: taken.bytes});
  }

  #download({caller, params: [hex], request}) {
    const name = `sha256:${hex}`;
    const known = this.register.document(caller.id, name);
    if (!known) throw new Refusal('unknown-document');
    const range = rangeOf(request.headers.range, known.bytes);
    const size = range ? range.end - range.start + 1 : known.bytes;
    const headers = {
      'Content-Type': known.media_type,
      'Content-Length': size,
      'Content-Disposition': 'attachment',
      'Accept-Ranges': 'bytes',
      'ETag': `"${name}"`,
      ...(range && {'Content-Range': `bytes ${range.start}-${range.end}/${known.bytes}`}),
    };
    if (request.method === 'HEAD')
      return {status: 200, headers: {...headers, 'Content-Length': known.bytes}};
    const stream = this.documents.stream(caller.id, name, range);
    return {status: range ? 206 : 200, headers, stream};
  }

  #submission({caller, now}, id) {
    const found = this.register.submission(caller.id, id);
    if (!found || this.#isArchived(found, now)) throw new Refusal('unknown-submission');
    return found;
  }

  #isArchived(submission, now) {
    return isArchived(submission, now, this.limits.retention_days);
  }
}

function json(status, body, headers = {}) {
  return {
    status,
    headers: {'Content-Type': 'application/json', ...headers},
    body: JSON.stringify(body),
  };
}

function unlessSame(request, tag, body) {
  const headers = {ETag: `"${tag}"`};
  const known = (request.headers['if-none-match'] ?? '').split(/\s*,\s*/);
  return known.includes(headers.ETag) ? {status: 304, headers} : json(200, body, headers);
}

function queryOf({query}) {
  return new URLSearchParams(query);
}

/** What the department keeps to prove what was asked, and by whom. */
function proven({message, now}) {
  const [input] = message.field('signature-input');
  const {method, authority, path, query} = message;
  const [signature, contentDigest] = ['signature', 'content-digest'].map(
    (name) => message.field(name)[0],
  );
  const evidence = input && {
    method,
    authority,
    path,
    query,
    input,
    signature,
    content_digest: contentDigest,
  };
  return {now, evidence};
}

function rangeOf(field, bytes) {
  const [, first, last] = RANGE.exec(field ?? '') ?? [];
  if (first === undefined || (first === '' && last === '')) return undefined; // the whole
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (start > end) throw new Refusal('range', {headers: {'Content-Range': `bytes */${bytes}`}});
  return {start, end};
}

function retirementFields(retirement) {
  if (!retirement) return {};
  return {
    Deprecation: `@${Date.parse(retirement.deprecated_at) / 1000}`,
    Sunset: new Date(retirement.sunset_at).toUTCString(),
    Link: `<${retirement.successor}>; rel="successor-version"`,
  };
}
