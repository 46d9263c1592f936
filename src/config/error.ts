/** A setting and the rule it breaks; never the value, which may be a secret. */
export interface ConfigFault {
  readonly name: string;
  readonly rule: string;
}

/** The settings break rules: all of them, one line each. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(({ name, rule }) => `${name} ${rule}`).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}
