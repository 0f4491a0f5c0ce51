import { linkTo } from '../documentation';

/** With what Checks and Last Seen need, and with both UIDs, to compare them. */
const LISTED =
	'| list device.uid, device.collector.uid, device.name, device.hardware.machine_serial_number, device.last_seen';

/** The queries to save in Nexthink, line by line: the panel shows them, and the page of lookups is made with them. */
export const QUERIES_TO_SAVE = {
	query: ['devices', '| where device.name == $device_name', LISTED],
	export: ['devices', LISTED],
} as const;

/**
 * A query to copy, line by line, as the editor shows it. n8n 2 keeps links and lists alone: a list without items is a line without a
 * bullet. n8n 1.123 leaves no room around lists, and keeps line breaks (measured).
 */
export function noticeToSave(query: readonly string[], page: string): string {
	const lines = query.map((line) => `<ul>${line}</ul>`).join('');
	return `Save in Nexthink under Administration > NQL API queries:<br><br>${lines}<br>No time range, no limit. ${linkTo(page, 'How to look up devices')}`;
}
