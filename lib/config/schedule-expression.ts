interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words that stand for numbers: the first for the least, and so on. */
  readonly words?: readonly string[];
  /** What else may stand here, beside `*`, numbers, ranges, steps and lists of them. */
  readonly special?: RegExp;
}

const fields: readonly Field[] = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31, special: /^(?:\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  {
    name: 'day of week',
    least: 1,
    most: 7,
    words: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
    special: /^(?:\?|L|[1-7]L|[1-7]#[1-5])$/,
  },
  { name: 'year', least: 1970, most: 2199 },
];

const numberOf = ({ least, most, words = [] }: Field, text: string): number | undefined => {
  const word = words.indexOf(text.toUpperCase());
  const number = word >= 0 ? word + least : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
};

const isRange = (field: Field, text: string): boolean => {
  const [from, to, ...more] = text.split('-').map((part) => numberOf(field, part));
  return more.length === 0 && from !== undefined && to !== undefined && from <= to;
};

const isPart = (field: Field, text: string): boolean => {
  const [base = '', step, ...more] = text.split('/');
  if (more.length > 0) return false;
  if (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) >= 1 && Number(step) <= field.most))
    return false;
  return base === '*' || numberOf(field, base) !== undefined || isRange(field, base);
};

const fits = (field: Field, text: string): boolean =>
  (field.special?.test(text) ?? false) || text.split(',').every((part) => isPart(field, part));

/** What is wrong with the inside of EventBridge Scheduler's `cron(…)`, for people; `undefined`: nothing. */
export const cronProblem = (cron: string): string | undefined => {
  const parts = cron.split(' ');
  if (parts.length !== fields.length)
    return `cron has six fields with one space between: ${fields.map(({ name }) => name).join(', ')}`;
  const wrong = fields.findIndex((field, index) => !fits(field, parts[index] ?? ''));
  if (wrong >= 0) return `cron: ${JSON.stringify(parts[wrong])} is no ${fields[wrong]?.name}`;
  const asks = [parts[2], parts[4]].filter((part) => part === '?').length;
  return asks === 1 ? undefined : 'cron: exactly one of day of month and day of week is ?';
};

/** What is wrong with the inside of `rate(…)`, for people; `undefined`: nothing. */
export const rateProblem = (rate: string): string | undefined =>
  /^(?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d{1,3}) (?:minutes|hours|days))$/.test(rate)
    ? undefined
    : 'rate: write it as 1 minute, 15 minutes, 1 hour, 6 hours, 1 day or 7 days';
