import { fileURLToPath } from 'node:url';
import { loadEngine } from '../engine/harness/engine.mts';
import { startTenant } from '../simulator/tenant.mts';
import { readCommandLine } from './command-line.mts';
import { makeDeviceList, ODD_DEVICES } from './device-list.mts';
import { MAIN_EXAMPLE, readExampleWorkflow } from './example-workflows.mts';
import { Progress } from './progress.mts';
import { introduce, showOthers, showRefusal, showRun, type Stage } from './scenes.mts';

const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url));
/** What the node's Maximum Devices is where nobody set it. */
const DEFAULT_GUARD = 1000;

const { devices, latency, all } = readCommandLine(process.argv);
console.log('Nexthink device deletions in n8n: the workflows of examples/ on a simulated tenant');

const progress = new Progress(process.stderr);
const tenant = await startTenant({
	devices: devices + ODD_DEVICES,
	latencyMilliseconds: latency,
	// The node would pause before it asks for the third time.
	settings: { exportStates: 0 },
	onEnded: (request) => progress.note(request),
});
try {
	const engine = await loadEngine({ packageFolder: PACKAGE_FOLDER });
	process.exitCode = (await play({ engine, tenant, progress, all })) ? 0 : 1;
} finally {
	await tenant.close();
}

/** Out: whether node and tenant agreed all the way. */
async function play(stage: Stage): Promise<boolean> {
	const list = makeDeviceList(tenant.inventory, devices);
	const example = readExampleWorkflow(MAIN_EXAMPLE);
	// The node would wait up to seven seconds for the device that the tenant always fails.
	const parameters = {
		options: { maxRetries: 1 },
		...(list.distinct > DEFAULT_GUARD && { maxDevices: list.distinct }),
	};
	introduce(stage, example, list, parameters);

	const dryRun = { live: false };
	const agreed = [
		await showRun(stage, '1. The list', example, list, parameters),
		await showRun(stage, '2. The same as a dry run', example, list, parameters, dryRun),
		await showRefusal(
			stage,
			'3. The same with the feature switched off',
			example,
			list,
			parameters,
		),
		await showOthers(stage, '4. The other workflows, each with the data pinned in it'),
	].every(Boolean);
	console.log(
		agreed
			? '\nThe node and the tenant agree about every device.'
			: '\nThe node and the tenant DISAGREE, or a workflow ended otherwise than it should: see above.',
	);
	return agreed;
}
