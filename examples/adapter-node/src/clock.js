/** What time it is. A rehearsal may read it from a file with one line of RFC 3339. */

import {readFileSync} from 'node:fs';

const DAY_MS = 86_400_000;

export function clockOf(path) {
  if (!path) return () => new Date();
  return () => {
    const now = new Date(readFileSync(path, 'utf8').trim());
    if (Number.isNaN(now.getTime())) throw new Error(`${path} holds no instant`);
    return now;
  };
}

/** Return the day (`YYYY-MM-DD`) on which an instant falls in a zone, `plus` days later. */
export function dayIn(zone, instant, plus = 0) {
  const shifted = new Date(instant.getTime() + plus * DAY_MS);
  return new Intl.DateTimeFormat('en-CA', {timeZone: zone, dateStyle: 'short'}).format(shifted);
}

/** Return the day before the same day some years later: the last one of a period that began. */
export function lastDayOf(day, years) {
  const end = new Date(`${day}T00:00:00Z`);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return new Date(end.getTime() - DAY_MS).toISOString().slice(0, 10);
}
