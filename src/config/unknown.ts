import { allSettings } from './definition.js';
import type { ConfigFault } from './error.js';
import { fileVariable } from './setting.js';
import type { Variables } from './sources.js';

/** Nobody else's variables begin like this, so one that is not known is a slip, and a rule silently not applied. */
const ownPrefixes = ['JWT_', 'SIGN_IN_'];

/** What SimpleJWT called a setting before it was renamed, too far from its name to be guessed. */
const formerNames: Readonly<Record<string, string>> = { JWT_SECRET_KEY: 'JWT_SIGNING_KEY' };

const knownNames = allSettings.flatMap((setting) =>
  setting.fromFile ? [setting.name, fileVariable(setting)] : [setting.name],
);

/** Finds variables that look like settings but are none. */
export function unknownFaults(variables: Variables): ConfigFault[] {
  return Object.keys(variables)
    .filter((name) => variables[name] && isOurs(name) && !knownNames.includes(name))
    .sort()
    .map((name) => ({ name: printable(name), rule: `is not a setting${suggestion(name)}` }));
}

function isOurs(name: string): boolean {
  return ownPrefixes.some((prefix) => name.toUpperCase().startsWith(prefix));
}

function suggestion(name: string): string {
  const upper = name.toUpperCase();
  const renamed = formerNames[upper];
  if (renamed !== undefined) return `; did you mean ${renamed}?`;
  const [nearest] = knownNames
    .map((known) => ({ known, distance: editDistance(upper, known) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= nearest.known.length / 3 ? `; did you mean ${nearest.known}?` : '';
}

/** How many characters must be added, dropped or replaced to make one text of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, character] of [...from].entries()) {
    const current = [row + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (character === to[column - 1] ? 0 : 1);
      const addedOrDropped = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, addedOrDropped));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** A name stays on its line. */
function printable(name: string): string {
  return name.replaceAll(/[^\x21-\x7e]/g, '?');
}
