/** The log: a line of JSON each, with ids and places, never with persons. */

export function log(line) {
  console.error(JSON.stringify(line));
}

/** Log an error by its place alone: its text may quote somebody. */
export function report({name, code, stack}) {
  const lines = stack?.split('\n').filter((line) => line.startsWith('    at '));
  log({level: 'error', what: name, code, place: lines?.slice(0, 4)});
}
