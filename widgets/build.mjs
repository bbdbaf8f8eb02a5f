// The views as one file each for the Python package, their styles, and the plugin that JupyterLab's builder packs.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';

const out = '../ftkit/panels/static';
const panels = readdirSync('src/panels').map((name) => `src/panels/${name}`);
for (const made of [out, 'lib', 'dist']) rmSync(made, { recursive: true, force: true });
const shared = { bundle: true, minify: true, legalComments: 'eof', logLevel: 'warning', charset: 'utf8' };
const script = { ...shared, format: 'esm', target: 'es2022' };
await build({ ...shared, outdir: out, entryPoints: ['src/panel.css'] });
await build({ ...script, outdir: out, entryPoints: panels });
await build({ ...script, outfile: 'lib/plugin.js', entryPoints: ['src/lab/plugin.ts'], external: ['@jupyterlab/*', '@lumino/*'], loader: { '.css': 'text' } });
