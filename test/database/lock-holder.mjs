// Run by Node itself, which reads TypeScript without enums and the like: a process of its own that wants the lock.
const [modulePath, dataDir] = process.argv.slice(2);
const { lockDataDir } = await import(modulePath);
try {
  lockDataDir(dataDir);
  process.stdout.write('held\n');
  // Until it is killed.
  setInterval(() => undefined, 1_000_000);
} catch (error) {
  process.stdout.write(`${error.name}: ${error.message}\n`);
}
