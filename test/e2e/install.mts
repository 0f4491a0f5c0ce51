import { ensureInstalled } from './harness/installation.mts';

ensureInstalled();
