/** Files that are whole and on the disk, or are not there. */

import {closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** Write a file so that a crash leaves the old one, or the new one. */
export function writeDurably(path, content, mode = 0o644) {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', mode);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

/** Make the names in a folder durable. */
export function syncFolder(folder) {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Keep a second process out of the folder; one that was killed keeps nobody out. */
export function lockFolder(folder) {
  const path = join(folder, 'lock');
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      process.once('exit', () => rmSync(path, {force: true}));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readFileSync(path, 'utf8'));
    if (owner !== process.pid && isAlive(owner)) {
      throw new Error(`process ${owner} serves from ${folder}: end it, or name another folder`);
    }
    rmSync(path, {force: true});
  }
  throw new Error(`another process is just starting in ${folder}`);
}

function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
