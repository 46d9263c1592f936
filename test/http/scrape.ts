import type { TestApp } from '../support/app.js';

export const metricsToken = 'a token of the tests, forty-two characters'.replaceAll(' ', '-');

/** Value by series, as `postern_sign_ins_total{method="password",result="ok"}`. */
type Series = ReadonlyMap<string, number>;

export async function scrape({ app }: TestApp): Promise<Series> {
  const answer = await app.http.inject({ url: '/metrics', headers: { authorization: `Bearer ${metricsToken}` } });
  if (answer.statusCode !== 200) throw new Error(`The scrape was answered with ${answer.statusCode}.`);
  return seriesOf(answer.body);
}

export function seriesOf(text: string): Series {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** The names that are served, be there a series or not. */
export function namesOf(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
}

/** By how much the named counters have grown while the work was done; those that have not are left out. */
export async function growth(instance: TestApp, names: RegExp, work: () => Promise<unknown>): Promise<object> {
  const before = await scrape(instance);
  await work();
  const after = await scrape(instance);
  const grown = [...after].filter(([name, value]) => names.test(name) && value !== (before.get(name) ?? 0));
  return Object.fromEntries(grown.map(([name, value]) => [name, value - (before.get(name) ?? 0)]));
}
