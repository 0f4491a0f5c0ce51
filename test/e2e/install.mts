import { ensureInstalled } from './harness/installation.mts';

// newest: without the oldest n8n and the scanner, which test:e2e alone has need of.
ensureInstalled(process.argv[2] === 'newest' ? 'newest' : 'all');
