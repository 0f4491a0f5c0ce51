import { ensureInstalled } from './harness/installation.mts';

const [, , wanted] = process.argv;
ensureInstalled(wanted === 'newest' || wanted === 'oldest' ? wanted : 'all');
