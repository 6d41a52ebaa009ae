/** The part of JSON Schema 2020-12 that this adapter's own schemas use. */

const IS = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
};

/** Return `{pointer, problem}` for every place that does not fit; no value is quoted. */
export function violations(schema, value, pointer = '') {
  const isType = IS[schema.type];
  if (isType && !isType(value)) return [{pointer, problem: `must be of type ${schema.type}`}];
  if (schema.type === 'object') return ofObject(schema, value, pointer);
  if (schema.type === 'array') {
    return value.flatMap((one, index) =>
      violations(schema.items ?? {}, one, `${pointer}/${index}`),
    );
  }
  return ofScalar(schema, value).map((problem) => ({pointer, problem}));
}

function ofObject({required = [], properties = {}}, value, pointer) {
  const isThere = (name) => Object.hasOwn(value, name);
  const missing = required
    .filter((name) => !isThere(name))
    .map((name) => ({pointer: `${pointer}/${escaped(name)}`, problem: 'is required'}));
  const wrong = Object.entries(properties)
    .filter(([name]) => isThere(name))
    .flatMap(([name, one]) => violations(one, value[name], `${pointer}/${escaped(name)}`));
  return [...missing, ...wrong];
}

function* scalarProblems(schema, value) {
  const {enum: choices, pattern, format, minLength, maxLength, minimum} = schema;
  if (choices && !choices.includes(value)) yield `must be one of ${choices.join(', ')}`;
  if (pattern && !new RegExp(pattern, 'u').test(value)) yield `must match ${pattern}`;
  if (format === 'date' && !isDay(value)) yield 'must be a day, YYYY-MM-DD';
  if (minLength !== undefined && [...value].length < minLength) yield 'is too short';
  if (maxLength !== undefined && [...value].length > maxLength) yield 'is too long';
  if (minimum !== undefined && value < minimum) yield `must be at least ${minimum}`;
}

function ofScalar(schema, value) {
  return [...scalarProblems(schema, value)];
}

/** Whether a text names a day that there is; JavaScript would make 2 March of 30 February. */
function isDay(value) {
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function escaped(name) {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
