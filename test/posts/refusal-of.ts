import { PosternError } from '../../src/common/errors.js';

/** What a call is refused with: its code, and the path of each issue. */
export async function refusalOf(call: () => unknown): Promise<{ code: string; paths: unknown[] }> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof PosternError)) throw error;
    const issues = error.extensions['issues'];
    const paths = Array.isArray(issues) ? issues.map(({ path }: { path: string[] }) => path.join('.')) : [];
    return { code: error.code, paths };
  }
  throw new Error('The call was not refused.');
}
