import fc from 'fast-check';

/** A file and how it arrives. */
export interface CsvFile {
	/** What it was written from. */
	table: string[][];
	bytes: Buffer;
	/** Where each row of the table begins, from 1. */
	lines: number[];
	/** Whether bytes were changed after it was written. */
	isMangled: boolean;
	/** Of its pieces, in bytes; after the last one it begins anew. */
	pieces: number[];
}

const texts = fc
	.oneof(
		{
			weight: 3,
			arbitrary: fc.string({
				unit: fc.constantFrom(
					'"',
					',',
					'\n',
					'\r',
					'\r\n',
					' ',
					'a',
					';',
					'ä',
					'€',
					'😀',
					'\uFEFF',
				),
				maxLength: 6,
			}),
		},
		{ weight: 2, arbitrary: fc.string({ maxLength: 4 }) },
		{ weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
		{ weight: 1, arbitrary: fc.constant('') },
	)
	.map((text) => text.replaceAll('\0', ''));

interface Cell {
	text: string;
	isQuoted: boolean;
}

const cells = fc.record({ text: texts, isQuoted: fc.boolean() });

const rowsOfCells = fc.integer({ min: 1, max: 4 }).chain((columns) =>
	fc.array(
		fc.record({
			row: fc.array(cells, { minLength: columns, maxLength: columns }),
			lineBreak: fc.constantFrom('\n', '\r\n'),
		}),
		{ maxLength: 6 },
	),
);

/** What means something, somewhere. */
const oddBytes = fc.oneof(
	{
		weight: 15,
		arbitrary: fc
			.constantFrom('"', '""', '","', ',', '\n', '\n\n', '\r', '\r\n', 'a', '\0')
			.map((text) => Buffer.from(text)),
	},
	{
		weight: 1,
		arbitrary: fc
			.constantFrom([0xff, 0xfe], [0xfe, 0xff], [0xc3], [0xa4], [0xed, 0xa0, 0x80])
			.map((bytes) => Buffer.from(bytes)),
	},
);

interface Edit {
	/** Beyond the end it is the end. */
	at: number;
	removed: number;
	added: Buffer;
}

const edits: fc.Arbitrary<Edit> = fc.record({
	at: fc.oneof(fc.nat(60), fc.constant(1_000)),
	removed: fc.oneof(fc.constant(0), fc.nat(3)),
	added: oddBytes,
});

export const csvFiles: fc.Arbitrary<CsvFile> = fc
	.record({
		rows: rowsOfCells,
		hasMark: fc.boolean(),
		endsWithLineBreak: fc.boolean(),
		edits: fc.oneof(fc.constant<Edit[]>([]), fc.array(edits, { minLength: 1, maxLength: 2 })),
		pieces: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
	})
	.map(({ rows, hasMark, endsWithLineBreak, edits, pieces }) => {
		const texts = rows.map(({ row, lineBreak }, n) => {
			const isLast = n === rows.length - 1;
			return `${row.map(written).join(',')}${isLast && !endsWithLineBreak ? '' : lineBreak}`;
		});
		// An empty line without a line break is none.
		if (texts.at(-1) === '') texts.splice(-1, 1, '""');
		const text = (hasMark ? '\uFEFF' : '') + texts.join('');
		return {
			table: rows.map(({ row }) => row.map((cell) => cell.text)),
			bytes: edits.reduce(edited, Buffer.from(text)),
			lines: texts.map((_, n) => texts.slice(0, n).join('').split('\n').length),
			isMangled: edits.length > 0,
			pieces,
		};
	});

/** Quoted where it has to be: a byte order mark at the beginning would be taken for that of the file. */
function written({ text, isQuoted }: Cell): string {
	return isQuoted || /[",\r\n]|^\uFEFF/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function edited(bytes: Buffer, { at, removed, added }: Edit): Buffer {
	return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}
