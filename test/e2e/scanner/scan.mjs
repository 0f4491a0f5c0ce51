// Runs n8n's scanner on a folder, offline, and prints its verdict as JSON: node scan.mjs <folder> source|published
import {
	analyzePackage,
	SOURCE_FILE_PATTERNS,
} from '@n8n/scan-community-package/scanner/scanner.mjs';

// What the scanner itself looks at in the source and in the published package.
const PATTERNS = { source: SOURCE_FILE_PATTERNS, published: ['**/*.js', 'package.json'] };

const [folder, kind] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await analyzePackage(folder, PATTERNS[kind])));
