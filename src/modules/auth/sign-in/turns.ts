import { overloaded } from '../../../common/errors.js';

/** How long to wait before another try, in milliseconds. */
const retryAfter = 1_000;

interface Line {
  readonly last: Promise<unknown>;
  readonly length: number;
}

/** Lets work with the same key run one after the other, in the order of arrival. */
export class Turns {
  private readonly lines = new Map<string, Line>();

  /** `longest`: how many may stand in one line before the next is refused. */
  constructor(private readonly longest: number) {}

  /** Throws SERVICE_UNAVAILABLE when the line is full, else whatever the work does. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key);
    const length = (line?.length ?? 0) + 1;
    if (length > this.longest) throw overloaded(retryAfter);
    const turn = line ? line.last.then(work, work) : work();
    this.lines.set(key, { last: turn, length });
    try {
      return await turn;
    } finally {
      this.leave(key);
    }
  }

  private leave(key: string): void {
    const line = this.lines.get(key);
    if (!line || line.length === 1) this.lines.delete(key);
    else this.lines.set(key, { ...line, length: line.length - 1 });
  }
}
