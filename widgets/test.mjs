// The unit tests: TypeScript made plain, then Node's own runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';

rmSync('.test', { recursive: true, force: true });
const files = readdirSync('tests').filter((name) => name.endsWith('.test.ts'));
await build({ entryPoints: files.map((name) => `tests/${name}`), bundle: true, platform: 'node', format: 'esm', outdir: '.test', outExtension: { '.js': '.mjs' }, logLevel: 'warning' });
process.exit(spawnSync(process.execPath, ['--test', '.test/'], { stdio: 'inherit' }).status ?? 1);
