import {
	COMMON_OPTIONS,
	MAXIMUM_EXPORT_WAIT,
	MAXIMUM_RETRIES,
	QUERY_ID,
} from '../commonParameters';
import { WHICH_UID } from '../documentation';
import { PARAMETER_NAME } from '../queryParameters';
import {
	choice,
	fieldPath,
	group,
	ofEachItem,
	text,
	trueOrFalse,
	wholeNumber,
	type Parameters,
} from '../settings/parameter';
import { noticeToSave, QUERIES_TO_SAVE } from './queriesToSave';

const COLUMN = {
	pattern: /\S/,
	mustBe: 'the name of a column, such as device.name',
};

const FIX_THE_FIELD =
	'This parameter needs the name of a field: switch it to Fixed and drag the field in.';

const QUERY = {
	name: 'Query',
	value: 'query',
	description: 'One request for each distinct value. For some hundred values.',
} as const;

const BY_QUERY = { lookupMethod: ['query'] };
const BY_EXPORT = { lookupMethod: ['export'] };

/** Device > Look Up. A model may set the names to look up and nothing else. */
export const lookUpParameters = {
	top: {
		lookupMethod: choice({
			displayName: 'Lookup Method',
			default: 'query',
			options: [
				{
					name: 'Export',
					value: 'export',
					description: 'One export of all devices, which the node searches. For long lists.',
				},
				QUERY,
			],
			description: 'How to get the devices from Nexthink. Nexthink allows 50 exports a day.',
			forTool: { shown: { options: [QUERY] } },
		}),
		queryId: text({
			...QUERY_ID,
			description:
				'ID of the saved query, from Administration > NQL API queries in Nexthink. By query: one with a parameter. By export: one without parameters that lists all devices.',
			notices: [
				{
					name: 'queryNotice',
					shownFor: BY_QUERY,
					html: noticeToSave(QUERIES_TO_SAVE.query, 'look-up.md#by-query'),
				},
				{
					name: 'exportNotice',
					shownFor: BY_EXPORT,
					html: noticeToSave(QUERIES_TO_SAVE.export, 'look-up.md#by-export'),
				},
			],
		}),
		lookupField: fieldPath({
			displayName: 'Lookup Field',
			default: 'name',
			required: true,
			placeholder: 'e.g. name',
			forTool: { offered: 'never' },
			adviceOnExpression: FIX_THE_FIELD,
			description:
				'Name of the input field with the value to look up, such as the device name. Drag it from the input, or type a path such as row.name.',
		}),
		lookupValues: ofEachItem('json', {
			displayName: 'Names',
			default: '[]',
			required: true,
			placeholder: 'e.g. ["LAPTOP-0042"]',
			description: 'List of device names: ["LAPTOP-0042", "LAPTOP-0043"]',
			hint: 'The button on the right leaves this to the model. Describe it then, e.g. "List of device names".',
			forTool: { offered: 'only', leftToModel: true },
		}),
		parameterName: text({
			displayName: 'Parameter Name',
			default: 'device_name',
			required: true,
			placeholder: 'e.g. device_name',
			shownFor: BY_QUERY,
			...PARAMETER_NAME,
			description: 'Name of the parameter that the saved query declares, without its $',
		}),
		matchColumn: text({
			displayName: 'Match Column',
			default: 'device.name',
			required: true,
			placeholder: 'e.g. device.name',
			description:
				'Column of the result that must equal the value: the device name, a serial number, or the device UID',
			...COLUMN,
		}),
		uidColumn: text({
			displayName: 'UID Column',
			default: 'device.uid',
			required: true,
			placeholder: 'e.g. device.uid',
			hint: WHICH_UID,
			description: 'Column of the result with the device UID',
			...COLUMN,
		}),
		nameColumn: text({
			displayName: 'Name Column',
			default: 'device.name',
			required: true,
			placeholder: 'e.g. device.name',
			description: 'Column of the result with the device name',
			...COLUMN,
		}),
	},
	options: {
		checks: group({
			displayName: 'Checks',
			placeholder: 'Add check',
			rows: 'many',
			rowName: 'check',
			rowLabel: 'Check',
			forTool: {
				refused: 'As a tool of an AI Agent the node gets names alone, without a field to check',
			},
			description:
				'Columns of the result that must have the same value as a field of the input, such as a serial number. Case is ignored; empty values and placeholders such as Default string never match.',
			fields: {
				column: text({
					displayName: 'Column',
					default: '',
					placeholder: 'e.g. device.hardware.machine_serial_number',
					description: 'Name of the column in the result',
					...COLUMN,
				}),
				field: fieldPath({
					displayName: 'Field',
					default: '',
					placeholder: 'e.g. serial_number',
					adviceOnExpression: FIX_THE_FIELD,
					description: 'Name of the input field with the value that the column must have',
				}),
			},
		}),
		concurrency: { ...COMMON_OPTIONS.concurrency, shownFor: BY_QUERY },
		hostNameOnly: trueOrFalse({
			displayName: 'Host Name Only',
			default: false,
			description:
				'Whether to look up what comes before the first dot, such as pc1 for pc1.corp.example. A device with the same host name and any domain counts as a namesake: by query, that takes several requests for each name. Match Column must be Name Column.',
		}),
		includeInputFields: COMMON_OPTIONS.includeInputFields,
		lastSeen: group({
			displayName: 'Last Seen',
			placeholder: 'Add condition',
			rows: 'one',
			rowName: 'values',
			rowLabel: 'Last Seen',
			description: 'How long ago a device must have been last seen. Otherwise it is not FOUND.',
			fields: {
				column: text({
					displayName: 'Column',
					default: 'device.last_seen',
					placeholder: 'e.g. device.last_seen',
					description: 'Column of the result with the time when the device was last seen',
					...COLUMN,
				}),
				minDays: wholeNumber({
					displayName: 'Minimum Days Ago',
					default: 30,
					from: 0,
					to: 100_000,
					description: 'Minimum number of days since then',
				}),
			},
		}),
		maxRetries: wholeNumber(MAXIMUM_RETRIES),
		maxRetryWait: COMMON_OPTIONS.maxRetryWait,
		maxExportWait: { ...wholeNumber(MAXIMUM_EXPORT_WAIT), shownFor: BY_EXPORT },
		timeout: COMMON_OPTIONS.timeout,
	},
} satisfies Parameters;
