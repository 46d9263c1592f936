import { PassThrough } from 'node:stream';
import { Progress } from '../../src/cli/progress.js';

function shown(isTTY: boolean, steps: readonly number[]): string {
  const output = Object.assign(new PassThrough(), { isTTY });
  const progress = new Progress('posts', 200, output);
  for (const done of steps) progress.update(done);
  return String(output.read() ?? '');
}

test('progress is a line for each tenth where there is no terminal', () => {
  expect(shown(false, [1, 20, 25, 39, 81, 200])).toBe(
    ['posts 10 %  20 of 200', 'posts 40 %  81 of 200', 'posts 100 %  200 of 200', ''].join('\n'),
  );
});

test('progress is a bar on one line on a terminal', () => {
  const text = shown(true, [50, 200]);
  expect(text.match(/\r/g)).toHaveLength(2);
  expect(text).toContain('  25 %  50 of 200');
  expect(text.endsWith(`${'█'.repeat(30)} 100 %  200 of 200\x1b[K\n`)).toBe(true);
});
