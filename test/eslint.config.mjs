// n8n's own configuration (eslint.config.mjs at the top) covers the shipped code only, because tests need what a node must not
// use: processes, timers, servers. They are held to TypeScript's recommended rules instead.
import { globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

export default typescript.config(globalIgnores(['**/node_modules/**']), {
	files: ['**/*.mts'],
	extends: [typescript.configs.recommended],
});
