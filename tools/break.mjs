// Damages files and looks at what Graft makes of them (npm run build first):
//   node tools/break.mjs --seed N --files M     M damaged files, drawn from the seed
//   node tools/break.mjs --only FOLDER          one case again, as an earlier call kept it
//   --verbose                                   says what became of every case
//   --format NAME                               of this format only; may be given several times
// The last lines count what must not be; the exit code is 1 where that is not 0.
import { spawn } from 'node:child_process';
import path from 'node:path';

import { bundleTool } from './bundle-tool.mjs';

const folder = await bundleTool('break', { break: 'tools/break/main.ts', worker: 'tools/break/worker.ts' });
const child = spawn(process.execPath, [path.join(folder, 'break.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
child.once('exit', (code) => process.exit(code ?? 1));
