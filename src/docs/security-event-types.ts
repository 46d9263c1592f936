import { securityEventTypes } from '../modules/security-events/security-event.types.js';

const introduction = `# Types of security events

Generated from \`src/modules/security-events/security-event.types.ts\` by \`npm run docs\`: do not edit. A word keeps its meaning
once it is here, so that clients may match on it. What else there is to know: [security-events.md](security-events.md).

| type | what it tells |
| --- | --- |
`;

/** docs/security-event-types.md: every type with what it tells. */
export function renderSecurityEventTypes(): string {
  return introduction + Object.entries(securityEventTypes).map(row).join('');
}

function row([type, meaning]: [string, string]): string {
  return `| \`${type}\` | ${meaning} |\n`;
}
