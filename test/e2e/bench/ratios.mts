import { max, median, min } from 'simple-statistics';

/** What must hold of a ratio. */
export type Bound =
	| { readonly atLeast: number; /** What is hoped for. */ readonly aim?: number }
	| { readonly atMost: number };

/** One figure against another, in each round. */
export interface Ratio {
	readonly what: string;
	readonly values: readonly number[];
	/** Absent where the ratio is only told. */
	readonly bound?: Bound;
}

/** In: figures of the same rounds. Out: the first by the second, round by round. */
export function ratioOf(
	what: string,
	dividends: readonly number[],
	divisors: readonly number[],
	bound?: Bound,
): Ratio {
	const values = dividends.map((dividend, round) => dividend / (divisors[round] ?? NaN));
	return { what, values, ...(bound && { bound }) };
}

export function holds({ values, bound }: Ratio): boolean {
	if (bound === undefined) return true;
	const middle = median([...values]);
	return 'atLeast' in bound ? middle >= bound.atLeast : middle <= bound.atMost;
}

/** A median and how far the rounds lie apart. */
export function spread(values: readonly number[], digits: number): string {
	const [middle, least, most] = [median, min, max].map((statistic) =>
		statistic([...values]).toLocaleString('en-US', {
			minimumFractionDigits: digits,
			maximumFractionDigits: digits,
		}),
	);
	return `${middle} (${least} to ${most})`;
}

export function boundText({ bound }: Ratio): string {
	if (bound === undefined) return '';
	if ('atMost' in bound) return `at most ${bound.atMost}`;
	return `at least ${bound.atLeast}${bound.aim === undefined ? '' : ` (aim: ${bound.aim})`}`;
}
