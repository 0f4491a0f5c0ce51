import { Command, InvalidArgumentError } from 'commander';
import { generateInventory } from './inventory.mts';
import {
	ALL_DEVICES_QUERY,
	LOOK_UP_BY_SERIAL_NUMBER_QUERY,
	LOOK_UP_BY_UID_QUERY,
	LOOK_UP_QUERY,
} from './saved-queries.mts';
import { startTenant, type RequestRecord, type Tenant } from './tenant.mts';

interface CommandLine {
	readonly port: number;
	readonly devices: number;
	readonly clientId: string;
	readonly clientSecret?: string;
	readonly tokenLifetime: number;
	readonly latency: number;
	readonly cap: number;
	readonly exportSeconds: number;
	readonly extraDevices: number;
	readonly removalSeconds?: number;
	readonly collectorUid?: true;
	readonly featureOff?: true;
	readonly printDevices?: number;
}

const program = new Command('npm run simulator --')
	.description('A Nexthink tenant on this machine, to try the node on. It deletes nothing.')
	.option('--port <number>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber(0, 65_535), 8080)
	.option('--devices <number>', 'size of the inventory', wholeNumber(1, 1_000_000), 1000)
	.option('--client-id <text>', 'client id of the API credential', 'simulated-client')
	.option('--client-secret <text>', 'its secret; a new random one if not given')
	.option('--token-lifetime <seconds>', 'life of a token', wholeNumber(1, 86_400), 900)
	.option('--latency <milliseconds>', 'wait before an answer', wholeNumber(0, 600_000), 0)
	.option('--cap <number>', 'most devices in one request', wholeNumber(1, 100_000), 100)
	.option('--export-seconds <number>', 'how long an export takes', wholeNumber(0, 86_400), 0)
	.option(
		'--extra-devices <number>',
		'devices that exports find besides the inventory',
		wholeNumber(0, 10_000_000),
		0,
	)
	.option(
		'--removal-seconds <number>',
		'when queries no longer find a queued device; never if not given',
		wholeNumber(0, 86_400),
	)
	.option('--collector-uid', 'take device.collector.uid for the UID of a deletion')
	.option('--feature-off', 'answer 403 FEATURE_NOT_ENABLED to every deletion')
	.option(
		'--print-devices <number>',
		'print the first devices of the inventory as JSON, then end without starting',
		wholeNumber(1, 1_000_000),
	)
	.showHelpAfterError('(--help lists the options)')
	.action(run);

await program.parseAsync();

async function run(commandLine: CommandLine): Promise<void> {
	if (commandLine.printDevices !== undefined) {
		const inventory = generateInventory(commandLine.devices);
		console.log(JSON.stringify(inventory.slice(0, commandLine.printDevices), null, 2));
		return;
	}
	const tenant = await start(commandLine);
	console.log(introduction(tenant));
	process.once('SIGINT', () => void end(tenant));
	process.once('SIGTERM', () => void end(tenant));
}

async function start(commandLine: CommandLine): Promise<Tenant> {
	const { port, devices, clientId, clientSecret, tokenLifetime, latency } = commandLine;
	try {
		return await startTenant({
			port,
			devices,
			clientId,
			clientSecret,
			tokenLifetimeSeconds: tokenLifetime,
			latencyMilliseconds: latency,
			settings: {
				deploymentCap: commandLine.cap,
				featureEnabled: commandLine.featureOff !== true,
				deletionMeans: commandLine.collectorUid === true ? 'collectorUid' : 'uid',
				removalSeconds: commandLine.removalSeconds,
				exportSeconds: commandLine.exportSeconds,
				extraExportDevices: commandLine.extraDevices,
			},
			onEnded: (request) => console.log(requestLine(request)),
		});
	} catch (error) {
		return program.error(`error: ${startFailure(error, port)}`);
	}
}

async function end(tenant: Tenant): Promise<void> {
	await tenant.close();
	const distinct = tenant.ledger.uids().size;
	console.log(
		`\nEnded. Queued for deletion: ${tenant.ledger.size} (${distinct} distinct devices).`,
	);
}

function startFailure(error: unknown, port: number): string {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'EADDRINUSE') return `port ${port} is in use; choose another one with --port`;
	if (code === 'EACCES') return `port ${port} needs more rights; choose one above 1023 with --port`;
	return error instanceof Error ? error.message : String(error);
}

function introduction(tenant: Tenant): string {
	return `A simulated Nexthink tenant with ${tenant.inventory.length} devices runs at ${tenant.origin}

In n8n, make a credential of the type "Nexthink OAuth2 API":
  Region         Custom
  API Base URL   ${tenant.apiBaseUrl}
  Token URL      ${tenant.tokenUrl}
  Client ID      ${tenant.clientId}
  Client Secret  ${tenant.clientSecret}

Two of its devices, for a first try:
${JSON.stringify(tenant.inventory.slice(0, 2), null, 2)}

Four queries are saved for look-ups and exports:
  ${LOOK_UP_QUERY}  one device, by the parameter device_name
  ${LOOK_UP_BY_UID_QUERY}  the same by the parameter device_uid
  ${LOOK_UP_BY_SERIAL_NUMBER_QUERY}  the same by the parameter serial_number
  ${ALL_DEVICES_QUERY}  every device

Every request is shown below. Ctrl-C ends it.
`;
}

function requestLine(request: RequestRecord): string {
	const time = new Date(request.at).toISOString().slice(11, 23);
	const devices = request.devices === undefined ? '' : `  ${request.devices.length} devices`;
	const outcome = request.status ?? 'no answer';
	return `${time}  ${request.method} ${request.path}${devices}  ${outcome}  ${request.requestId}`;
}

function wholeNumber(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (/^\d+$/.test(text) && value >= least && value <= most) return value;
		throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
	};
}
