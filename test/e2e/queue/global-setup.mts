import type { TestProject } from 'vitest/node';
import setUp from '../harness/global-setup.mts';

export default async function setUpForQueue(project: TestProject): Promise<() => Promise<void>> {
	return await setUp(project, 'newest');
}
