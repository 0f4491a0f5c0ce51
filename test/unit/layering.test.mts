import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { breachesOf } from './layers.mts';
import { SHIPPED_SOURCES, TOP } from './shipped-sources.mts';

describe('the shipped code', () => {
	it('is read by this test', () => {
		expect(SHIPPED_SOURCES).toEqual(
			expect.arrayContaining([
				'credentials/NexthinkOAuth2Api.credentials.ts',
				'nodes/Nexthink/Nexthink.node.ts',
				'nodes/Nexthink/api/send.ts',
				'nodes/Nexthink/deletion/run.ts',
				'nodes/Nexthink/operations/deleteDevices/operation.ts',
			]),
		);
	});

	it.each(SHIPPED_SOURCES)('keeps to the layering in %s', (path) => {
		expect(breachesOf(path, readFileSync(join(TOP, path), 'utf8'))).toEqual([]);
	});
});

const DELETION = 'nodes/Nexthink/deletion/made-up.ts';
const API = 'nodes/Nexthink/api/made-up.ts';
const OPERATION = 'nodes/Nexthink/operations/madeUp/operation.ts';
const LOOK_UP = 'nodes/Nexthink/lookUp/made-up.ts';
const EXPORT = 'nodes/Nexthink/queryExport/made-up.ts';
const REQUESTS = 'nodes/Nexthink/requests/made-up.ts';
const NODE = 'nodes/Nexthink/MadeUp.node.ts';
const CREDENTIAL = 'credentials/MadeUp.credentials.ts';

const MODULES_OF_DELETION = 'deletion may use lodash, crypto, luxon and p-limit only';
const ANY_MODULE = 'may use n8n-workflow, zod, lodash, crypto, luxon and p-limit only';

describe('the layering', () => {
	it.each([
		"import { send } from '../api/send';",
		"import send from '../api/send';",
		"import '../api/send';",
		"import * as api from '../api/send';",
		"import { type A, send } from '../api/send';",
		"import send, { type A } from '../api/send';",
		"import {} from '../api/send';",
		"export { send } from '../api/send';",
		"export * from '../api/send';",
		"export * as api from '../api/send';",
		"import api = require('../api/send');",
		"const api = require('../api/send');",
		"const load = async () => await import('../api/send');",
	])('takes %s in deletion for code of api', (source) => {
		expect(breachesOf(DELETION, source)).toEqual([
			`${DELETION} imports '../api/send': deletion may use types of api only.`,
		]);
	});

	it.each<[file: string, source: string, module: string, why: string]>([
		[
			DELETION,
			"import type { A } from '../operations/x/items';",
			'../operations/x/items',
			'deletion may not use operations',
		],
		[DELETION, "import type { INode } from 'n8n-workflow';", 'n8n-workflow', MODULES_OF_DELETION],
		[DELETION, "type A = import('n8n-workflow').INode;", 'n8n-workflow', MODULES_OF_DELETION],
		[DELETION, "import { z } from 'zod';", 'zod', MODULES_OF_DELETION],
		[
			LOOK_UP,
			"import type { Device } from '../deletion/plan';",
			'../deletion/plan',
			'look-ups may not use deletion',
		],
		[
			EXPORT,
			"import { send } from '../api/send';",
			'../api/send',
			'exports may use types of api only',
		],
		[
			REQUESTS,
			"import type { Batch } from '../deletion/batchQueue';",
			'../deletion/batchQueue',
			'requests may not use deletion',
		],
		[
			REQUESTS,
			"import { ERROR_CODES } from '../api/errorCodes';",
			'../api/errorCodes',
			'requests may use types of api only',
		],
		[
			API,
			"import type { Device } from '../deletion/plan';",
			'../deletion/plan',
			'api may not use deletion',
		],
		[
			API,
			"import { items } from '../operations/x/items';",
			'../operations/x/items',
			'api may not use operations',
		],
		[
			API,
			"import { Nexthink } from '../Nexthink.node';",
			'../Nexthink.node',
			'api may not use the node',
		],
		[API, "import axios from 'axios';", 'axios', `api ${ANY_MODULE}`],
		[API, "import { request } from 'node:https';", 'node:https', `api ${ANY_MODULE}`],
		[API, "import { Credentials } from 'n8n-core';", 'n8n-core', `api ${ANY_MODULE}`],
		[API, 'require(`${name}`);', 'a module that only a run would tell', `api ${ANY_MODULE}`],
		[
			OPERATION,
			"import { Nexthink } from '../../Nexthink.node';",
			'../../Nexthink.node',
			'operations may not use the node',
		],
		[
			OPERATION,
			"import { version } from '../../../../package.json';",
			'../../../../package.json',
			'it is not part of what is shipped',
		],
		[
			OPERATION,
			"import { startTenant } from '../../../../test/simulator/tenant';",
			'../../../../test/simulator/tenant',
			'it is not part of what is shipped',
		],
		[OPERATION, "import { readFile } from 'fs';", 'fs', `operations ${ANY_MODULE}`],
		[
			NODE,
			"import { runDeletion } from './deletion/run';",
			'./deletion/run',
			'the node may not use deletion',
		],
		[
			CREDENTIAL,
			"import { runDeletion } from '../nodes/Nexthink/deletion/run';",
			'../nodes/Nexthink/deletion/run',
			'credentials may not use deletion',
		],
		[
			CREDENTIAL,
			"import { Nexthink } from '../nodes/Nexthink/Nexthink.node';",
			'../nodes/Nexthink/Nexthink.node',
			'credentials may not use the node',
		],
		[CREDENTIAL, "import { z } from 'zod';", 'zod', 'credentials may use n8n-workflow only'],
	])('is left by %s with %s', (file, source, module, why) => {
		expect(breachesOf(file, source)).toEqual([`${file} imports '${module}': ${why}.`]);
	});

	it.each([
		[DELETION, "import type { Failure } from '../api/failure';"],
		[DELETION, "import { type Failure } from '../api/failure';"],
		[DELETION, "export type { Failure } from '../api/failure';"],
		[DELETION, "type A = import('../api/failure').Failure;"],
		[DELETION, "import { weighEvidence } from './evidence';"],
		[DELETION, "import { createHash } from 'crypto';"],
		[DELETION, "import { RequestRun } from '../requests/requestRun';"],
		[LOOK_UP, "import { askEach } from '../requests/askEach';"],
		[EXPORT, "import { askEach } from '../requests/askEach';"],
		[REQUESTS, "import type { Failure } from '../api/failure';"],
		[API, "import { z } from 'zod';"],
		[API, "import type { IExecuteFunctions } from 'n8n-workflow';"],
		[API, "import { plainText } from './plainText';"],
		[OPERATION, "import { runDeletion } from '../../deletion/run';"],
		[OPERATION, "import { send } from '../../api/send';"],
		[OPERATION, "import { items } from './items';"],
		[NODE, "import { deleteDevices } from './operations/deleteDevices/operation';"],
		[NODE, "import { CREDENTIAL_TYPE } from './api/send';"],
		[CREDENTIAL, "import { hostsOf } from '../nodes/Nexthink/api/hosts';"],
		[CREDENTIAL, "const text = \"import '../nodes/Nexthink/deletion/run'\"; // import 'fs'"],
	])('is kept by %s with %s', (file, source) => {
		expect(breachesOf(file, source)).toEqual([]);
	});

	it('has a sentence for each of several breaches', () => {
		const source = "import 'fs';\nimport { z } from 'zod';\nimport '../deletion/run';";
		expect(breachesOf(API, source)).toEqual([
			`${API} imports 'fs': api ${ANY_MODULE}.`,
			`${API} imports '../deletion/run': api may not use deletion.`,
		]);
	});

	it('has a place for every file', () => {
		const file = 'nodes/Nexthink/utils/made-up.ts';
		expect(breachesOf(file, '')).toEqual([`${file} is in no folder of the layering.`]);
	});
});
