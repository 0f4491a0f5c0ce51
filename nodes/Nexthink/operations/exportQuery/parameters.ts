import {
	COMMON_OPTIONS,
	MAXIMUM_EXPORT_WAIT,
	MAXIMUM_RETRIES,
	SAVED_QUERY,
} from '../commonParameters';
import { QUERY_PARAMETERS } from '../queryParameters';
import { choice, text, wholeNumber, type Parameters } from '../settings/parameter';

/** NQL Query > Export. It is no tool: exports are few in a day, and no model could read the file. */
export const exportQueryParameters = {
	top: { queryId: SAVED_QUERY, queryParameters: QUERY_PARAMETERS },
	options: {
		compression: choice({
			displayName: 'Compression',
			default: 'NONE',
			description:
				"How Nexthink packs the file. Leave None for Extract From File, which doesn't unpack.",
			options: [
				{ name: 'GZIP', value: 'GZIP' },
				{ name: 'None', value: 'NONE' },
				{ name: 'ZSTD', value: 'ZSTD' },
			],
		}),
		maxFileSize: wholeNumber({
			displayName: 'Maximum File Size (MB)',
			default: 512,
			from: 1,
			to: 1_000_000,
			description: 'Maximum size of the exported file. The node stops a transfer that exceeds it.',
		}),
		maxRetries: wholeNumber(MAXIMUM_RETRIES),
		maxRetryWait: COMMON_OPTIONS.maxRetryWait,
		maxExportWait: wholeNumber(MAXIMUM_EXPORT_WAIT),
		binaryPropertyName: text({
			displayName: 'Put Output File in Field',
			default: 'data',
			placeholder: 'e.g. data',
			hint: 'The name of the output binary field to put the file in',
			pattern: /^\S(?:.*\S)?$/,
			mustBe: 'the name of a field, such as data, without spaces around it',
		}),
		timeout: COMMON_OPTIONS.timeout,
	},
} satisfies Parameters;
