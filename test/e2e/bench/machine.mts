import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { nodeBinary } from '../harness/folders.mts';
import { installedN8n } from '../harness/installation.mts';

/** What the figures depend on, in a sentence. */
export function machineText(): string {
	const processors = cpus();
	const model = processors[0]?.model.trim() || 'a processor of unknown model';
	const gigabytes = Math.round(totalmem() / 1024 ** 3);
	const node = execFileSync(nodeBinary(), ['--version'], { encoding: 'utf8' }).trim();
	return `n8n ${installedN8n('newest')} with Node.js ${node} on Linux ${release()}, ${processors.length} cores (${model}), ${gigabytes} GiB of memory`;
}
