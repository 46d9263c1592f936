import type { CommandIo } from './io.js';

const barWidth = 30;

/** Shows how far a long task is: as a bar that moves on a terminal, else in a line for each tenth. */
export class Progress {
  private shown = 0;

  constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly output: CommandIo['stderr'],
  ) {}

  update(done: number): void {
    const percent = this.total === 0 ? 100 : Math.floor((100 * done) / this.total);
    if (this.output.isTTY) this.draw(percent, done);
    else this.print(Math.floor(percent / 10) * 10, done);
  }

  private draw(percent: number, done: number): void {
    const full = Math.round((percent / 100) * barWidth);
    const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
    this.output.write(`\r${this.label} ${bar} ${String(percent).padStart(3)} %  ${this.counts(done)}\x1b[K`);
    if (done === this.total && this.shown !== percent) this.output.write('\n');
    this.shown = percent;
  }

  private print(percent: number, done: number): void {
    if (percent <= this.shown) return;
    this.shown = percent;
    this.output.write(`${this.label} ${percent} %  ${this.counts(done)}\n`);
  }

  private counts(done: number): string {
    return `${done.toLocaleString('en')} of ${this.total.toLocaleString('en')}`;
  }
}
