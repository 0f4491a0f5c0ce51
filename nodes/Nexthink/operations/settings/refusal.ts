import type { Failure } from '../../api/failure';
import { plainText } from '../../api/plainText';
import { refusalOf } from '../failures';

/** Why a run is refused before anything is sent: a sentence that names what cannot be used, and what to do. */
export class Refusal extends Error {
	constructor(
		readonly sentence: string,
		readonly advice?: string,
	) {
		super(sentence);
	}
}

/** Whatever is thrown while a run is prepared refuses it. */
export function refusalBy(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	const said = plainText(error instanceof Error ? error.message : String(error));
	return new Refusal(`A setting of the node or its credential can't be read: ${said}`);
}

/** What the run ends with that an error refuses. */
export function failureOfRefusal(error: unknown): Failure {
	const { sentence, advice } = refusalBy(error);
	return refusalOf('INVALID_PARAMETER', sentence, advice);
}
