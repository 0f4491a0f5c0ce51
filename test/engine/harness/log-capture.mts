import { AsyncLocalStorage } from 'node:async_hooks';

export interface LogEntry {
	level: 'error' | 'warn' | 'info' | 'debug';
	message: string;
	meta?: unknown;
}

// n8n has one logger for the whole process; the asynchronous context tells which run a line
// belongs to.
const currentRun = new AsyncLocalStorage<LogEntry[]>();

export function captureLogs<Result>(entries: LogEntry[], run: () => Result): Result {
	return currentRun.run(entries, run);
}

const append = (level: LogEntry['level']) => (message: string, meta?: unknown) => {
	currentRun.getStore()?.push({ level, message, ...(meta === undefined ? {} : { meta }) });
};

export const logger = {
	error: append('error'),
	warn: append('warn'),
	info: append('info'),
	debug: append('debug'),
	scoped: () => logger,
};
