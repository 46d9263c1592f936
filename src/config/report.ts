import { sections } from './definition.js';
import { describeDefault, fileVariable, type Setting } from './setting.js';
import { readSources, type Source, type Variables } from './sources.js';

/** The effective settings, one `NAME=value` a line by section, with where each is from; secrets are masked. */
export function describeSettings(variables: Variables): string {
  const sources = readSources(variables);
  const parts = sections.map(({ title, settings }) => {
    const lines = settings.map((setting) => describe(setting, sources.get(setting)));
    return [`# ${title}`, ...lines].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}

function describe(setting: Setting, source: Source | undefined): string {
  const text = source?.text ?? null;
  const shown = text === null ? '' : (setting.mask ?? onOneLine)(text);
  return `${setting.name}=${shown}  # ${originOf(setting, source)}`;
}

function originOf(setting: Setting, source: Source | undefined): string {
  if (source?.origin === 'environment') return 'environment';
  if (source?.origin === 'file') return `environment: ${fileVariable(setting)}`;
  return source?.text === null ? `default: ${describeDefault(setting)}` : 'default';
}

function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
