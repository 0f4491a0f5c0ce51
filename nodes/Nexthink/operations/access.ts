import type { IExecuteFunctions } from 'n8n-workflow';

import { hostsOf, type Hosts } from '../api/hosts';
import { CREDENTIAL_TYPE } from '../api/send';
import { Refusal } from './settings/refusal';

/** What the credential says of the way to Nexthink. */
export interface Access {
	hosts: Hosts;
}

/** Throws where the credential cannot be used, and as n8n does where there is none. */
export async function readAccess(context: IExecuteFunctions): Promise<Access> {
	const credential = await context.getCredentials(CREDENTIAL_TYPE);
	const hosts = hostsOf(credential);
	if ('refused' in hosts) {
		throw new Refusal(`The credential cannot be used: ${hosts.refused}`);
	}
	return { hosts };
}
