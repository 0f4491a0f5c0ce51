import type { ExecutionResult } from './harness/engine.mts';

/** A run of any operation. */
export interface Run {
	readonly execution: ExecutionResult;
	readonly success: readonly unknown[];
	readonly failed: readonly unknown[];
	readonly hints: readonly string[];
}

/** Out: every text that a run lets anybody read: items, error, hints and log lines. No stack, which repeats the message. */
export function textsOf({ execution, success, failed, hints }: Run): string[] {
	const { error } = execution;
	const texts: string[] = [];
	const collect = (value: unknown): void => {
		if (typeof value === 'string') texts.push(value);
		if (typeof value !== 'object' || value === null) return;
		for (const [key, inner] of Object.entries(value)) {
			if (key === 'stack') continue;
			texts.push(key);
			collect(inner);
		}
	};
	const thrown = error && [error.message, error.description, error.messages, error.context];
	collect([success, failed, thrown, hints, execution.logs]);
	return texts;
}

/** Control characters, line breaks, and what turns the direction of writing. */
export const UNCLEAN = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u;

/** In: a hint or a description without tags. Out: what n8n's editor shows of it, which takes it for HTML. */
export function shown(html: string | null | undefined): string {
	return (html ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What a run says that found devices by their names and had nothing else to go by. */
export const BY_NAME_ALONE =
	"A name alone doesn't show whether a device is still the one you mean: add Checks, such as a serial number, or Last Seen.";
