import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logger } from './log-capture.mts';
import { heedPauses } from './pauses.mts';

export type ExpressionEngine = 'vm' | 'quickjs' | 'legacy';

// Nodes `require` the CommonJS build of n8n-workflow. An `import` here would load its other build,
// whose error classes n8n-core and the nodes do not know.
const require = createRequire(import.meta.url);
const requireFromCore = createRequire(require.resolve('n8n-core'));
const requireFromWorkflow = createRequire(require.resolve('n8n-workflow'));

export interface Core {
	core: typeof import('n8n-core');
	workflow: typeof import('n8n-workflow');
	container: typeof import('@n8n/di').Container;
	expressionEngine: ExpressionEngine;
}

let loaded: Promise<Core> | undefined;

export async function loadCore(expressionEngine?: ExpressionEngine): Promise<Core> {
	loaded ??= load(expressionEngine ?? defaultExpressionEngine());
	const core = await loaded;
	if (expressionEngine !== undefined && expressionEngine !== core.expressionEngine) {
		throw new Error(`This process evaluates expressions with ${core.expressionEngine} already.`);
	}
	return core;
}

// `vm` is n8n's own default. Its isolated-vm has no prebuilt binary for Node 20; of the other two
// only `legacy` is fast enough for many runs (0.1 ms for an expression where `quickjs` takes 1.5
// ms, and no sandbox to build for every run).
function defaultExpressionEngine(): ExpressionEngine {
	try {
		createRequire(requireFromCore.resolve('@n8n/expression-runtime'))('isolated-vm');
		return 'vm';
	} catch {
		return 'legacy';
	}
}

async function load(expressionEngine: ExpressionEngine): Promise<Core> {
	const core = require('n8n-core') as Core['core'];
	const workflow = require('n8n-workflow') as Core['workflow'];
	const { Container: container } = requireFromCore('@n8n/di') as typeof import('@n8n/di');
	const { Logger } = requireFromCore('@n8n/backend-common') as typeof import('@n8n/backend-common');

	container.set(Logger, logger as unknown as InstanceType<typeof Logger>);
	workflow.LoggerProxy.init(logger);
	heedPauses(requireFromWorkflow('@n8n/utils/sleep') as Parameters<typeof heedPauses>[0]);
	// The real class writes a settings file into the user's n8n folder.
	container.set(core.InstanceSettings, {
		encryptionKey: 'a key of the test harness',
		hmacSignatureSecret: 'a secret of the test harness',
		instanceId: 'test-harness',
		instanceType: 'main',
		n8nFolder: path.join(tmpdir(), 'n8n-test-harness'),
	} as unknown as InstanceType<typeof core.InstanceSettings>);

	// The values of ExpressionEngineConfig in @n8n/config.
	await workflow.Expression.initExpressionEngine({
		engine: expressionEngine,
		poolSize: 1,
		maxCodeCacheSize: 1024,
		bridgeTimeout: 5000,
		bridgeMemoryLimit: 128,
	});
	return { core, workflow, container, expressionEngine };
}
