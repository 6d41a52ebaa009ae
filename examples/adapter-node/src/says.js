/** The words that every office needs, whatever it decides. */

import {dayIn} from './clock.js';

export const ZONE = 'Asia/Shanghai';
export const LICENSING_LAW = '中华人民共和国行政许可法';
const CORRECTION_DAYS = 15;

/** An event that is not sealed yet. */
export function draft(type, data) {
  return {type, data};
}

/** One event, and the documents that were `issued` with it. */
export function said(type, data, issued = []) {
  return {drafts: [draft(type, data)], issued};
}

export function text(zh, en) {
  return {zh, en};
}

export function numbered(prefix, serial) {
  return `${prefix}-${String(serial).padStart(6, '0')}`;
}

/** Return the data of the next `correction_requested`, everything told at once. */
export function correctionRequested({events}, items, now) {
  const round = events.filter((one) => one.type === 'correction_requested').length + 1;
  return {
    correction_id: `r${round}`,
    items,
    is_complete_list: true,
    due_on: dayIn(ZONE, now, CORRECTION_DAYS),
  };
}

/** Return what the law lets people do against a decision, and until when. */
export function remedies(now) {
  return [
    {
      kind: 'review',
      until: dayIn(ZONE, now, 60),
      where: text('本级人民政府', "The region's people's government"),
    },
    {
      kind: 'lawsuit',
      until: dayIn(ZONE, now, 180),
      where: text('有管辖权的人民法院', "The people's court in charge"),
    },
  ];
}
