import { sections } from './definition.js';
import { describeDefault, fileVariable, type Setting } from './setting.js';

/** A setting as docs list it. */
export interface SettingRow {
  readonly name: string;
  readonly default: string;
  readonly description: string;
  readonly section: string;
}

/** Every environment variable in the order of the docs, `…_FILE` variants after what they stand for. */
export function settingsTable(): SettingRow[] {
  return sections.flatMap(({ title, settings }) => settings.flatMap(rowsOf).map((row) => ({ ...row, section: title })));
}

function rowsOf(setting: Setting): Omit<SettingRow, 'section'>[] {
  const { name, description } = setting;
  const row = { name, default: describeDefault(setting), description };
  if (!setting.fromFile) return [row];
  return [row, { name: fileVariable(setting), default: 'none', description: `A file with ${name}, in its place.` }];
}

/** The text of `.env.example`: every variable commented out, with its default and description. */
export function envExample(): string {
  const head = ['# The settings of Postern: copy this file to .env and uncomment what differs.'];
  const parts = sections.map(({ title, settings }) =>
    [`# == ${title} ==`, ...settings.flatMap(exampleOf)].join('\n\n'),
  );
  return `${[...head, ...parts].join('\n\n')}\n`;
}

function exampleOf(setting: Setting): string[] {
  return rowsOf(setting).map((row) => {
    const value = row.name === setting.name ? (setting.default ?? '') : '';
    const comment = wrap(`${row.description} Default: ${row.default}`).map((line) => `# ${line}`);
    return [...comment, `#${row.name}=${value}`].join('\n');
  });
}

function wrap(text: string): string[] {
  return text.match(/\S.{0,108}(?=\s|$)/g) ?? [];
}
