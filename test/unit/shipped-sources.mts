import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the repository. */
export const TOP = fileURLToPath(new URL('../..', import.meta.url));

/** Every source file of what is shipped, as a path from the top with slashes. */
export const SHIPPED_SOURCES = ['nodes', 'credentials']
	.flatMap((folder) =>
		readdirSync(join(TOP, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
			join(folder, path).replaceAll(sep, '/'),
		),
	)
	.filter((path) => path.endsWith('.ts'));
