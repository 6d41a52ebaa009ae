/** HTTP around the service: header fields, bodies within limits, problem documents, a log line. */

import http from 'node:http';
import {CallerGone, pieces, readAll} from './body.js';
import {sha256} from './canonical.js';
import {log, report} from './log.js';
import {Refusal} from './problems.js';
import {checkDigest} from './signatures.js';

const VERSION = '1.0';
const HEADER_BYTES = 32_768;
const HEADER_DEADLINE_MS = 10_000;
const JSON_DEADLINE_MS = 10_000;
const DOCUMENT_DEADLINE_MS = 60_000;
const IDLE_MS = 80_000;
const SILENT_MS = 120_000;
const MOST_CONNECTIONS = 1000;
const LINGER_MS = 300;
const RETRY_S = '30';
const DISK_ERRORS = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'];
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** Return a server that is not listening yet. `service` is what `service.js` makes. */
export function serverOf(service) {
  const handle = (request, response) => {
    answer(service, request, response).catch((error) => {
      report(error);
      response.destroy();
    });
  };
  const server = http.createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADER_DEADLINE_MS,
      requestTimeout: 0, // bodies have deadlines of their own
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false, // what it says counts for nothing here
    },
    handle,
  );
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('clientError', answerNoRequest);
  server.timeout = SILENT_MS; // nobody may keep a connection by reading nothing
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

async function answer(service, request, response) {
  const began = performance.now();
  const traceparent = request.headers.traceparent;
  const trace = TRACE.exec(traceparent ?? '')?.[1];
  const seen = {method: request.method, path: null, caller: null};
  let found;
  try {
    found = await respond(service, request, response, seen);
  } catch (error) {
    found = error instanceof CallerGone ? {status: 0} : problem(error, trace);
  }
  const {end, ...line} = seen;
  if (response.closed || found.status === 0) end?.();
  else if (end) response.once('close', end);
  if (found.status) send(service, request, response, found);
  const ms = Math.round(performance.now() - began);
  log({level: 'info', ...line, status: found.status, traceparent, ms});
}

async function respond(service, request, response, seen) {
  const message = messageOf(service, request);
  if (request.headers['oneservice-version'] !== VERSION) {
    throw new Refusal('unsupported-version', {supported: [VERSION]});
  }
  const now = service.now();
  const caller = service.callers.identify(message, request.socket.remoteAddress, now);
  seen.caller = caller.id;
  const {route, params} = service.routeOf(message.method, message.rest);
  seen.path = message.rest; // ids only: an unknown path might hold anything
  seen.end = service.pace.begin(caller.id);
  const isGone = () => response.destroyed;
  const asked = {caller, now, params, query: message.query, request, message, isGone};
  const taken = await taking(service, route, asked, response);
  return {...(await route.run({...asked, ...taken})), caller};
}

/** Return the body, or its pieces where it is a document, within the limits of its kind. */
async function taking(service, route, {request, message}, response) {
  const {body_bytes: bodyBytes, document_bytes: documentBytes} = service.limits;
  const bounds = route.isDocument
    ? {limit: documentBytes, deadlineMs: DOCUMENT_DEADLINE_MS}
    : {limit: bodyBytes, deadlineMs: JSON_DEADLINE_MS};
  if (route.isJson) checkMediaType(request);
  const isWaiting = /^100-continue$/i.test(request.headers.expect ?? '');
  const isTooLarge = Number(request.headers['content-length'] ?? 0) > bounds.limit;
  if (isWaiting && !isTooLarge) response.writeContinue();
  if (route.isDocument) return {pieces: pieces(request, bounds)};
  const bytes = await readAll(request, bounds);
  checkDigest(message, sha256(bytes));
  return {bytes};
}

function messageOf(service, request) {
  const [rawPath, ...rest] = request.url.split('?');
  const query = rest.length ? `?${rest.join('?')}` : '';
  const {host: authority, pathname} = service.baseUrl;
  return {
    method: request.method,
    authority,
    path: rawPath,
    query,
    rest: rawPath.startsWith(`${pathname}/`) ? rawPath.slice(pathname.length) : null,
    field: (name) => lines(request, name),
  };
}

function lines({rawHeaders}, name) {
  const found = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at].toLowerCase() === name) found.push(rawHeaders[at + 1]);
  }
  return found;
}

function checkMediaType(request) {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal('media-type', {detail: 'application/json is expected'});
  }
}

function problem(error, trace) {
  if (!(error instanceof Refusal)) {
    report(error);
    error = DISK_ERRORS.includes(error.code)
      ? new Refusal('unavailable', {headers: {'Retry-After': RETRY_S}})
      : new Refusal('internal');
  }
  return {
    status: error.status,
    headers: {...error.headers, 'Content-Type': 'application/problem+json'},
    body: JSON.stringify(error.document(trace)),
  };
}

function send(service, request, response, {status, headers = {}, body = '', stream, caller}) {
  const fields = {
    'OneService-Version': VERSION,
    'Cache-Control': 'no-store',
    ...service.retirementFields,
    ...(caller && service.pace.fields(caller.id)),
    ...headers,
  };
  if (stream) {
    response.writeHead(status, fields);
    stream.on('error', () => response.destroy()).pipe(response);
    return;
  }
  const bytes = Buffer.from(body);
  if (status !== 304 && !('Content-Length' in fields)) fields['Content-Length'] = bytes.length;
  if (request.complete) {
    response.writeHead(status, fields).end(bytes);
    return;
  }
  // The caller still sends: it gets a moment to read the answer, and is cut off then.
  response.writeHead(status, {...fields, Connection: 'close'}).write(bytes);
  request.resume();
  const end = () => {
    clearTimeout(timer);
    response.end();
    request.socket.destroySoon();
  };
  const timer = setTimeout(end, LINGER_MS);
  request.once('end', end).once('error', end);
}

/** Answer what is no request: the parser gave up, or the header section took too long. */
function answerNoRequest(error, socket) {
  if (!socket.writable) return;
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const large = error.code === 'HPE_HEADER_OVERFLOW';
  const refusal = late
    ? new Refusal('slow-request')
    : large
      ? new Refusal('too-large', {limit: HEADER_BYTES})
      : new Refusal('malformed');
  const body = JSON.stringify(refusal.document());
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}`,
      `OneService-Version: ${VERSION}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
