import type {
	ExecutionStatus,
	INodeExecutionData,
	IRun,
	IRunData,
	ITaskData,
	NodeExecutionHint,
} from 'n8n-workflow';
import { parse, stringify } from 'flatted';
import type { LogEntry } from './log-capture.mts';

/** An error after n8n has saved it and read it back. */
export interface SavedError {
	name?: string;
	message: string;
	description?: string | null;
	httpCode?: string | null;
	level?: string;
	messages?: string[];
	context?: Record<string, unknown>;
	failure?: Record<string, unknown>;
	node?: { name: string };
	[key: string]: unknown;
}

export class ExecutionResult {
	readonly status: ExecutionStatus;

	readonly error: SavedError | undefined;

	readonly runData: IRunData;

	constructor(
		readonly run: IRun,
		readonly logs: LogEntry[],
		private readonly savedAtCancel?: string,
	) {
		// After a cancel a node that throws turns the status of the run to `error`, but n8n has
		// saved `canceled` by then.
		this.status = savedAtCancel === undefined ? run.status : 'canceled';
		this.error = asSaved(run.data.resultData.error) as SavedError | undefined;
		this.runData = run.data.resultData.runData;
	}

	/**
	 * The text in the column `data` of n8n's table `execution_data`. Made anew at each call: it
	 * may be large.
	 */
	get saved(): string {
		return this.savedAtCancel ?? flatten(this.run.data);
	}

	get lastNodeExecuted(): string | undefined {
		return this.run.data.resultData.lastNodeExecuted;
	}

	/**
	 * Per output branch the items of the last run of a node; of a tool, what it gave to its
	 * agent.
	 */
	outputs(nodeName: string): INodeExecutionData[][] {
		const data = this.lastRun(nodeName)?.data;
		return (data?.main ?? data?.ai_tool ?? []).map((branch) => branch ?? []);
	}

	runs(nodeName: string): number {
		return this.runData[nodeName]?.length ?? 0;
	}

	hints(nodeName: string): NodeExecutionHint[] {
		return this.lastRun(nodeName)?.hints ?? [];
	}

	/** The error of a node that went on in spite of it, or that ended the execution. */
	nodeError(nodeName: string): SavedError | undefined {
		return asSaved(this.lastRun(nodeName)?.error) as SavedError | undefined;
	}

	private lastRun(nodeName: string): ITaskData | undefined {
		return this.runData[nodeName]?.at(-1);
	}
}

/** How n8n writes run data into its database: JSON with every object and text once. */
export const flatten = (value: unknown): string => stringify(value);

function asSaved(value: unknown): unknown {
	return value === undefined ? undefined : parse(flatten(value));
}
