import { COMMON_OPTIONS, MAXIMUM_RETRIES, QUERY_ID } from '../commonParameters';
import { PARAMETER_NAME } from '../queryParameters';
import {
	fieldPath,
	group,
	ofEachItem,
	text,
	wholeNumber,
	type Parameters,
} from '../settings/parameter';

const COLUMN = {
	pattern: /\S/,
	mustBe: 'the name of a column, such as device.name',
};

const FIX_THE_FIELD =
	'This parameter needs the name of a field: switch it to Fixed and drag the field in.';

/** Device > Look Up. A model may set the names to look up and nothing else. */
export const lookUpParameters = {
	top: {
		queryId: text({
			...QUERY_ID,
			description:
				'ID of a saved query that finds a device by its name, from Administration > NQL API queries in Nexthink',
		}),
		lookupField: fieldPath({
			displayName: 'Lookup Field',
			default: 'name',
			required: true,
			placeholder: 'e.g. name',
			forTool: { offered: 'never' },
			adviceOnExpression: FIX_THE_FIELD,
			description:
				'Name of the input field with the device name. Drag it from the input, or type a path such as row.name.',
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
			...PARAMETER_NAME,
			description: 'Name of the parameter that the saved query declares, without its $',
		}),
		uidColumn: text({
			displayName: 'UID Column',
			default: 'device.uid',
			required: true,
			placeholder: 'e.g. device.uid',
			hint: 'Normally device.uid, not device.collector.uid. Prove it on one device.',
			description: 'Column of the result with the device UID',
			...COLUMN,
		}),
		nameColumn: text({
			displayName: 'Name Column',
			default: 'device.name',
			required: true,
			placeholder: 'e.g. device.name',
			description: 'Column of the result with the device name. It must equal the name looked up.',
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
				refused: 'As a tool of an AI Agent the node gets names alone, and no field to check',
			},
			description:
				'Columns of the result that must have the same value as a field of the input, such as a serial number. Case is ignored; an empty value is never the same.',
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
		concurrency: COMMON_OPTIONS.concurrency,
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
		timeout: COMMON_OPTIONS.timeout,
	},
} satisfies Parameters;
