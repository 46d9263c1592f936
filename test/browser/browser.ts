import { type Browser, chromium } from 'playwright-core';
import { type DebianTool, runs } from '../support/debian.js';

const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium';

export const chromiumTool: DebianTool = { packages: ['chromium'], probe: runs(executablePath, '--version') };

/** Chromium's own sandbox needs rights that root in a container does not have. */
export function launchBrowser(...args: string[]): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}
