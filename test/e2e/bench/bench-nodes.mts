import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CLASSES = {
	BenchSource: 'source.mts',
	BenchEnd: 'end.mts',
	BenchBareLoop: 'bare-loop.mts',
	BenchBareQueries: 'bare-queries.mts',
	BenchSameOutput: 'same-output.mts',
} as const;

/**
 * Makes a folder that n8n loads the nodes of the benchmark from; Node 24 takes their TypeScript as it is. The nodes cannot stay where
 * they are: n8n looks through every folder beneath the one it is given, and wants `.node.js` files. Out: n8n's setting for it.
 */
export function installBenchNodes(userFolder: string): Record<string, string> {
	const folder = join(userFolder, 'bench-nodes');
	mkdirSync(folder, { recursive: true });
	for (const [name, file] of Object.entries(CLASSES)) {
		const path = new URL(`in-n8n/${file}`, import.meta.url).pathname;
		const stub = `exports.${name} = require(${JSON.stringify(path)}).${name};\n`;
		writeFileSync(join(folder, `${name}.node.js`), stub);
	}
	return { N8N_CUSTOM_EXTENSIONS: folder };
}

/** The type of a node of the benchmark. */
export function benchNodeType(
	name: 'Source' | 'End' | 'BareLoop' | 'BareQueries' | 'SameOutput',
): string {
	return `CUSTOM.bench${name}`;
}
