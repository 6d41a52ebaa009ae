/** Files that are whole and on the disk, or are not there. */

import {closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {connect, createServer} from 'node:net';
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

/**
 * Keep a second process out of the folder. Who listens at the socket `lock` is there; a process
 * that was killed listens no more, whoever has got its number since, or has not buried it yet.
 */
export async function lockFolder(folder) {
  const path = join(folder, 'lock');
  if (await inFolder(folder, (name) => listens(name))) return;
  if (await inFolder(folder, (name) => answers(name))) {
    throw new Error(`another process serves from ${folder}: end it, or name another folder`);
  }
  rmSync(path, {force: true});
  if (!(await inFolder(folder, (name) => listens(name)))) {
    throw new Error(`another process is just starting in ${folder}`);
  }
}

/** Begin something with the lock's bare name: a socket's path has room for about 100 characters. */
function inFolder(folder, begin) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return begin('lock');
  } finally {
    process.chdir(before);
  }
}

function listens(name) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('listening', () => resolve(true));
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(name);
  });
}

function answers(name) {
  return new Promise((resolve) => {
    const socket = connect(name).once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
