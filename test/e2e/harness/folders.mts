import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository: the package that is packed and tested. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** Holds the harness's own package.json: Node for n8n, and the driver for Chromium. */
export const E2E_FOLDER = join(REPOSITORY, 'test', 'e2e');

export const SCANNER_FOLDER = join(E2E_FOLDER, 'scanner');

/** Another n8n in place of the newest supported one, installed by whoever names its folder here. */
export const FOLDER_OF_OTHER_N8N = 'NEXTHINK_E2E_N8N';

/** The newest and the oldest n8n that the package supports, each in a folder with its own lock file. */
export type N8nVersion = 'newest' | 'oldest';

const N8N_FOLDERS: Record<N8nVersion, string> = {
	newest: process.env[FOLDER_OF_OTHER_N8N] ?? join(E2E_FOLDER, 'n8n-2'),
	oldest: join(E2E_FOLDER, 'n8n-1'),
};

export function n8nFolder(version: N8nVersion): string {
	return N8N_FOLDERS[version];
}

/** n8n's command, to be run with `nodeBinary()`. */
export function n8nCommand(version: N8nVersion): string {
	return join(n8nFolder(version), 'node_modules', 'n8n', 'bin', 'n8n');
}

/**
 * The Node that n8n runs with, whatever Node this process has.
 *
 * @throws Error where the harness is not installed, or there is no such Node for this kind of machine.
 */
export function nodeBinary(): string {
	const name = `node-${process.platform}-${process.arch}`;
	const binary = join(E2E_FOLDER, 'node_modules', name, 'bin', 'node');
	if (existsSync(binary)) return binary;
	throw new Error(`${binary} is missing: the end-to-end tests run on Linux (x64, arm64) only.`);
}

/** @returns `environment` with that Node first on the path: n8n starts its task runner as `node`. */
export function withNode(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return { ...environment, PATH: `${dirname(nodeBinary())}:${environment.PATH ?? ''}` };
}
