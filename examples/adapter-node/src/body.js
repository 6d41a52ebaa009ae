/** Read what a caller sends, within a number of bytes and a time. */

import {Refusal} from './problems.js';

/** The caller has gone: there is nobody to answer. */
export class CallerGone extends Error {}

/** Yield the pieces of a body; throws `too-large` before it reads on, `slow-request` in time. */
export async function* pieces(request, {limit, deadlineMs}) {
  const encoding = request.headers['content-encoding'];
  if (encoding && encoding !== 'identity') {
    throw new Refusal('media-type', {detail: 'compressed bodies are not taken'});
  }
  if (Number(request.headers['content-length'] ?? 0) > limit)
    throw new Refusal('too-large', {limit});
  const iterator = request.iterator({destroyOnReturn: false});
  const clock = timer(deadlineMs);
  try {
    for (let total = 0; ;) {
      const {value, done} = await Promise.race([nextOf(iterator), clock.isUp]);
      if (done) return;
      total += value.length;
      if (total > limit) throw new Refusal('too-large', {limit});
      yield value;
    }
  } finally {
    clock.stop();
  }
}

/** Return the whole body. */
export async function readAll(request, bounds) {
  const found = [];
  for await (const piece of pieces(request, bounds)) found.push(piece);
  return Buffer.concat(found);
}

async function nextOf(iterator) {
  try {
    return await iterator.next();
  } catch {
    throw new CallerGone();
  }
}

function timer(deadlineMs) {
  let stop;
  const isUp = new Promise((_, reject) => {
    const handle = setTimeout(() => reject(new Refusal('slow-request')), deadlineMs);
    stop = () => clearTimeout(handle);
  });
  isUp.catch(() => {}); // it may come up while nobody waits for it
  return {isUp, stop};
}
